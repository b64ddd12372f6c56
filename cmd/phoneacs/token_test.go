package main

import (
	"path/filepath"
	"strings"
	"testing"

	"phoneacs/db"
	"phoneacs/db/bolt"
)

// TestTokenWithoutServer makes a token on a store at rest, and finds that it
// opens what it is to open.
func TestTokenWithoutServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	make := []string{"token", "create", "--data", dir, "--name", "me", "--role"}
	if r := runLine(t.Context(), append(make, "admin")...); r.status != exitUsage || !strings.Contains(r.errOut, "no store") {
		t.Fatalf("without a store: %+v", r)
	}
	open := func() *bolt.Store {
		s, err := bolt.Open(t.Context(), bolt.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	if r := runLine(t.Context(), append(make, "admin")...); r.status != exitLocked {
		t.Errorf("of a store that is open: %+v", r)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if r := runLine(t.Context(), append(make, "root")...); r.status != exitUsage || !strings.Contains(r.errOut, "--role") {
		t.Errorf("of no role: %+v", r)
	}
	r := runLine(t.Context(), append(make, "admin", "--expires-in", "1h")...)
	if r.status != exitOK || len(strings.TrimSpace(r.out)) < 26 {
		t.Fatalf("%+v", r)
	}
	s = open()
	defer s.Close()
	tok, err := s.TokenByHash(t.Context(), db.HashToken(strings.TrimSpace(r.out)))
	if err != nil || tok.Name != "me" || tok.Role != db.RoleAdmin || tok.Expires.Sub(tok.Created).Hours() != 1 {
		t.Errorf("%+v, %v", tok, err)
	}
}
