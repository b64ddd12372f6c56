package app

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// peerRun runs a program that shares no code with this one. What it is to read
// is in, what it says is out.
func peerRun(tb testing.TB, in, dir, program string, args ...string) (out string, err error) {
	tb.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			tb.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
		}
		tb.Skipf("%s is not installed here, and is the other side of this test", program)
	}
	cmd := exec.CommandContext(tb.Context(), path, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(in)
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err = cmd.Run()
	return b.String(), err
}

// curl asks for a URL and returns the status, 0 if there was none, and what
// else it says.
func curl(tb testing.TB, args ...string) (status int, said string) {
	tb.Helper()
	out, err := peerRun(tb, "", "", "curl", append([]string{"-sS", "--max-time", "20", "-o", "/dev/null", "-w", "\nstatus=%{http_code}"}, args...)...)
	said, code, _ := strings.Cut(out, "\nstatus=")
	status, _ = strconv.Atoi(strings.TrimLeft(code, "0"))
	if err != nil {
		status = 0
	}
	return status, said
}

// emptyPost is what a phone that has nothing to say sends; it is
// challenged: some agents open with it.
func emptyPost(addr net.Addr) []string {
	return []string{"-X", "POST", "https://" + addr.String() + "/acs"}
}

// A pki is an authority of openssl's making, in a directory.
type pki struct {
	tb  testing.TB
	dir string
}

func newPKI(tb testing.TB) *pki {
	tb.Helper()
	p := &pki{tb, tb.TempDir()}
	p.run("req", "-x509", "-nodes", "-days", "10", "-subj", "/CN=Test CA", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
		"-keyout", "ca.key", "-out", "ca.crt")
	return p
}

func (p *pki) run(args ...string) string {
	p.tb.Helper()
	out, err := peerRun(p.tb, "", p.dir, "openssl", args...)
	if err != nil {
		p.tb.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (p *pki) file(name string) string { return filepath.Join(p.dir, name) }

// issue makes name.crt and name.key, good for 127.0.0.1, with a key of a kind.
func (p *pki) issue(name string, kind ...string) (cert, key string) {
	p.tb.Helper()
	if len(kind) == 0 {
		kind = []string{"ec", "-pkeyopt", "ec_paramgen_curve:P-256"}
	}
	p.run(append([]string{"req", "-nodes", "-subj", "/CN=" + name, "-keyout", name + ".key", "-out", name + ".csr", "-newkey"}, kind...)...)
	if err := os.WriteFile(p.file("ext"), []byte("subjectAltName=IP:127.0.0.1\n"), 0o600); err != nil {
		p.tb.Fatal(err)
	}
	p.run("x509", "-req", "-in", name+".csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "5", "-extfile", "ext", "-out", name+".crt")
	return p.file(name + ".crt"), p.file(name + ".key")
}

// copyFile puts one file in the place of another, as an operator does.
func copyFile(tb testing.TB, from, to string) {
	tb.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		tb.Fatal(err)
	}
	at := time.Now().Add(time.Hour) // another time of change, however coarse the clock of the file system
	if err := os.Chtimes(to, at, at); err != nil {
		tb.Fatal(err)
	}
}
