package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Addresses of a network with a NAT in it: servers in one network namespace,
// the NAT in the next, phones in a third, from which nothing leads back.
const (
	natServer  = "10.91.0.1"
	natPublic  = "10.91.0.2"  // what phones look like from the server
	natOther   = "10.91.0.66" // somebody else there
	natGateway = "192.168.91.1"
	natPhone   = "192.168.91.20"
)

// A natNet is such a network.
type natNet struct {
	tb                  testing.TB
	server, nat, phones string // names of namespaces
}

var natNets atomic.Int32

// newNAT makes a network, for as long as the test. It is the one place that
// decides whether that can be asked for: ip and nft must be there and the tests
// run as root, as for other peers; where the kernel does not let even root make
// a namespace or a NAT, the test is skipped, as nothing that is missing could
// be installed.
func newNAT(tb testing.TB) *natNet {
	tb.Helper()
	needPrograms(tb, "ip", "nft")
	if os.Geteuid() != 0 {
		missing(tb, "root, to make network namespaces")
	}
	prefix := fmt.Sprintf("phoneacs-%d-%d-", os.Getpid(), natNets.Add(1))
	n := &natNet{tb: tb, server: prefix + "s", nat: prefix + "n", phones: prefix + "p"}
	tb.Cleanup(func() {
		for _, ns := range []string{n.server, n.nat, n.phones} {
			_ = exec.Command("ip", "netns", "del", ns).Run()
		}
	})
	for _, line := range []string{
		"ip netns add " + n.server, "ip netns add " + n.nat, "ip netns add " + n.phones,
		"ip -n " + n.nat + " link add public type veth peer name eth netns " + n.server,
		"ip -n " + n.nat + " link add inside type veth peer name eth netns " + n.phones,
		"ip -n " + n.server + " addr add " + natServer + "/24 dev eth",
		"ip -n " + n.nat + " addr add " + natPublic + "/24 dev public",
		"ip -n " + n.nat + " addr add " + natOther + "/24 dev public",
		"ip -n " + n.nat + " addr add " + natGateway + "/24 dev inside",
		"ip -n " + n.phones + " addr add " + natPhone + "/24 dev eth",
		"ip -n " + n.server + " link set lo up", "ip -n " + n.server + " link set eth up",
		"ip -n " + n.nat + " link set lo up", "ip -n " + n.nat + " link set public up", "ip -n " + n.nat + " link set inside up",
		"ip -n " + n.phones + " link set lo up", "ip -n " + n.phones + " link set eth up",
		"ip -n " + n.phones + " route add default via " + natGateway,
		"ip netns exec " + n.nat + " sysctl -qw net.ipv4.ip_forward=1",
	} {
		n.may(line, "")
	}
	n.translate("20000-29999")
	return n
}

// forbidden are words of a kernel that lets even root do no such thing.
var forbidden = []string{"Operation not permitted", "Permission denied", "Operation not supported", "Protocol not supported", "Unknown device type"}

// may runs a command that the kernel may forbid. Any other failure fails the test.
func (n *natNet) may(line, in string) {
	n.tb.Helper()
	words := strings.Fields(line)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdin = strings.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		for _, words := range forbidden {
			if strings.Contains(string(out), words) {
				n.tb.Skipf("the kernel lets nobody make a NAT here: %s: %s", line, out)
			}
		}
		n.tb.Fatalf("%s: %v: %s", line, err, out)
	}
}

// translate has the NAT give bindings ports of a range, and forget all that it
// has given: its interface goes down and comes up again, as when a router
// restarts. From outside nothing gets in but by a binding.
func (n *natNet) translate(ports string) {
	n.tb.Helper()
	n.may("ip netns exec "+n.nat+" nft -f -", `
table ip nat
delete table ip nat
table ip nat {
	chain out {
		type nat hook postrouting priority srcnat;
		oifname "public" meta l4proto { tcp, udp } masquerade to :`+ports+`
	}
	chain through {
		type filter hook forward priority filter; policy drop;
		iifname "inside" accept
		iifname "public" ct state established accept
	}
}
`)
	n.may("ip -n "+n.nat+" link set public down", "")
	n.may("ip -n "+n.nat+" link set public up", "")
}

