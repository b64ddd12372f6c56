package rehearsal

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"phoneacs/admin/client"
)

// hurry is how phones live where time is real.
var hurry = tempo{
	enrol: time.Minute, often: 40 * time.Second, seldom: 5 * time.Minute, boot: 5 * time.Second,
	shortest: 500 * time.Millisecond, pause: time.Minute, deadline: time.Minute, backoff: 5 * time.Second,
}

// TestSockets rehearses on real sockets with the program itself, for 10 minutes:
// 2,000 phones, of which each branch has an address of its own within loopback.
// Windows open on whole minutes, so it begins with the minute that it is in.
func TestSockets(t *testing.T) {
	if os.Getenv(asked) == "" {
		t.Skipf("takes ten minutes: make rehearsal, or %s=1 go test ./e2e/rehearsal -run %s", asked, t.Name())
	}
	dir := t.TempDir()
	f := begin()
	p, err := newPlan(2000, 1, time.Now().Truncate(time.Minute), 11*time.Minute, hurry, func(site, host int) netip.Addr {
		return netip.AddrFrom4([4]byte{127, 0, byte(site + 1), byte(host)})
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := serve(t, filepath.Join(dir, "data"))
	api, err := client.New(client.Options{Server: srv.admin, Token: adminToken})
	if err != nil {
		t.Fatal(err)
	}
	f.result = p.rehearse(t, scene{api, srv.acs, func(b *branch) ways {
		w := ways{
			dial:   (&net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(b.host, 0))}).DialContext,
			listen: new(net.ListenConfig).Listen,
		}
		if b.reach == dark { // no network of ours swallows what is sent
			w.listen = deaf(w.listen)
		}
		return w
	}}, func(p *plan, works []*work) {
		for _, place := range p.places {
			weekly, day := around(p.begins.Add(3*time.Minute), 3*time.Minute, place.location)
			weekly.days = []time.Weekday{day}
			flexible, _ := around(p.begins.Add(6*time.Minute), 3*time.Minute, place.location)
			flexible.interval = 1
			works[0].recurs, works[1].recurs = append(works[0].recurs, weekly), append(works[1].recurs, flexible)
		}
	})
	f.peak(t, srv.cmd.Process.Pid)
	srv.stop(t)
	f.end(t, filepath.Join(dir, "data"))
	t.Logf("failures: %v\n%s", f.phones.Failures, f)
	f.write(t, "sockets")
}

// A server is the program, running.
type server struct {
	cmd        *exec.Cmd
	acs, admin string // URLs
	out        *output
	ended      bool
}

var (
	adminAt  = regexp.MustCompile(`(?m)^Admin API: +(http://[^/]+)/api/v1`)
	phonesAt = regexp.MustCompile(`(?m)^Enter in a phone, .*: (http://\S+/acs)`)
)

// serve builds the program and starts it on free ports.
func serve(t *testing.T, dir string) *server {
	program := filepath.Join(t.TempDir(), "phoneacs")
	if out, err := exec.Command("go", "build", "-o", program, "phoneacs/cmd/phoneacs").CombinedOutput(); err != nil {
		t.Fatalf("build the server: %v\n%s", err, out)
	}
	s := &server{out: &output{more: make(chan struct{}, 1)}}
	s.cmd = exec.Command(program, "serve", "--data", dir, "--cwmp", "127.0.0.1:0", "--admin", "127.0.0.1:0",
		"--phone-networks", "127.0.0.0/8", "--log-level", "warn")
	s.cmd.Env = append(os.Environ(), "PHONEACS_ADMIN_TOKEN="+adminToken)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start the server: %v", err)
	}
	t.Cleanup(func() {
		if !s.ended {
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait()
		}
		if t.Failed() {
			said := s.out.text()
			t.Logf("the server said:\n%s", said[max(0, len(said)-4000):])
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		said := s.out.text()
		admin, phones := adminAt.FindStringSubmatch(said), phonesAt.FindStringSubmatch(said)
		if admin != nil && phones != nil {
			s.admin, s.acs = admin[1], phones[1]
			return s
		}
		select {
		case <-s.out.more:
		case <-ctx.Done():
			t.Fatal("the server does not say where it is")
		}
	}
}

// stop has the server end in order.
func (s *server) stop(t *testing.T) {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.ended = true
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("the server's end: %v", err)
	}
}

// output keeps what a program says.
type output struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more chan struct{} // holds one where there is more
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.more <- struct{}{}:
	default:
	}
	return o.b.Write(b)
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
