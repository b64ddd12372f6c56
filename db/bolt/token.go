package bolt

import (
	"context"
	"fmt"

	"phoneacs/db"
)

// AddToken adds a token.
func (s *Store) AddToken(ctx context.Context, tok db.Token) (db.Token, error) {
	err := s.update(ctx, func(t *tx) error {
		switch {
		case t.has(bTokenHash, tok.Hash[:]):
			return fmt.Errorf("token: %w", db.ErrExists)
		case t.readNumber("tokens") >= db.MaxTokens:
			return fmt.Errorf("%d tokens: %w", db.MaxTokens, db.ErrTooMany)
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

// ListTokens returns tokens, oldest first.
func (s *Store) ListTokens(ctx context.Context, q db.Query) (page db.Page[db.Token], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.Token]{name: "tokens", q: q, c: t.Bucket(bTokens).Cursor()}
		l.load = func(_, v []byte) (tok db.Token, err error) { err = decode(bTokens, v, &tok); return tok, err }
		page, err = l.page()
		return err
	})
	return page, err
}

// RevokeToken forgets a token.
func (s *Store) RevokeToken(ctx context.Context, id db.TokenID) (tok db.Token, err error) {
	err = s.update(ctx, func(t *tx) error {
		tok = db.Token{}
		if err := t.getJSON(bTokens, be8(uint64(id)), &tok); err != nil {
			return fmt.Errorf("token %s: %w", id, err)
		}
		if tok.Keeps() {
			others, err := t.keepers(id)
			if err != nil {
				return err
			}
			if others == 0 {
				return fmt.Errorf("token %s is the last of an admin without an end: %w", id, db.ErrInUse)
			}
		}
		t.number("tokens", -1)
		if err := t.del(bTokenHash, tok.Hash[:]); err != nil {
			return err
		}
		return t.del(bTokens, be8(uint64(id)))
	})
	return tok, err
}

// keepers counts the tokens but one by which the store can always be managed.
// There are at most db.MaxTokens to look at.
func (t *tx) keepers(but db.TokenID) (n int, err error) {
	err = t.Bucket(bTokens).ForEach(func(_, v []byte) error {
		var tok db.Token
		if err := decode(bTokens, v, &tok); err != nil {
			return err
		}
		if tok.Keeps() && tok.ID != but {
			n++
		}
		return nil
	})
	return n, err
}

// CountTokens says how many there are.
func (s *Store) CountTokens(ctx context.Context) (n int, err error) {
	err = s.view(ctx, func(t *tx) error { n = int(t.readNumber("tokens")); return nil })
	return n, err
}

// tokens checks that each token is found by its hash, and each hash is of one.
func (c *checker) tokens() error {
	n := 0
	err := c.each(bTokens, func(k, v []byte) error {
		n++
		var tok db.Token
		if err := decode(bTokens, v, &tok); err != nil {
			c.faultf("token %d: %v", num(k), err)
			return nil
		}
		if id := c.get(bTokenHash, tok.Hash[:]); uint64(tok.ID) != num(k) || id == nil || num(id) != num(k) {
			c.faultf("token %d is not found by its hash", num(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.numbers["tokens"] = int64(n)
	return c.each(bTokenHash, func(_, v []byte) error {
		if n--; !c.has(bTokens, v) {
			c.faultf("a hash is of token %d, which does not exist", num(v))
		}
		return nil
	})
}
