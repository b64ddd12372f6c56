package dbtest

import (
	"errors"
	"strings"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// nightly is a window that opens each night from 2 to 4.
func nightly() window.Window {
	end := window.Dial(4 * 60)
	return window.Window{Flexible: &window.Flexible{Interval: 1, Begin: 2 * 60, End: &end}, Zone: "Europe/Berlin"}
}

var windowTests = []testCase{
	{"a window is found by id and name, over a restart", func(f *fixture) {
		in := db.Window{Name: "Nachts Süd", Window: nightly(), Created: f.now, By: "ops"}
		w, err := f.CreateWindow(f.ctx, in)
		f.ok(err, "CreateWindow")
		in.ID, in.Edition, in.Changed = w.ID, 1, f.now
		f.same(in, w, "CreateWindow")
		f.reopen()
		f.same(in, one(f, f.Window)(w.ID), "Window")
		for _, ref := range []string{w.ID.String(), "Nachts Süd", "nachts süd"} {
			if id, err := f.FindWindow(f.ctx, ref); id != w.ID || err != nil {
				f.t.Errorf("FindWindow(%q) = %v, %v; want %s", ref, id, err, w.ID)
			}
		}
		f.same([]db.Window{in}, all(f, f.ListWindows), "ListWindows")
		for _, ref := range []string{"", "w0", "w99", "nowhere", "s1"} {
			_, err := f.FindWindow(f.ctx, ref)
			f.fails(err, db.ErrNotFound, "FindWindow(%q)", ref)
		}
	}},

	{"what cannot be is refused, and nothing is kept of it", func(f *fixture) {
		_, err := f.CreateWindow(f.ctx, db.Window{Name: "night", Window: nightly(), Created: f.now})
		f.ok(err, "CreateWindow")
		bad := nightly()
		bad.Flexible.Interval = 0
		zone := nightly()
		zone.Zone = "Mars/Olympus"
		for name, tt := range map[string]struct {
			w     db.Window
			field string
		}{
			"no name":       {db.Window{Window: nightly()}, "name"},
			"a long name":   {db.Window{Name: strings.Repeat("ü", 65), Window: nightly()}, "name"},
			"an id as name": {db.Window{Name: "w7", Window: nightly()}, "name"},
			"a taken name":  {db.Window{Name: "NIGHT", Window: nightly()}, "name"},
			"no interval":   {db.Window{Name: "x", Window: bad}, "flexible.interval_days"},
			"no such zone":  {db.Window{Name: "x", Window: zone}, "zone"},
			"no window":     {db.Window{Name: "x"}, "weekly"},
		} {
			_, err := f.CreateWindow(f.ctx, tt.w)
			var field *db.FieldError
			if !errors.As(err, &field) || field.Field != tt.field {
				f.t.Errorf("%s: %v; want an error of field %s", name, err, tt.field)
			}
		}
		if got := all(f, f.ListWindows); len(got) != 1 {
			f.t.Errorf("there are %d windows; want 1", len(got))
		}
	}},

	{"a change is an edition, a new name is none", func(f *fixture) {
		w, err := f.CreateWindow(f.ctx, db.Window{Name: "night", Window: nightly(), Created: f.now, By: "ops"})
		f.ok(err, "CreateWindow")
		later := f.now.Add(time.Hour)
		w.Name = "Night"
		w, err = f.UpdateWindow(f.ctx, w, later)
		f.ok(err, "UpdateWindow")
		if w.Edition != 1 || w.Name != "Night" || !w.Changed.Equal(later) || !w.Created.Equal(f.now) || w.By != "ops" {
			f.t.Errorf("a new name makes %+v", w)
		}
		w.Name, w.Window.Flexible.Interval = "weekend", 7
		w, err = f.UpdateWindow(f.ctx, w, later)
		f.ok(err, "UpdateWindow")
		if w.Edition != 2 {
			f.t.Errorf("a change makes edition %d", w.Edition)
		}
		g := f.crash()
		f.same(w, one(g, g.Window)(w.ID), "after a crash")
		_, err = f.FindWindow(f.ctx, "night")
		f.fails(err, db.ErrNotFound, "FindWindow by the old name")
		_, err = f.UpdateWindow(f.ctx, db.Window{ID: 99, Name: "x", Window: nightly()}, later)
		f.fails(err, db.ErrNotFound, "UpdateWindow of none")
	}},

	{"a window is deleted, and its id not given again", func(f *fixture) {
		w, err := f.CreateWindow(f.ctx, db.Window{Name: "night", Window: nightly(), Created: f.now})
		f.ok(err, "CreateWindow")
		f.ok(f.DeleteWindow(f.ctx, w.ID), "DeleteWindow")
		f.fails(f.DeleteWindow(f.ctx, w.ID), db.ErrNotFound, "DeleteWindow again")
		v, err := f.CreateWindow(f.ctx, db.Window{Name: "night", Window: nightly(), Created: f.now})
		f.ok(err, "CreateWindow")
		if v.ID == w.ID {
			f.t.Errorf("the id %s was given twice", v.ID)
		}
	}},
}
