package certs

import (
	"bytes"
	"crypto/tls"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// shown is the name in the certificate that a peer is shown now.
func shown(t *testing.T, s *Server) string {
	t.Helper()
	cfg, err := s.TLS().GetConfigForClient(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Certificates[0].Leaf.Subject.CommonName
}

func TestNewRefuses(t *testing.T) {
	dir := t.TempDir()
	cert, key := makePair(t, dir, "one")
	_, other := makePair(t, dir, "two")
	empty := filepath.Join(dir, "empty")
	large := filepath.Join(dir, "large")
	for path, size := range map[string]int{empty: 0, large: maxFile + 1} {
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gone := filepath.Join(dir, "gone")
	for _, tt := range []struct {
		name string
		o    Options
		want []string
	}{
		{"no certificate", Options{Cert: gone, Key: key}, []string{"read certificate", gone}},
		{"no key", Options{Cert: cert, Key: gone}, []string{"read key", gone}},
		{"key of another", Options{Cert: cert, Key: other}, []string{cert, other, "does not match"}},
		{"empty", Options{Cert: empty, Key: key}, []string{empty, key}},
		{"large", Options{Cert: large, Key: key}, []string{large, "larger than 1048576 bytes"}},
		{"no authorities", Options{Cert: cert, Key: key, ClientCA: gone}, []string{"authorities of clients", gone}},
		{"authorities that are none", Options{Cert: cert, Key: key, ClientCA: key}, []string{key, "no certificate"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.o)
			wantAll(t, err, tt.want...)
			if check := tt.o.Check(); check == nil || check.Error() != err.Error() {
				t.Errorf("Check: %v; New: %v", check, err)
			}
		})
	}
}

// TestReload follows one server while its files change under it.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	oneCert, oneKey := makePair(t, dir, "one")
	twoCert, twoKey := makePair(t, dir, "two")
	cert, key := filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	put(t, oneCert, cert)
	put(t, oneKey, key)
	now, log := time.Now(), new(bytes.Buffer)
	s, err := New(Options{Cert: cert, Key: key, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	step := func(what, want, says string, times int) {
		t.Helper()
		if got := shown(t, s); got != want {
			t.Errorf("%s: shows %q; want %q", what, got, want)
		}
		if got := strings.Count(log.String(), says); got != times {
			t.Errorf("%s: said %q %d times; want %d\n%s", what, says, got, times, log)
		}
	}
	const bad, good = "changed certificate not used", "changed certificate in use"
	step("as it begins", "one", "msg", 0)

	put(t, twoCert, cert)
	step("within a second", "one", "msg", 0)
	now = now.Add(time.Second)
	step("a certificate without its key", "one", bad, 1)
	if !strings.Contains(log.String(), cert) || !strings.Contains(log.String(), key) {
		t.Errorf("the files are not named:\n%s", log)
	}
	now = now.Add(time.Minute)
	step("still so", "one", bad, 1)
	put(t, twoKey, key)
	now = now.Add(time.Second)
	step("both", "two", good, 1)

	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Second)
	step("no key", "two", bad, 2)
	put(t, twoKey, key)
	now = now.Add(time.Second)
	step("the key again", "two", good, 2)

	now = now.Add(11 * 24 * time.Hour)
	put(t, oneCert, cert)
	put(t, oneKey, key)
	step("a pair that has ended", "two", "the certificate ended at", 1)
}

// TestEndedAtStart: it is served, and told.
func TestEndedAtStart(t *testing.T) {
	cert, key := makePair(t, t.TempDir(), "one")
	for says, by := range map[string]time.Duration{"certificate ended at": 11 * 24 * time.Hour, "certificate begins at": -24 * time.Hour} {
		log := new(bytes.Buffer)
		s, err := New(Options{Cert: cert, Key: key, Log: slog.New(slog.NewTextHandler(log, nil)),
			Now: func() time.Time { return time.Now().Add(by) }})
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(t, s); got != "one" || !strings.Contains(log.String(), says) {
			t.Errorf("shows %q; want it, and %q told:\n%s", got, says, log)
		}
	}
}

// TestLookAtOnce: many handshakes look while files change.
func TestLookAtOnce(t *testing.T) {
	dir := t.TempDir()
	oneCert, oneKey := makePair(t, dir, "one")
	cert, key := filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	put(t, oneCert, cert)
	put(t, oneKey, key)
	var mu sync.Mutex
	now := time.Now()
	s, err := New(Options{Cert: cert, Key: key, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(lookEvery)
		return now
	}})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if got := shown(t, s); got != "one" {
					t.Errorf("shows %q", got)
				}
			}
		})
	}
	for range 20 {
		put(t, oneCert, cert)
	}
	all.Wait()
}

func TestVersion(t *testing.T) {
	for name, want := range map[string]uint16{
		"": tls.VersionTLS12, "1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
	} {
		if got, err := Version(name); err != nil || got != want {
			t.Errorf("Version(%q) = %x, %v; want %x", name, got, err, want)
		}
	}
	for _, name := range []string{"1", "1.4", "TLS1.2", "3.0", " 1.2"} {
		if _, err := Version(name); !errors.Is(err, errVersion) {
			t.Errorf("Version(%q): %v; want %v", name, err, errVersion)
		}
	}
}

// TestSuites: what is weak is there for those alone who have asked for it.
func TestSuites(t *testing.T) {
	if got := suites(tls.VersionTLS12); got != nil {
		t.Errorf("for 1.2: %x; want the choice of crypto/tls", got)
	}
	insecure := make(map[uint16]bool)
	for _, s := range tls.InsecureCipherSuites() {
		insecure[s.ID] = true
	}
	var weak []uint16
	for _, id := range suites(tls.VersionTLS10) {
		if insecure[id] {
			weak = append(weak, id)
		}
	}
	if len(weak) > 2 {
		t.Errorf("for 1.0: %x are weak", weak)
	}
}
