package certs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// openssl runs the program of that name in a directory and returns what it says.
func openssl(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			t.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
		}
		t.Skip("openssl is not installed here, and makes the certificates of this test")
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// makePair has openssl make a certificate for a name, signed by itself, and its
// key, as dir/name.crt and dir/name.key. It holds for ten days.
func makePair(t *testing.T, dir, name string, kind ...string) (cert, key string) {
	t.Helper()
	if len(kind) == 0 {
		kind = []string{"ec", "-pkeyopt", "ec_paramgen_curve:P-256"}
	}
	args := append([]string{"req", "-x509", "-nodes", "-days", "10", "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name,
		"-keyout", name + ".key", "-out", name + ".crt", "-newkey"}, kind...)
	if out, err := openssl(t, dir, args...); err != nil {
		t.Fatalf("openssl req: %v\n%s", err, out)
	}
	return filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")
}

// put copies a file over another, with a time of change of its own: what the
// clock of a file system tells apart is not for this test to find out.
var puts int

func put(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
	puts++
	at := time.Now().Add(time.Duration(puts) * time.Minute)
	if err := os.Chtimes(to, at, at); err != nil {
		t.Fatal(err)
	}
}

// wantAll wants an error that says all of it.
func wantAll(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one that says %q", parts)
	}
	for _, s := range parts {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not say %q", err, s)
		}
	}
}
