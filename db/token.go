package db

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"
)

// The roles of tokens. Each may do what those before it may.
const (
	RoleViewer   = "viewer"   // reads; no recordings, contents of uploads or secrets
	RoleOperator = "operator" // orders, phones, sites, files, holds, recordings
	RoleAdmin    = "admin"    // everything: tokens, raw RPCs, quirks, enrolment rules
)

// Roles are all roles, the least first.
var Roles = []string{RoleViewer, RoleOperator, RoleAdmin}

// RoleMay reports whether who has a role may do what needs another. A role that
// is not known may do nothing, and what needs one that is not known nobody may.
func RoleMay(has, needs string) bool {
	h, n := slices.Index(Roles, has), slices.Index(Roles, needs)
	return n >= 0 && h >= n
}

// Bounds of tokens.
const (
	MaxTokens    = 1000
	MaxTokenName = 64 // characters
)

// A Token lets a program or a person use the admin API. Its secret is not kept.
type Token struct {
	ID      TokenID   `json:"id"`
	Name    string    `json:"name"`
	Role    string    `json:"role"` // one of Roles
	Hash    [32]byte  `json:"hash"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // from then on it opens nothing; zero: never
	By      string    `json:"by,omitempty"`     // who made it; empty: the machine's owner
}

// Expired reports whether a token's time is over.
func (t *Token) Expired(now time.Time) bool { return !t.Expires.IsZero() && !now.Before(t.Expires) }

// Keeps reports whether a token is one by which the store can always be
// managed: an admin's, without an end.
func (t *Token) Keeps() bool { return t.Role == RoleAdmin && t.Expires.IsZero() }

// ParseTokenID reads the form that [TokenID.String] writes.
func ParseTokenID(s string) (TokenID, error) { return parseID[TokenID]('t', s) }

// CheckRole returns a *FieldError unless role is one of [Roles].
func CheckRole(role string) error {
	if !slices.Contains(Roles, role) {
		return &FieldError{Field: "role", Err: fmt.Errorf("%q: want viewer, operator or admin", role)}
	}
	return nil
}

// HashToken is what is kept of a token's secret. A plain hash is enough for a
// secret of 128 random bits or more.
func HashToken(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

// Tokens keeps who may use the admin API.
type Tokens interface {
	// AddToken adds a token and gives it its id; ErrExists if its hash is
	// known, ErrTooMany beyond MaxTokens.
	AddToken(ctx context.Context, t Token) (Token, error)
	// TokenByHash finds a token, expired or not, or returns ErrNotFound.
	TokenByHash(ctx context.Context, hash [32]byte) (Token, error)
	// ListTokens returns tokens, oldest first; no filter.
	ListTokens(ctx context.Context, q Query) (Page[Token], error)
	// RevokeToken forgets a token: it opens nothing from the commit on.
	// ErrNotFound, or ErrInUse for the last admin token without an end (see
	// [Token.Keeps]): nobody could make another one.
	RevokeToken(ctx context.Context, id TokenID) (Token, error)
	// CountTokens says how many there are.
	CountTokens(ctx context.Context) (int, error)
}
