package dbtest

import (
	"time"

	"phoneacs/db"
)

var tokenTests = []testCase{
	{"a token is found by the hash of its secret", func(f *fixture) {
		if n := none(f, f.CountTokens); n != 0 {
			f.t.Errorf("a new store has %d tokens", n)
		}
		_, err := f.TokenByHash(f.ctx, db.HashToken("a"))
		f.fails(err, db.ErrNotFound, "TokenByHash")
		in := db.Token{Name: "ops", Role: "admin", Hash: db.HashToken("a"), Created: f.now}
		a, err := f.AddToken(f.ctx, in)
		f.ok(err, "AddToken")
		b, err := f.AddToken(f.ctx, db.Token{Name: "ops", Role: "admin", Hash: db.HashToken("b"), Created: f.now})
		f.ok(err, "AddToken")
		if a.ID == 0 || a.ID == b.ID {
			f.t.Errorf("the tokens are %s and %s", a.ID, b.ID)
		}
		f.reopen()
		in.ID = a.ID
		f.same(in, one(f, f.TokenByHash)(db.HashToken("a")), "TokenByHash")
		f.same(b, one(f, f.TokenByHash)(db.HashToken("b")), "TokenByHash")
		_, err = f.TokenByHash(f.ctx, [32]byte{})
		f.fails(err, db.ErrNotFound, "TokenByHash of no hash")
		if n := none(f, f.CountTokens); n != 2 {
			f.t.Errorf("%d tokens are counted; want 2", n)
		}
	}},

	{"a token is revoked, but for the last by which the store can be managed", func(f *fixture) {
		add := func(secret, role string, expires time.Time) db.Token {
			tok, err := f.AddToken(f.ctx, db.Token{Name: secret, Role: role, Hash: db.HashToken(secret), Created: f.now, Expires: expires, By: "ops"})
			f.ok(err, "AddToken")
			return tok
		}
		a := add("a", db.RoleAdmin, time.Time{})
		viewer := add("v", db.RoleViewer, time.Time{})
		ends := add("e", db.RoleAdmin, f.now.Add(time.Hour))
		_, err := f.AddToken(f.ctx, db.Token{Name: "again", Hash: db.HashToken("a")})
		f.fails(err, db.ErrExists, "AddToken with a known hash")
		f.same([]db.Token{a, viewer, ends}, all(f, f.ListTokens), "ListTokens")

		_, err = f.RevokeToken(f.ctx, a.ID)
		f.fails(err, db.ErrInUse, "RevokeToken of the last that keeps")
		_, err = f.RevokeToken(f.ctx, 99)
		f.fails(err, db.ErrNotFound, "RevokeToken of none")
		f.same(a, one(f, f.TokenByHash)(db.HashToken("a")), "the token that stays")
		for _, tok := range []db.Token{viewer, ends} {
			got, err := f.RevokeToken(f.ctx, tok.ID)
			f.ok(err, "RevokeToken")
			f.same(tok, got, "RevokeToken")
		}
		g := f.crash()
		_, err = g.TokenByHash(g.ctx, db.HashToken("v"))
		f.fails(err, db.ErrNotFound, "TokenByHash of a revoked one after a power cut")
		if n := none(g, g.CountTokens); n != 1 {
			f.t.Errorf("%d tokens are counted; want 1", n)
		}
		b := add("b", db.RoleAdmin, time.Time{})
		_, err = f.RevokeToken(f.ctx, a.ID)
		f.ok(err, "RevokeToken with another left")
		_, err = f.RevokeToken(f.ctx, b.ID)
		f.fails(err, db.ErrInUse, "RevokeToken of the last")
		if c := add("a", db.RoleViewer, time.Time{}); c.ID == a.ID {
			f.t.Errorf("the id %s is given again", c.ID)
		}
	}},

	{"tokens have a bound", func(f *fixture) {
		for i := range db.MaxTokens {
			_, err := f.AddToken(f.ctx, db.Token{Name: "x", Hash: [32]byte{byte(i), byte(i >> 8), 1}})
			f.ok(err, "AddToken")
		}
		_, err := f.AddToken(f.ctx, db.Token{Name: "x", Hash: [32]byte{9, 9, 9}})
		f.fails(err, db.ErrTooMany, "AddToken")
	}},
}
