package app

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"phoneacs/db"
	"phoneacs/db/bolt"
)

// tokenStore is a real store and the configuration for it.
func tokenStore(t *testing.T) (*bolt.Store, *Config) {
	t.Helper()
	dir := t.TempDir()
	s, err := bolt.Open(t.Context(), bolt.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, &Config{Data: dir}
}

// opens reports whether the store knows a token, and that it may do everything.
func opens(t *testing.T, s db.Tokens, token string) bool {
	t.Helper()
	found, err := s.TokenByHash(t.Context(), db.HashToken(token))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil && found.Role == "admin" && !found.Created.IsZero()
}

func mustNotExist(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is there, or: %v", path, err)
	}
}

func TestFirstTokenOnTerminal(t *testing.T) {
	store, c := tokenStore(t)
	var terminal bytes.Buffer
	notes, err := firstToken(t.Context(), store, c, &terminal)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`^Admin token \(shown this once\): (\S{26})\n$`).FindStringSubmatch(terminal.String())
	if m == nil || !opens(t, store, m[1]) {
		t.Fatalf("shown is %q, which opens nothing", terminal.String())
	}
	if len(notes) != 0 {
		t.Errorf("notes %q", notes)
	}
	mustNotExist(t, filepath.Join(c.Data, tokenFile))

	terminal.Reset()
	if notes, err := firstToken(t.Context(), store, c, &terminal); err != nil || len(notes) != 0 || terminal.Len() != 0 {
		t.Errorf("the second start tells %q, %q, %v", notes, terminal.String(), err)
	}
}

// TestFirstTokenUnseen: a token that nobody was shown must not be in force.
func TestFirstTokenUnseen(t *testing.T) {
	store, c := tokenStore(t)
	hungUp := errors.New("hung up")
	if _, err := firstToken(t.Context(), store, c, writerFunc(func([]byte) (int, error) { return 0, hungUp })); !errors.Is(err, hungUp) {
		t.Errorf("error %v; want %v", err, hungUp)
	}
	if n, err := store.CountTokens(t.Context()); n != 0 || err != nil {
		t.Errorf("there are %d tokens, %v", n, err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestFirstTokenInFile(t *testing.T) {
	store, c := tokenStore(t)
	path := filepath.Join(c.Data, tokenFile)
	// What lies there must lend the secret neither its mode nor its place.
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(elsewhere, []byte("old\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Fatal(err)
	}
	notes, err := firstToken(t.Context(), store, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("mode %v; want a file of 0600", info.Mode())
	}
	if token := readToken(t, path); !opens(t, store, token) || len(notes) != 1 || notes[0] != "The admin token is in "+path {
		t.Errorf("token %q opens %v; told is %q", token, opens(t, store, token), notes)
	}
	if b, err := os.ReadFile(elsewhere); string(b) != "old\n" || err != nil {
		t.Errorf("a file elsewhere became %q, %v", b, err)
	}
}

func readToken(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutSuffix(string(b), "\n")
	if !ok || len(token) != 26 {
		t.Fatalf("the file holds %q", b)
	}
	return token
}

func TestTokenFromEnvironment(t *testing.T) {
	store, c := tokenStore(t)
	const first, second = "the-first-token-of-all", "another-token-later"
	for _, tt := range []struct{ given, told string }{
		{first, "The admin token is the one in PHONEACS_ADMIN_TOKEN."},
		{first, "PHONEACS_ADMIN_TOKEN names a token that is known already; it changes nothing."},
		{second, "PHONEACS_ADMIN_TOKEN is set, but this store has its tokens since its first start: it changes nothing."},
		{"", ""},
	} {
		c.AdminToken = tt.given
		var terminal bytes.Buffer
		notes, err := firstToken(t.Context(), store, c, &terminal)
		if err != nil || strings.Join(notes, "\n") != tt.told || terminal.Len() != 0 {
			t.Errorf("given %q, told is %q on the terminal %q, %v; want %q", tt.given, notes, terminal.String(), err, tt.told)
		}
		if !opens(t, store, first) || opens(t, store, second) {
			t.Errorf("given %q, the first opens: %v, the second: %v", tt.given, opens(t, store, first), opens(t, store, second))
		}
	}
	mustNotExist(t, filepath.Join(c.Data, tokenFile))
}
