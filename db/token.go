package db

import (
	"context"
	"crypto/sha256"
	"time"
)

// A Token lets a program or a person use the admin API. Its secret is not kept.
type Token struct {
	ID      TokenID   `json:"id"`
	Name    string    `json:"name"`
	Role    string    `json:"role"` // "admin"
	Hash    [32]byte  `json:"hash"`
	Created time.Time `json:"created"`
}

// HashToken is what is kept of a token's secret. A plain hash is enough for a
// secret of 128 random bits or more.
func HashToken(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

// Tokens keeps who may use the admin API.
type Tokens interface {
	// AddToken adds a token and gives it its id.
	AddToken(ctx context.Context, t Token) (Token, error)
	// TokenByHash finds a token, or returns ErrNotFound.
	TokenByHash(ctx context.Context, hash [32]byte) (Token, error)
	// CountTokens says how many there are.
	CountTokens(ctx context.Context) (int, error)
}
