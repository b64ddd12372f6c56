package certs

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var testNames = []string{"acs.example.com", "192.0.2.7", "2001:db8::7"}

func openAuthority(t *testing.T, dir string, now time.Time, names ...string) *Authority {
	t.Helper()
	if len(names) == 0 {
		names = testNames
	}
	a, err := OpenAuthority(dir, names, now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// leafOf reads the server's certificate and holds it against the authority.
func leafOf(t *testing.T, a *Authority, now time.Time) *x509.Certificate {
	t.Helper()
	pair, err := loadPair(a.ServerFile(), a.ServerFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now}); err != nil {
		t.Fatalf("server certificate: %v", err)
	}
	return pair.Leaf
}

func TestAuthority(t *testing.T) {
	dir, now := filepath.Join(t.TempDir(), "tls"), time.Now()
	a := openAuthority(t, dir, now)
	for name, mode := range map[string]os.FileMode{"": 0o700 | fs.ModeDir, caCertFile: 0o644, caKeyFile: 0o600, serverFile: 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v; want mode %v", name, info.Mode(), err, mode)
		}
	}
	leaf := leafOf(t, a, now)
	for _, name := range testNames {
		if err := leaf.VerifyHostname(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if leaf.VerifyHostname("other.example.com") == nil || leaf.IsCA {
		t.Error("the certificate is for more than was asked")
	}

	again := openAuthority(t, dir, now, testNames[1])
	if !bytes.Equal(again.PEM(), a.PEM()) || leafOf(t, again, now).SerialNumber.Cmp(leaf.SerialNumber) != 0 {
		t.Error("what is good was made anew")
	}
	more := openAuthority(t, dir, now, append(testNames, "new.example.com")...)
	if !bytes.Equal(more.PEM(), a.PEM()) {
		t.Error("a new name made a new authority")
	}
	if err := leafOf(t, more, now).VerifyHostname("new.example.com"); err != nil {
		t.Error(err)
	}
	if other := openAuthority(t, t.TempDir(), now); other.cert.Subject.CommonName == a.cert.Subject.CommonName {
		t.Error("two authorities have one name")
	}
}

// TestAuthorityByOpenSSL has another program judge what was made.
func TestAuthorityByOpenSSL(t *testing.T) {
	dir := t.TempDir()
	openAuthority(t, dir, time.Now())
	for _, arg := range [][]string{{"-verify_hostname", "acs.example.com"}, {"-verify_ip", "192.0.2.7"}, {"-verify_ip", "2001:db8::7"}} {
		args := append([]string{"verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", caCertFile}, arg...)
		if out, err := openssl(t, dir, append(args, serverFile)...); err != nil {
			t.Errorf("%v: %v\n%s", arg, err, out)
		}
	}
	if out, err := openssl(t, dir, "verify", "-CAfile", caCertFile, "-verify_hostname", "evil.example.com", serverFile); err == nil {
		t.Errorf("another name is taken: %s", out)
	}
	out, err := openssl(t, dir, "x509", "-noout", "-text", "-in", caCertFile)
	if err != nil || !strings.Contains(out, "CA:TRUE, pathlen:0") || !strings.Contains(out, "prime256v1") {
		t.Errorf("authority: %v\n%s", err, out)
	}
}

// TestRenew: a server that runs for years shows a certificate that holds.
func TestRenew(t *testing.T) {
	now := time.Now()
	a := openAuthority(t, t.TempDir(), now)
	s, err := New(Options{Cert: a.ServerFile(), Key: a.ServerFile(), Own: a, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	first := s.NotAfter()
	now = first.Add(-renewTime - 2*time.Hour)
	if s.look(); !s.NotAfter().Equal(first) {
		t.Errorf("renewed %v before its end", first.Sub(now))
	}
	for range 3 {
		before := s.NotAfter()
		now = before.Add(-renewTime)
		if s.look(); !s.NotAfter().After(before) {
			t.Fatalf("not renewed %v before its end", before.Sub(now))
		}
		leafOf(t, a, now)
	}
	now = a.cert.NotAfter.Add(-24 * time.Hour)
	if s.look(); s.NotAfter().After(a.cert.NotAfter) {
		t.Error("it outlives its authority")
	}
}

// TestRenewFails: the one before stays, and it is tried again later.
func TestRenewFails(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	a := openAuthority(t, dir, now)
	before := leafOf(t, a, now).NotAfter
	a.dir = filepath.Join(dir, "gone")
	now = before.Add(-time.Hour)
	if _, err := a.Renew(now); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Renew: %v; want %v", err, fs.ErrNotExist)
	}
	if renewed, err := a.Renew(now.Add(retryTime - 1)); err != nil || renewed {
		t.Errorf("tried again at once: %t, %v", renewed, err)
	}
	a.dir = dir
	if renewed, err := a.Renew(now.Add(retryTime)); err != nil || !renewed || !leafOf(t, a, now).NotAfter.After(before) {
		t.Errorf("Renew: %t, %v", renewed, err)
	}
}

// TestAuthorityBroken: what is lost or foreign is named, and nothing is made
// that phones would not trust.
func TestAuthorityBroken(t *testing.T) {
	foreign := t.TempDir()
	openAuthority(t, foreign, time.Now())
	for _, tt := range []struct {
		name  string
		spoil func(t *testing.T, dir string)
		want  []string // none: it is mended
	}{
		{"no key", func(t *testing.T, dir string) { remove(t, dir, caKeyFile) }, []string{caKeyFile, "bring the key back"}},
		{"no certificate", func(t *testing.T, dir string) { remove(t, dir, caCertFile) }, nil},
		{"no server certificate", func(t *testing.T, dir string) { remove(t, dir, serverFile) }, nil},
		{"key of another", func(t *testing.T, dir string) {
			put(t, filepath.Join(foreign, caKeyFile), filepath.Join(dir, caKeyFile))
		}, []string{caCertFile, caKeyFile}},
		{"server certificate of another", func(t *testing.T, dir string) {
			put(t, filepath.Join(foreign, serverFile), filepath.Join(dir, serverFile))
		}, nil},
		{"certificate for key", func(t *testing.T, dir string) { put(t, filepath.Join(dir, caCertFile), filepath.Join(dir, caKeyFile)) }, []string{caKeyFile, "no key"}},
		{"key for certificate", func(t *testing.T, dir string) { put(t, filepath.Join(dir, caKeyFile), filepath.Join(dir, caCertFile)) }, []string{caCertFile, "no certificate"}},
		{"half a server certificate", func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, serverFile), 100); err != nil {
				t.Fatal(err)
			}
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, now := t.TempDir(), time.Now()
			was := openAuthority(t, dir, now)
			tt.spoil(t, dir)
			a, err := OpenAuthority(dir, testNames, now)
			if tt.want != nil {
				wantAll(t, err, tt.want...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			leaf := leafOf(t, a, now)
			roots := x509.NewCertPool()
			roots.AddCert(was.cert)
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: testNames[0]}); err != nil {
				t.Errorf("phones that trust the authority as it was: %v", err)
			}
		})
	}
	if _, err := OpenAuthority(t.TempDir(), nil, time.Now()); err == nil {
		t.Error("a certificate for no name was made")
	}
	old := t.TempDir()
	openAuthority(t, old, time.Now().Add(-2*caTime))
	_, err := OpenAuthority(old, testNames, time.Now())
	wantAll(t, err, caCertFile, "ended at")
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}
