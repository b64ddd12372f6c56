package dbtest

import (
	"fmt"

	"phoneacs/db"
)

// imports runs one import whose lines must all succeed.
func (f *fixture) imports(in ...db.PhoneImport) []db.ImportResult {
	f.t.Helper()
	results, err := f.ImportPhones(f.ctx, in, f.now, "ops")
	f.ok(err, "ImportPhones")
	if len(results) != len(in) {
		f.t.Fatalf("%d lines gave %d results", len(in), len(results))
	}
	return results
}

var importTests = []testCase{
	{"a new phone is approved by being listed", func(f *fixture) {
		site, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		f.ok(err, "CreateSite")
		r := f.imports(
			db.PhoneImport{MAC: "0C:38:3E:01:02:03", Name: "desk", Vendor: "fanvil", Model: "X6U", Site: site.ID, Tags: []string{"b", "a", "b"}},
			db.PhoneImport{OUI: "001565", Serial: "3146019"},
		)
		if !r[0].Created || r[0].Err != nil || !r[1].Created || r[1].Err != nil || r[0].ID == r[1].ID {
			f.t.Fatalf("results %+v; want two new phones", r)
		}
		f.same(db.PhoneStatus{Phone: db.Phone{
			ID: r[0].ID, State: db.PhoneApproved, MAC: "0c383e010203", Name: "desk", Vendor: "fanvil", Model: "X6U",
			Site: site.ID, Tags: []string{"a", "b"}, Created: f.now,
		}, Standing: unproven}, f.phone(r[0].ID), "the phone listed by MAC")
		f.same(db.PhoneStatus{Phone: db.Phone{
			ID: r[1].ID, State: db.PhoneApproved, OUI: "001565", Serial: "3146019", Site: db.DefaultSite, Created: f.now,
		}, Standing: unproven}, f.phone(r[1].ID), "the phone listed by serial")
	}},

	{"a known phone is changed by what the line gives", func(f *fixture) {
		first := f.imports(db.PhoneImport{MAC: "0c383e010203", Name: "desk", Model: "X6U", Tags: []string{"a"}})[0]
		for _, step := range []struct {
			in   db.PhoneImport
			want db.Phone
		}{
			{db.PhoneImport{MAC: "0c-38-3e-01-02-03"}, db.Phone{Name: "desk", Model: "X6U", Tags: []string{"a"}}},
			{db.PhoneImport{MAC: "0c383e010203", Name: "hall"}, db.Phone{Name: "hall", Model: "X6U", Tags: []string{"a"}}},
			{db.PhoneImport{MAC: "0c383e010203", Tags: []string{"b"}}, db.Phone{Name: "hall", Model: "X6U", Tags: []string{"b"}}},
		} {
			r := f.imports(step.in)[0]
			if r.Created || r.ID != first.ID || r.Err != nil {
				f.t.Fatalf("import of %+v: %+v; want phone %s, changed", step.in, r, first.ID)
			}
			got := f.phone(first.ID).Phone
			step.want.ID, step.want.State, step.want.MAC = first.ID, db.PhoneApproved, "0c383e010203"
			step.want.Site, step.want.Created = db.DefaultSite, f.now
			f.same(step.want, got, "after import of %+v", step.in)
		}
		if n := len(all(f, f.ListPhones)); n != 1 {
			f.t.Errorf("there are %d phones", n)
		}
	}},

	{"a phone that waits for approval is approved", func(f *fixture) {
		in := inform(1)
		in.Enrol, in.Now, in.Session = db.PhonePending, f.now, "s"
		rec, err := f.RecordInform(f.ctx, in)
		f.ok(err, "RecordInform")
		r := f.imports(db.PhoneImport{MAC: in.MAC})[0]
		if r.ID != rec.Phone.ID || r.Created || f.phone(r.ID).State != db.PhoneApproved {
			f.t.Errorf("import gave %+v, the phone is %s", r, f.phone(rec.Phone.ID).State)
		}
		f.same(map[db.PhoneState]int{db.PhoneApproved: 1}, nonZero(none(f, f.CountPhones)), "CountPhones")
	}},

	{"the same phone twice in one list is one phone", func(f *fixture) {
		r := f.imports(
			db.PhoneImport{MAC: "0c383e010203", Name: "first"},
			db.PhoneImport{MAC: "0c383e010204"},
			db.PhoneImport{MAC: "0C383E010203", Name: "second"},
		)
		if r[0].ID != r[2].ID || !r[0].Created || r[2].Created || r[1].ID == r[0].ID {
			f.t.Errorf("results %+v; want the third to change the first", r)
		}
		if p := f.phone(r[0].ID); p.Name != "second" {
			f.t.Errorf("the name is %q; want the later line's", p.Name)
		}
	}},

	{"a line at fault fails alone", func(f *fixture) {
		known := f.imports(db.PhoneImport{MAC: "0c383e0000aa"}, db.PhoneImport{OUI: "001565", Serial: "77"})
		results := f.imports(
			db.PhoneImport{MAC: "0c383e000001"},
			db.PhoneImport{MAC: "0c383e00000"},   // too short
			db.PhoneImport{MAC: "0c383e00000g"},  // not hex
			db.PhoneImport{MAC: "0c383e0000011"}, // too long
			db.PhoneImport{Name: "neither MAC nor serial"},
			db.PhoneImport{MAC: "0c383e000002", Site: 99},
			db.PhoneImport{MAC: "0c383e0000aa", OUI: "001565", Serial: "77"}, // two phones
			db.PhoneImport{MAC: "0c383e000003"},
		)
		for i, field := range map[int]string{1: "mac", 2: "mac", 3: "mac", 4: "mac", 5: "site"} {
			f.failsField(results[i].Err, field, fmt.Sprint("line ", i))
		}
		f.fails(results[6].Err, db.ErrExists, "a line whose MAC and serial are two phones")
		for _, i := range []int{0, 7} {
			if r := results[i]; r.Err != nil || !r.Created {
				f.t.Errorf("line %d: %+v; want a new phone", i, r)
			}
		}
		if n := len(all(f, f.ListPhones)); n != 4 {
			f.t.Errorf("there are %d phones; want 4", n)
		}
		for _, k := range known {
			f.phone(k.ID)
		}
	}},

	{"a list that is too long is refused whole", func(f *fixture) {
		in := make([]db.PhoneImport, 1001)
		for i := range in {
			in[i].MAC = inform(i).MAC
		}
		if r, err := f.ImportPhones(f.ctx, in, f.now, "ops"); err == nil {
			f.t.Errorf("1001 lines gave %d results; want an error", len(r))
		}
		if n := len(all(f, f.ListPhones)); n != 0 {
			f.t.Errorf("%d phones were taken in", n)
		}
		f.imports(in[:1000]...)
		f.same(map[db.PhoneState]int{db.PhoneApproved: 1000}, nonZero(none(f, f.CountPhones)), "CountPhones")
		if r := f.imports(); len(r) != 0 {
			f.t.Errorf("no lines gave %+v", r)
		}
	}},

	{"is durable when it returns", func(f *fixture) {
		id := f.imports(db.PhoneImport{MAC: "0c383e010203", Name: "desk"})[0].ID
		if p := f.crash().phone(id); p.Name != "desk" {
			f.t.Errorf("after a power cut the phone is %+v", p)
		}
	}},
}
