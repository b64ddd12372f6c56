package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"phoneacs/db"
)

// Bounds of an admin token that is given: a shorter one can be guessed.
const (
	minToken = 16
	maxToken = 256
)

// tokenFile holds the first admin token when no terminal can show it.
const tokenFile = "admin-token"

// checkToken reports a token that is too weak, or that no request could bring
// (RFC 6750 2.1). The error does not show it.
func checkToken(s string) error {
	switch {
	case s == "":
		return nil
	case len(s) < minToken:
		return fmt.Errorf("needs at least %d characters", minToken)
	case len(s) > maxToken:
		return fmt.Errorf("takes at most %d characters", maxToken)
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("takes ASCII letters, digits and signs only, and no space")
	}
	return nil
}

// firstToken makes sure that somebody can use the admin API, and returns what
// to tell them. A token is on the terminal or on disk before the store knows
// it, so that an end between the two leaves nobody locked out: the next start
// makes another.
func firstToken(ctx context.Context, store db.Tokens, c *Config, terminal io.Writer) (notes []string, err error) {
	n, err := store.CountTokens(ctx)
	if err != nil {
		return nil, fmt.Errorf("count admin tokens: %w", err)
	}
	if n > 0 {
		return laterToken(ctx, store, c.AdminToken)
	}
	path := filepath.Join(c.Data, tokenFile)
	// One of a start that did not come to its end opens nothing.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove old admin token: %w", err)
	}
	secret := c.AdminToken
	switch {
	case secret != "":
		notes = []string{"The admin token is the one in " + TokenVariable + "."}
	case terminal != nil:
		secret = rand.Text()
		if _, err := fmt.Fprintln(terminal, "Admin token (shown this once):", secret); err != nil {
			return nil, fmt.Errorf("show admin token: %w", err)
		}
	default:
		secret = rand.Text()
		if err := writeSecret(path, secret); err != nil {
			return nil, fmt.Errorf("write admin token: %w", err)
		}
		notes = []string{"The admin token is in " + path}
	}
	_, err = store.AddToken(ctx, db.Token{
		Name: "first", Role: "admin", Hash: db.HashToken(secret), Created: time.Now().UTC(),
	})
	if err != nil {
		return nil, fmt.Errorf("store the admin token: %w", err)
	}
	return notes, nil
}

// laterToken says what a token is worth that is given to a store with tokens.
func laterToken(ctx context.Context, store db.Tokens, given string) ([]string, error) {
	if given == "" {
		return nil, nil
	}
	switch _, err := store.TokenByHash(ctx, db.HashToken(given)); {
	case err == nil:
		return []string{TokenVariable + " names a token that is known already; it changes nothing."}, nil
	case errors.Is(err, db.ErrNotFound):
		return []string{TokenVariable + " is set, but this store has its tokens since its first start: it changes nothing."}, nil
	default:
		return nil, fmt.Errorf("find admin token: %w", err)
	}
}

// writeSecret makes a file that its owner alone can read, and returns when it
// would outlast a power cut: the bytes, and its name in the directory.
func writeSecret(path, secret string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(secret + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
