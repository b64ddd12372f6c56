package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"phoneacs/e2e/bench/floor"
)

// floorCommand makes this program the floor server: bench floor ADDRESS.
const floorCommand = "floor"

// A lab is where measuring happens: a directory, the programs, and the fleets
// that were made so far.
type lab struct {
	cfg    config
	dir    string // everything below is removed at the end
	server string // the server's program
	self   string // this program, for the floor
	token  string // of the admin side
	fleets map[fleet]string
	stderr io.Writer
	begun  time.Time
	given  map[int]bool // ports
	count  int          // of children and data directories, for their names
}

// newLab makes the directory and, unless it was given, the server.
func newLab(ctx context.Context, cfg config, stderr io.Writer) (*lab, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own program: %w", err)
	}
	dir, err := os.MkdirTemp(cfg.work, "phoneacs-bench-")
	if err != nil {
		return nil, fmt.Errorf("make work directory: %w", err)
	}
	l := &lab{
		cfg: cfg, dir: dir, server: cfg.server, self: self, token: rand.Text(),
		fleets: make(map[fleet]string), given: make(map[int]bool), stderr: stderr, begun: time.Now(),
	}
	if l.server == "" {
		l.say("building the server")
		l.server = filepath.Join(dir, "phoneacs")
		out, err := exec.CommandContext(ctx, "go", "build", "-o", l.server, "./cmd/phoneacs").CombinedOutput()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("build server: %w\n%s", err, out), l.close())
		}
	}
	return l, nil
}

// close removes all that was written.
func (l *lab) close() error {
	if err := os.RemoveAll(l.dir); err != nil {
		return fmt.Errorf("remove work directory: %w", err)
	}
	return nil
}

// say tells the person waiting what goes on.
func (l *lab) say(format string, args ...any) {
	fmt.Fprintf(l.stderr, "%6.1fs  %s\n", time.Since(l.begun).Seconds(), fmt.Sprintf(format, args...))
}

// name returns a name that no child or directory had before.
func (l *lab) name(kind string) string {
	l.count++
	return fmt.Sprintf("%s-%d", kind, l.count)
}

// A served is a running server: ours or the floor.
type served struct {
	*child
	addr  netip.AddrPort
	path  string
	admin *admin        // nil for the floor
	took  time.Duration // until it was ready; 0 for the floor
}

// serve starts our server on a data directory, which it may be the first to
// use, and waits until it is ready.
func (l *lab) serve(ctx context.Context, data string) (*served, error) {
	cwmp, err := l.freePort(ctx)
	if err != nil {
		return nil, err
	}
	side, err := l.freePort(ctx)
	if err != nil {
		return nil, err
	}
	// The surroundings must not change what is measured.
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PHONEACS_") })
	env = append(env, "PHONEACS_ADMIN_TOKEN="+l.token)
	start := time.Now()
	c, err := startChild(ctx, l.name("server"), l.dir, env, l.server, "serve",
		"--data", data, "--cwmp", cwmp.String(), "--admin", side.String(),
		"--public-url", "http://"+cwmp.String(), "--enrol", "open",
		"--inform-pace", "0s", "--wake-gap", "0s")
	if err != nil {
		return nil, err
	}
	s := &served{child: c, addr: cwmp, path: "/acs", admin: &admin{base: "http://" + side.String(), token: l.token}}
	if err := c.ready(ctx, s.admin.ready); err != nil {
		c.stop()
		return nil, err
	}
	s.took = time.Since(start)
	return s, nil
}

// floor starts the floor server and waits until it is ready.
func (l *lab) floor(ctx context.Context) (*served, error) {
	addr, err := l.freePort(ctx)
	if err != nil {
		return nil, err
	}
	c, err := startChild(ctx, l.name("floor"), l.dir, os.Environ(), l.self, floorCommand, addr.String())
	if err != nil {
		return nil, err
	}
	if err := c.ready(ctx, func(ctx context.Context) error { return dial(ctx, addr) }); err != nil {
		c.stop()
		return nil, err
	}
	return &served{child: c, addr: addr, path: "/"}, nil
}

// serveFloor is the child's side of floor.
func serveFloor(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("floor wants one argument, the address to listen on")
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", args[0])
	if err != nil {
		return fmt.Errorf("serve the floor: %w", err)
	}
	return floor.Serve(ctx, ln)
}

// Ports of the servers: below those that systems give to outgoing connections,
// of which a fleet opens thousands, and beside those that e2e takes.
const firstPort, lastPort = 10_000, 14_999

// freePort returns a loopback address on which nobody listens just now, and
// that was not given out before: who asked first may not listen on it yet.
func (l *lab) freePort(ctx context.Context) (netip.AddrPort, error) {
	var lc net.ListenConfig
	var last error
	for range 100 {
		port := firstPort + mathrand.IntN(lastPort-firstPort+1)
		if l.given[port] {
			continue
		}
		l.given[port] = true
		addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
		ln, err := lc.Listen(ctx, "tcp4", addr.String())
		if err != nil {
			last = err
			continue
		}
		ln.Close()
		return addr, nil
	}
	return netip.AddrPort{}, fmt.Errorf("find a free port from %d to %d: %w", firstPort, lastPort, last)
}

func dial(ctx context.Context, addr netip.AddrPort) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp4", addr.String())
	if err != nil {
		return err
	}
	return conn.Close()
}
