package admin

import (
	"context"
	"fmt"
	"slices"

	"phoneacs/db"
)

func (s *fakeStore) TokenByHash(_ context.Context, hash [32]byte) (db.Token, error) {
	defer s.lock()()
	for _, t := range s.tokens {
		if t.Hash == hash {
			return t, nil
		}
	}
	return db.Token{}, fmt.Errorf("token: %w", db.ErrNotFound)
}

func (s *fakeStore) AddToken(_ context.Context, t db.Token) (db.Token, error) {
	defer s.lock()()
	t.ID = db.TokenID(len(s.tokens) + 100)
	s.tokens = append(s.tokens, t)
	return t, s.err
}

func (s *fakeStore) ListTokens(_ context.Context, q db.Query) (db.Page[db.Token], error) {
	defer s.lock()()
	return pageOf(s.tokens, q, noField[db.Token])
}

// RevokeToken revokes any but the first.
func (s *fakeStore) RevokeToken(_ context.Context, id db.TokenID) (db.Token, error) {
	defer s.lock()()
	i := slices.IndexFunc(s.tokens, func(t db.Token) bool { return t.ID == id })
	switch {
	case i < 0:
		return db.Token{}, fmt.Errorf("token in bucket 7: %w", db.ErrNotFound)
	case i == 0:
		return db.Token{}, fmt.Errorf("token in bucket 7: %w", db.ErrInUse)
	}
	t := s.tokens[i]
	s.tokens = slices.Delete(slices.Clone(s.tokens), i, i+1)
	return t, nil
}

func (s *fakeStore) NoteAudit(_ context.Context, e db.AuditEntry) error {
	defer s.lock()()
	s.audit = append([]db.AuditEntry{e}, s.audit...)
	return nil
}

func (s *fakeStore) ListAudit(_ context.Context, q db.Query) (db.Page[db.AuditEntry], error) {
	defer s.lock()()
	return pageOf(s.audit, q, (*db.AuditEntry).Field)
}
