package provision

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"phoneacs/db"
)

const (
	// MaxURL is the longest URL of a Download, in characters (TR-069 A.3.2.8).
	MaxURL = 256

	// Prefix is the path below which links are served.
	Prefix = "/files/"

	budgetFactor = 5
	minBudget    = 64 << 10

	secretBytes = 16
	maxPath     = 2048 // a phone may escape more of the name than we do
)

// secretLetters need no escaping in a URL.
const secretLetters = "abcdefghijklmnopqrstuvwxyz234567"

var (
	secretText = base32.NewEncoding(secretLetters).WithPadding(base32.NoPadding)
	secretLen  = secretText.EncodedLen(secretBytes)
)

// Link makes a capability for a file: the URL for the phone, which is kept
// nowhere, and the record for the store. base is scheme and host that the phone
// reaches us by. The URL is at most [MaxURL] characters long, or Link fails.
// The link allows five times the file's size to go out, at least 64 KiB, for
// phones that ask twice or in pieces. Its Attempt is left to the store.
func (s *Service) Link(base string, f db.File, expires time.Time) (string, db.Link, error) {
	if err := checkBase(base); err != nil {
		return "", db.Link{}, fmt.Errorf("link %s: base URL: %w", f.ID, err)
	}
	if f.ID == 0 || f.SHA256 == "" || f.Size <= 0 || expires.IsZero() {
		return "", db.Link{}, fmt.Errorf("link %q: not a stored file, or no expiry", f.Name)
	}
	if err := checkName(f.Name); err != nil {
		return "", db.Link{}, fmt.Errorf("link %s: name: %w", f.ID, err)
	}
	secret := newSecret()
	u, err := linkURL(base, secret, f.Name)
	if err != nil {
		return "", db.Link{}, fmt.Errorf("link %s: %w", f.ID, err)
	}
	return u, db.Link{
		Hash: hashSecret(secret), File: f.ID, Name: f.Name, SHA256: f.SHA256, Size: f.Size,
		Budget: max(budgetFactor*f.Size, minBudget), Expires: expires,
	}, nil
}

func newSecret() string {
	var random [secretBytes]byte
	rand.Read(random[:]) // never fails
	return secretText.EncodeToString(random[:])
}

// linkURL writes the URL of a link, if TR-069 has room for it.
func linkURL(base, secret, name string) (string, error) {
	u := strings.TrimSuffix(base, "/") + linkPath(secret, name)
	if len(u) > MaxURL {
		return "", fmt.Errorf("URL would have %d characters, %d are the limit of TR-069; shorten the file's name or the base URL", len(u), MaxURL)
	}
	return u, nil
}

// checkBase refuses what would not be a base: user and password are forbidden
// in the URL of a Download (TR-069 A.3.2.8).
func checkBase(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return errors.New("not a URL") // err would repeat it, with what it may hold
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return errors.New("want http or https and a host")
	case u.User != nil:
		return errors.New("has a user")
	case strings.ContainsFunc(base, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("has characters outside ASCII")
	case u.Path != "" && u.Path != "/", u.RawQuery != "", u.ForceQuery, strings.Contains(base, "#"):
		return errors.New("has more than scheme and host")
	}
	return nil
}

func linkPath(secret, name string) string { return Prefix + secret + "/" + escapeName(name) }

// parsePath reads the escaped path of a link. It works on the escaped form so
// that an escaped separator is never taken for a real one.
func parsePath(escaped string) (secret, name string, ok bool) {
	rest, ok := strings.CutPrefix(escaped, Prefix)
	if !ok || len(escaped) > maxPath || len(rest) <= secretLen || rest[secretLen] != '/' {
		return "", "", false
	}
	secret = rest[:secretLen]
	if strings.Trim(secret, secretLetters) != "" {
		return "", "", false
	}
	rest = rest[secretLen+1:]
	if strings.Contains(rest, "/") {
		return "", "", false
	}
	name, err := url.PathUnescape(rest)
	if err != nil || checkName(name) != nil {
		return "", "", false
	}
	return secret, name, true
}

// hashSecret is what is kept of a secret; it is random, so a plain hash is enough.
func hashSecret(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }
