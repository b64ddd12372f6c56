package dbtest

import (
	"strings"

	"phoneacs/db"
)

var siteTests = []testCase{
	{"there is a default", func(f *fixture) {
		s, err := f.Site(f.ctx, db.DefaultSite)
		f.ok(err, "Site")
		if s.ID != db.DefaultSite || s.Name == "" {
			f.t.Errorf("the default site is %+v", s)
		}
		f.same([]db.Site{s}, all(f, f.ListSites), "ListSites")
	}},

	{"a site is found by id and name", func(f *fixture) {
		in := db.Site{Name: "Depot Süd", Zone: "Europe/Berlin", Networks: []string{"192.0.2.0/24", "2001:db8::/64"}, URL: "https://acs.example"}
		s, err := f.CreateSite(f.ctx, in)
		f.ok(err, "CreateSite")
		in.ID = s.ID
		f.same(in, s, "CreateSite")
		f.reopen()
		f.same(in, one(f, f.Site)(s.ID), "Site")
		for _, ref := range []string{s.ID.String(), "Depot Süd"} {
			if id, err := f.FindSite(f.ctx, ref); id != s.ID || err != nil {
				f.t.Errorf("FindSite(%q) = %v, %v; want %s", ref, id, err, s.ID)
			}
		}
		if got := all(f, f.ListSites); len(got) != 2 || got[1].ID != s.ID {
			f.t.Errorf("ListSites = %+v; want the default and %s", got, s.ID)
		}
	}},

	{"an unknown site is not found", func(f *fixture) {
		_, err := f.Site(f.ctx, 99)
		f.fails(err, db.ErrNotFound, "Site")
		for _, ref := range []string{"", "s99", "s0", "nowhere", "p1"} {
			_, err := f.FindSite(f.ctx, ref)
			f.fails(err, db.ErrNotFound, "FindSite(%q)", ref)
		}
	}},

	{"a name is taken once", func(f *fixture) {
		_, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		f.ok(err, "CreateSite")
		_, err = f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		f.fails(err, db.ErrExists, "CreateSite with the same name")
		for _, name := range []string{"", strings.Repeat("x", 65)} {
			if s, err := f.CreateSite(f.ctx, db.Site{Name: name}); err == nil {
				f.t.Errorf("CreateSite with a name of %d characters = %s", len(name), s.ID)
			}
		}
		if _, err := f.CreateSite(f.ctx, db.Site{Name: strings.Repeat("ü", 64)}); err != nil {
			f.t.Errorf("CreateSite with a name of 64 characters: %v", err)
		}
		if n := len(all(f, f.ListSites)); n != 3 {
			f.t.Errorf("there are %d sites; want 3", n)
		}
	}},
}
