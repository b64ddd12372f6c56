package app

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"phoneacs/db"
)

// brokenTokens fails where a crash could come between.
type brokenTokens struct {
	db.Tokens
	count, find, add error
}

func (b brokenTokens) CountTokens(ctx context.Context) (int, error) {
	n, err := b.Tokens.CountTokens(ctx)
	return n, errors.Join(b.count, err)
}

func (b brokenTokens) TokenByHash(ctx context.Context, h [32]byte) (db.Token, error) {
	if b.find != nil {
		return db.Token{}, b.find
	}
	return b.Tokens.TokenByHash(ctx, h)
}

func (b brokenTokens) AddToken(ctx context.Context, tok db.Token) (db.Token, error) {
	if b.add != nil {
		return db.Token{}, b.add
	}
	return b.Tokens.AddToken(ctx, tok)
}

// TestCrashBetweenFileAndStore: the file is there, the store knows nothing. The
// next start must not leave a token about that opens nothing.
func TestCrashBetweenFileAndStore(t *testing.T) {
	crash := errors.New("crash")
	for name, next := range map[string]func(*Config) *bytes.Buffer{
		"in a file again": func(*Config) *bytes.Buffer { return nil },
		"on a terminal":   func(*Config) *bytes.Buffer { return new(bytes.Buffer) },
		"given":           func(c *Config) *bytes.Buffer { c.AdminToken = testToken; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			store, c := tokenStore(t)
			path := filepath.Join(c.Data, tokenFile)
			if _, err := firstToken(t.Context(), brokenTokens{Tokens: store, add: crash}, c, nil); !errors.Is(err, crash) {
				t.Fatalf("error %v; want %v", err, crash)
			}
			lost := readToken(t, path)
			var err error
			if terminal := next(c); terminal != nil {
				_, err = firstToken(t.Context(), store, c, terminal)
			} else {
				_, err = firstToken(t.Context(), store, c, nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			if n, err := store.CountTokens(t.Context()); n != 1 || err != nil || opens(t, store, lost) {
				t.Errorf("%d tokens, %v; the lost one opens: %v", n, err, opens(t, store, lost))
			}
			if name == "in a file again" {
				if token := readToken(t, path); !opens(t, store, token) {
					t.Errorf("the file holds %q, which opens nothing", token)
				}
				return
			}
			mustNotExist(t, path)
		})
	}
}

func TestFirstTokenFails(t *testing.T) {
	broken := errors.New("broken")
	store, c := tokenStore(t)
	if _, err := firstToken(t.Context(), brokenTokens{Tokens: store, count: broken}, c, nil); !errors.Is(err, broken) {
		t.Errorf("count: %v", err)
	}
	mustNotExist(t, filepath.Join(c.Data, tokenFile))

	stuck := filepath.Join(c.Data, tokenFile, "inside")
	if err := os.MkdirAll(stuck, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := firstToken(t.Context(), store, c, nil); err == nil {
		t.Error("a directory stands where the token goes, and nothing is said")
	}
	if n, err := store.CountTokens(t.Context()); n != 0 || err != nil {
		t.Errorf("there are %d tokens, %v", n, err)
	}
	if err := os.RemoveAll(filepath.Dir(stuck)); err != nil {
		t.Fatal(err)
	}
	c.AdminToken = testToken
	if _, err := firstToken(t.Context(), store, c, nil); err != nil {
		t.Fatal(err)
	}
	if notes, err := firstToken(t.Context(), brokenTokens{Tokens: store, find: broken}, c, nil); !errors.Is(err, broken) || notes != nil {
		t.Errorf("find: %q, %v; a store that fails is not one that does not know", notes, err)
	}
}
