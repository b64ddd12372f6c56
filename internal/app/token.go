package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"phoneacs/db"
)

// minToken is the shortest admin token that is taken: shorter ones can be guessed.
const minToken = 16

// tokenFile holds the first admin token when no terminal can show it.
const tokenFile = "admin-token"

// firstToken makes sure that somebody can use the admin API, and returns what
// to tell them. The token goes to disk before the store knows it, so that a
// crash between the two leaves nobody locked out.
func firstToken(ctx context.Context, store db.Tokens, c *Config, terminal bool) ([]string, error) {
	n, err := store.CountTokens(ctx)
	if err != nil {
		return nil, fmt.Errorf("count admin tokens: %w", err)
	}
	path := filepath.Join(c.Data, tokenFile)
	if n > 0 {
		if c.AdminToken == "" {
			return nil, nil
		}
		if _, err := store.TokenByHash(ctx, db.HashToken(c.AdminToken)); err == nil {
			return []string{"PHONEACS_ADMIN_TOKEN names a token that is known already; it changes nothing."}, nil
		}
		return []string{"PHONEACS_ADMIN_TOKEN is set, but this store has its tokens since its first start: it changes nothing."}, nil
	}
	secret, say := c.AdminToken, "The admin token is the one in PHONEACS_ADMIN_TOKEN."
	switch {
	case secret != "":
	case terminal:
		secret = rand.Text()
		say = "Admin token (shown this once): " + secret
	default:
		secret = rand.Text()
		if err := writeSecret(path, secret); err != nil {
			return nil, err
		}
		say = "The admin token is in " + path
	}
	_, err = store.AddToken(ctx, db.Token{
		Name: "first", Role: "admin", Hash: db.HashToken(secret), Created: time.Now().UTC(),
	})
	if err != nil {
		return nil, fmt.Errorf("store the admin token: %w", err)
	}
	return []string{say}, nil
}

func writeSecret(path, secret string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write admin token: %w", err)
	}
	_, err = f.WriteString(secret + "\n")
	if err == nil {
		err = f.Chmod(0o600)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("write admin token to %s: %w", path, err)
	}
	return nil
}
