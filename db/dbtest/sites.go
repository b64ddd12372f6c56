package dbtest

import (
	"errors"
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

	{"a site is changed, and found by its new name alone", func(f *fixture) {
		s, err := f.CreateSite(f.ctx, db.Site{Name: "Depot", Zone: "Europe/Berlin", Networks: []string{"192.0.2.0/24"}})
		f.ok(err, "CreateSite")
		want := db.Site{ID: s.ID, Name: "Yard", Zone: "Asia/Tokyo", URL: "https://acs.example", Ways: []string{db.WayUDP}}
		got, err := f.UpdateSite(f.ctx, want)
		f.ok(err, "UpdateSite")
		f.same(want, got, "UpdateSite")
		f.same(want, one(f.crash(), f.Site)(s.ID), "Site")
		f.reopen()
		f.same(want, one(f, f.Site)(s.ID), "Site")
		if id, err := f.FindSite(f.ctx, "yard"); id != s.ID || err != nil {
			f.t.Errorf("FindSite = %v, %v", id, err)
		}
		_, err = f.FindSite(f.ctx, "Depot")
		f.fails(err, db.ErrNotFound, "FindSite by the old name")
		want.Name = "YARD" // its own name is not taken
		_, err = f.UpdateSite(f.ctx, want)
		f.ok(err, "UpdateSite to another spelling")
		other, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		f.ok(err, "CreateSite with the name that is free again")
		other.Name = "Yard"
		_, err = f.UpdateSite(f.ctx, other)
		f.fails(err, db.ErrExists, "UpdateSite to a taken name")
		other.Name = "Depot"
		for _, ways := range [][]string{{"smoke"}, {db.WayHTTP, db.WayHTTP}, {db.WayScheduleDownload, db.WayScheduleDownload}} {
			other.Ways = ways
			_, err = f.UpdateSite(f.ctx, other)
			f.failsField(err, "ways", "UpdateSite")
		}
		for _, name := range []string{"", "s7", strings.Repeat("x", 65)} {
			_, err = f.UpdateSite(f.ctx, db.Site{ID: other.ID, Name: name})
			f.failsField(err, "name", "UpdateSite to "+name)
		}
		f.same("Depot", one(f, f.Site)(other.ID).Name, "the name after what was refused")
		_, err = f.UpdateSite(f.ctx, db.Site{ID: 99, Name: "x"})
		f.fails(err, db.ErrNotFound, "UpdateSite of none")
	}},

	{"a site goes when nothing is of it", func(f *fixture) {
		s, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		f.ok(err, "CreateSite")
		var use *db.InUseError
		needs := func(by string) {
			f.t.Helper()
			err := f.DeleteSite(f.ctx, s.ID)
			f.fails(err, db.ErrInUse, "DeleteSite")
			if !errors.As(err, &use) || use.By != by {
				f.t.Errorf("DeleteSite: %v; want that %s needs it", err, by)
			}
		}
		phone := f.listed(2)[1]
		_, err = f.UpdatePhone(f.ctx, phone, db.PhonePatch{Site: &s.ID}, "ops")
		f.ok(err, "UpdatePhone")
		needs("phone " + phone.String())
		home := db.DefaultSite
		_, err = f.UpdatePhone(f.ctx, phone, db.PhonePatch{Site: &home}, "ops")
		f.ok(err, "UpdatePhone")
		f.ok(f.SetHold(f.ctx, db.Hold{Site: s.ID, Reason: "works", Since: f.now}), "SetHold")
		needs("a hold")
		f.ok(f.ClearHold(f.ctx, s.ID, 0), "ClearHold")
		r := byMAC(7, db.EnrolApprove)
		r.Site = s.ID
		r = f.rule(r)
		needs("enrolment rule " + r.ID.String())
		f.ok(f.DeleteRule(f.ctx, r.ID), "DeleteRule")
		f.ok(f.DeleteSite(f.ctx, s.ID), "DeleteSite")
		f.fails(f.DeleteSite(f.ctx, s.ID), db.ErrNotFound, "DeleteSite again")
		_, err = f.FindSite(f.ctx, "Depot")
		f.fails(err, db.ErrNotFound, "FindSite of what is gone")
		f.fails(f.DeleteSite(f.ctx, db.DefaultSite), db.ErrInUse, "DeleteSite of the default")
		again, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		f.ok(err, "CreateSite")
		if again.ID == s.ID {
			f.t.Errorf("the id %s was given twice", s.ID)
		}
		// s10 begins as s1 does: what is of the one is not of the other.
		for again.ID < 12 {
			again, err = f.CreateSite(f.ctx, db.Site{Name: "n" + again.ID.String()})
			f.ok(err, "CreateSite")
		}
		_, err = f.UpdatePhone(f.ctx, phone, db.PhonePatch{Site: &again.ID}, "ops")
		f.ok(err, "UpdatePhone")
		f.ok(f.DeleteSite(f.ctx, again.ID-1), "DeleteSite beside one that is in use")
	}},
}