// in is a command line by which a program runs in a namespace.
func in(namespace string, line ...string) []string {
	return append([]string{"ip", "netns", "exec", namespace}, line...)
}

// reach lets the test reach the admin API of a server that is in its namespace:
// what comes to its address here goes there.
func (n *natNet) reach(s *server) {
	n.tb.Helper()
	socket := filepath.Join(n.tb.TempDir(), "relay")
	n.helper(n.server, "relay", socket, s.admin).ready()
	l, err := net.Listen("tcp", s.admin)
	if err != nil {
		n.tb.Fatal(err)
	}
	n.tb.Cleanup(func() { l.Close() })
	go pipeAll(l, "unix", socket)
}

// helperVariable has the test's own program do something else, in a namespace:
// a thread of a Go program cannot be told to be in another for good.
const helperVariable = "PHONEACS_E2E_HELPER"

// A helper is such a process. It ends with its standard input.
type helper struct {
	tb    testing.TB
	in    io.WriteCloser
	out   *bufio.Reader
	ended chan struct{}
}

func (n *natNet) helper(namespace string, args ...string) *helper {
	n.tb.Helper()
	self, err := os.Executable()
	if err != nil {
		n.tb.Fatal(err)
	}
	line := in(namespace, self)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(), helperVariable+"="+strings.Join(args, " "))
	cmd.Stderr = os.Stderr
	h := &helper{tb: n.tb, ended: make(chan struct{})}
	h.in, err = cmd.StdinPipe()
	if err != nil {
		n.tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		n.tb.Fatal(err)
	}
	h.out = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		n.tb.Fatal(err)
	}
	n.tb.Cleanup(func() { h.in.Close(); _ = cmd.Wait() })
	return h
}

// ready waits until the helper says so.
func (h *helper) ready() {
	h.tb.Helper()
	if line, err := h.out.ReadString('\n'); err != nil || line != "ready\n" {
		h.tb.Fatalf("a helper says %q: %v", line, err)
	}
}

// says waits for the next line of the helper.
func (h *helper) says() string {
	h.tb.Helper()
	line, err := h.out.ReadString('\n')
	if err != nil {
		h.tb.Fatalf("a helper says %q: %v", line, err)
	}
	return line
}

// end ends the helper and returns what it has said.
func (h *helper) end() string {
	h.tb.Helper()
	h.in.Close()
	all, err := io.ReadAll(h.out)
	if err != nil {
		h.tb.Fatal(err)
	}
	return string(all)
}

// help is what a helper does.
func help(words []string) error {
	switch words[0] {
	case "relay": // from a socket in the file system to an address in here
		l, err := net.Listen("unix", words[1])
		if err != nil {
			return err
		}
		fmt.Println("ready")
		go pipeAll(l, "tcp", words[2])
	case "forge": // see forge
		conn, err := net.ListenPacket("udp", words[1])
		if err != nil {
			return err
		}
		to, err := netip.ParseAddrPort(words[2])
		if err != nil {
			return err
		}
		fmt.Println("ready")
		go forge(conn, net.UDPAddrFromAddrPort(to), words[3:])
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// forge asks for bindings in the name of phones, over and over, with a password
// that is not theirs and with none, and tells what comes back.
func forge(conn net.PacketConn, to net.Addr, packets []string) {
	for _, p := range packets {
		var b []byte
		if _, err := fmt.Sscanf(p, "%x", &b); err == nil {
			_, _ = conn.WriteTo(b, to)
		}
	}
	buf := make([]byte, 2048)
	for {
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		fmt.Printf("%q\n", buf[:n])
	}
}

// pipeAll connects what comes to a listener with an address.
func pipeAll(l net.Listener, network, addr string) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			d, err := net.DialTimeout(network, addr, 10*time.Second)
			if err != nil {
				return
			}
			defer d.Close()
			var both sync.WaitGroup
			for _, p := range [][2]net.Conn{{c, d}, {d, c}} {
				both.Go(func() {
					_, _ = io.Copy(p[0], p[1])
					if w, ok := p[0].(interface{ CloseWrite() error }); ok {
						_ = w.CloseWrite()
					}
				})
			}
			both.Wait()
		}()
	}
}
