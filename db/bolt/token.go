package bolt

import (
	"context"
	"fmt"

	"phoneacs/db"
)

// AddToken adds a token.
func (s *Store) AddToken(ctx context.Context, tok db.Token) (db.Token, error) {
	err := s.update(ctx, func(t *tx) error {
		if t.has(bTokenHash, tok.Hash[:]) {
			return fmt.Errorf("token: %w", db.ErrExists)
		}
		id, err := t.next(bTokens)
		if err != nil {
			return err
		}
		tok.ID = db.TokenID(id)
		t.number("tokens", 1)
		if err := t.put(bTokenHash, tok.Hash[:], be8(id)); err != nil {
			return err
		}
		return t.putJSON(bTokens, be8(id), tok)
	})
	return tok, err
}

// TokenByHash finds a token.
func (s *Store) TokenByHash(ctx context.Context, hash [32]byte) (tok db.Token, err error) {
	err = s.view(ctx, func(t *tx) error {
		id := t.get(bTokenHash, hash[:])
		if id == nil {
			return fmt.Errorf("token: %w", db.ErrNotFound)
		}
		return t.getJSON(bTokens, id, &tok)
	})
	return tok, err
}

// CountTokens says how many there are.
func (s *Store) CountTokens(ctx context.Context) (n int, err error) {
	err = s.view(ctx, func(t *tx) error { n = int(t.readNumber("tokens")); return nil })
	return n, err
}
