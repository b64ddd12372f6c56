package dbtest

import (
	"fmt"
	"time"

	"phoneacs/db"
)

var valueTests = []testCase{
	{"values that were read are reported ones, with their history", func(f *fixture) {
		d := f.device()
		name := d.in.Parameters[0].Name
		before := len(all(f, of(f.History, d.id)))
		f.later(time.Minute)
		read := []db.Parameter{{Name: name, Type: "string", Value: "9.9"}, {Name: "Device.Read", Type: "int", Value: "7"}}
		f.ok(f.RecordValues(f.ctx, d.id, d.in.Session, read, f.now), "RecordValues")
		for _, g := range []*fixture{f, f.crash()} {
			got := g.values(d.id)
			if got[name] != "9.9" || got["Device.Read"] != "7" {
				f.t.Errorf("values are %q", got)
			}
			h := all(g, of(g.History, d.id))
			if len(h) != before+1 || h[0].What != name || h[0].New != "9.9" || !h[0].Time.Equal(f.now) {
				f.t.Errorf("history is %+v; want one entry more, of %s", h, name)
			}
		}
	}},

	{"an Inform as before puts back what was read since", func(f *fixture) {
		d := f.device()
		name, value := d.in.Parameters[0].Name, d.in.Parameters[0].Value
		for _, event := range []string{"2 PERIODIC", "1 BOOT"} {
			f.ok(f.RecordValues(f.ctx, d.id, d.in.Session, []db.Parameter{{Name: name, Value: "other"}}, f.now), "RecordValues")
			d.session(event)
			f.ok(f.Flush(f.ctx), "Flush")
			if got := f.values(d.id)[name]; got != value {
				f.t.Errorf("%s: the value is %q; want %q", event, got, value)
			}
		}
	}},

	{"what was read stands over what was said softly before", func(f *fixture) {
		d := f.device()
		name := d.in.Parameters[0].Name
		d.in.Parameters[0].Value = "soft"
		d.session("2 PERIODIC")
		f.ok(f.RecordValues(f.ctx, d.id, d.in.Session, []db.Parameter{{Name: name, Value: "read"}}, f.now), "RecordValues")
		f.ok(f.Flush(f.ctx), "Flush")
		if got := f.values(d.id)[name]; got != "read" {
			f.t.Errorf("the value is %q; want what was read", got)
		}
		if st := f.phone(d.id); st.LastInform != f.now {
			f.t.Errorf("last inform is %v; want %v", st.LastInform, f.now)
		}
	}},

	{"only the session that owns the phone records, and not without end", func(f *fixture) {
		d := f.device()
		old := d.in.Session
		d.session("2 PERIODIC")
		if old == d.in.Session {
			old += "x"
		}
		one := []db.Parameter{{Name: "Device.Read", Value: "1"}}
		f.fails(f.RecordValues(f.ctx, d.id, old, one, f.now), db.ErrSuperseded, "RecordValues of a session that has ended")
		many := make([]db.Parameter, db.MaxValues+1)
		for i := range many {
			many[i].Name = fmt.Sprint("Device.Many.", i)
		}
		f.fails(f.RecordValues(f.ctx, d.id, d.in.Session, many, f.now), db.ErrTooMany, "RecordValues of too many")
		f.ok(f.RecordValues(f.ctx, d.id, d.in.Session, many[1:], f.now), "RecordValues of as many as may be")
		if _, known := f.values(d.id)["Device.Read"]; known {
			f.t.Errorf("what was refused was recorded")
		}
	}},
}
