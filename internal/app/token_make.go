package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"phoneacs/db"
	"phoneacs/db/bolt"
)

// MakeToken adds a token to the store of cfg.Data, which no server may have
// open (db.ErrLocked), and returns its secret: for whoever owns the machine and
// has lost the last one. It makes no store where there is none.
func MakeToken(ctx context.Context, cfg Config, name, role string, expires time.Duration) (secret string, err error) {
	if strings.TrimSpace(name) == "" || len(name) > db.MaxTokenName {
		return "", cfg.bad("name", fmt.Errorf("want 1 to %d characters", db.MaxTokenName))
	}
	if err := db.CheckRole(role); err != nil {
		return "", cfg.bad("role", errors.Unwrap(err))
	}
	if expires < 0 {
		return "", cfg.bad("expires-in", fmt.Errorf("%v: want a time to come", expires))
	}
	path := filepath.Join(cfg.Data, bolt.FileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", cfg.bad("data", fmt.Errorf("there is no store in %q", cfg.Data))
	} else if err != nil {
		return "", cfg.bad("data", err)
	}
	key, err := cfg.sealKey()
	if err != nil {
		return "", cfg.bad("key", err)
	}
	store, err := bolt.Open(ctx, bolt.Options{Dir: cfg.Data, Key: key})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	secret = rand.Text()
	t := db.Token{Name: name, Role: role, Hash: db.HashToken(secret), Created: time.Now().UTC()}
	if expires > 0 {
		t.Expires = t.Created.Add(expires)
	}
	if _, err := store.AddToken(ctx, t); err != nil {
		return "", fmt.Errorf("store the token: %w", err)
	}
	return secret, nil
}
