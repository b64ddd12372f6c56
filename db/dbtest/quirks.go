package dbtest

import (
	"strings"

	"phoneacs/db"
)

var quirkTests = []testCase{
	{"what is said of a phone is kept until it is taken back", func(f *fixture) {
		ids := f.listed(3)
		said := func(want ...string) {
			f.t.Helper()
			var list []db.PhoneQuirks
			for i, id := range ids {
				got, err := f.PhoneQuirks(f.ctx, id)
				f.ok(err, "PhoneQuirks")
				if string(got.Set) != want[i] || got.Phone != id || (got.Set == nil) != (want[i] == "") {
					f.t.Errorf("PhoneQuirks of phone %d = %+v; want %q", i, got, want[i])
				}
				if want[i] != "" {
					list = append(list, db.PhoneQuirks{Phone: id, Set: []byte(want[i])})
				}
			}
			f.same(list, all(f, f.ListPhoneQuirks), "ListPhoneQuirks")
		}
		said("", "", "")
		f.ok(f.SetPhoneQuirks(f.ctx, ids[1], nil, []byte(`{"a":1}`), "ops"), "SetPhoneQuirks")
		f.ok(f.SetPhoneQuirks(f.ctx, ids[2], nil, []byte(`{"b":2}`), "ops"), "SetPhoneQuirks")
		said("", `{"a":1}`, `{"b":2}`)
		f.reopen()
		said("", `{"a":1}`, `{"b":2}`)
		f.ok(f.SetPhoneQuirks(f.ctx, ids[1], []byte(`{"a":1}`), []byte(`{"a":3}`), "ops"), "SetPhoneQuirks again")
		said("", `{"a":3}`, `{"b":2}`)
		f.ok(f.SetPhoneQuirks(f.ctx, ids[1], []byte(`{"a":3}`), nil, "ops"), "SetPhoneQuirks to nothing")
		said("", "", `{"b":2}`)
		page, err := f.History(f.ctx, ids[1], db.Query{Limit: 3})
		f.ok(err, "History")
		var steps []string
		for _, c := range page.Items {
			steps = append(steps, c.What+" "+c.Old+">"+c.New+" "+c.By)
		}
		f.same([]string{`quirks {"a":3}> ops`, `quirks {"a":1}>{"a":3} ops`, `quirks >{"a":1} ops`}, steps, "History")
	}},

	{"what is said goes with its phone", func(f *fixture) {
		id := f.listed(1)[0]
		f.ok(f.SetPhoneQuirks(f.ctx, id, nil, []byte(`{}`), "ops"), "SetPhoneQuirks")
		f.ok(f.DeletePhone(f.ctx, id), "DeletePhone")
		_, err := f.PhoneQuirks(f.ctx, id)
		f.fails(err, db.ErrNotFound, "PhoneQuirks")
		f.same(0, len(all(f, f.ListPhoneQuirks)), "ListPhoneQuirks")
		f.fails(f.SetPhoneQuirks(f.ctx, id, nil, []byte(`{}`), "ops"), db.ErrNotFound, "SetPhoneQuirks")
	}},

	{"a change of what was changed meanwhile changes nothing", func(f *fixture) {
		id := f.listed(1)[0]
		f.ok(f.SetPhoneQuirks(f.ctx, id, nil, []byte(`{"a":1}`), "ops"), "SetPhoneQuirks")
		before := f.snapshot()
		for _, was := range []string{"", `{"a":2}`} {
			var old []byte
			if was != "" {
				old = []byte(was)
			}
			f.fails(f.SetPhoneQuirks(f.ctx, id, old, []byte(`{}`), "ops"), db.ErrConflict, "SetPhoneQuirks")
			f.fails(f.SetPhoneQuirks(f.ctx, id, old, nil, "ops"), db.ErrConflict, "SetPhoneQuirks to nothing")
		}
		f.ok(f.SetPhoneQuirks(f.ctx, id, []byte(`{"a":1}`), []byte(`{"a":1}`), "ops"), "SetPhoneQuirks to the same")
		f.same(before, f.snapshot(), "after changes that are none")
		f.same(1, len(all(f, f.ListPhoneQuirks)), "ListPhoneQuirks")
	}},

	{"what is no object or too large is refused", func(f *fixture) {
		id := f.listed(1)[0]
		for _, set := range []string{"", "[]", "{", `"x"`, `{"a":"` + strings.Repeat("x", db.MaxQuirks) + `"}`} {
			f.failsField(f.SetPhoneQuirks(f.ctx, id, nil, []byte(set), "ops"), "quirks", "SetPhoneQuirks")
		}
		f.same(0, len(all(f, f.ListPhoneQuirks)), "ListPhoneQuirks")
	}},
}
