package dbtest

import "phoneacs/db"

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
}
