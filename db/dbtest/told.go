package dbtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"phoneacs/db"
)

var toldTests = []testCase{
	{"traits stand beside values, and names that are new are known as not read", func(f *fixture) {
		d := f.device()
		known := d.in.Parameters[0].Name
		yes, two := true, 2
		f.ok(f.RecordTraits(f.ctx, d.id, d.in.Session, []db.Trait{
			{Name: known, Writable: &yes}, {Name: "Device.New", Notification: &two, AccessList: &[]string{"Subscriber", "x"}}, {Name: "Device.Table.", Writable: &yes},
		}, f.now), "RecordTraits")
		f.ok(f.RecordTraits(f.ctx, d.id, d.in.Session, []db.Trait{{Name: known, Notification: &two}}, f.now), "RecordTraits")
		before := len(all(f, of(f.History, d.id)))
		f.ok(f.RecordValues(f.ctx, d.id, d.in.Session, []db.Parameter{{Name: "Device.New", Type: "int", Value: "1"}}, f.now), "RecordValues")
		for _, g := range []*fixture{f, f.crash()} {
			got, err := g.ParameterTraits(g.ctx, d.id, []string{known, "Device.New", "Device.Table.", "Device.Nothing"})
			g.ok(err, "ParameterTraits")
			if t := got[known]; len(got) != 3 || t.Writable == nil || !*t.Writable || t.Notification == nil || *t.Notification != 2 || t.AccessList != nil {
				g.t.Errorf("traits are %+v", got)
			}
			if t := got["Device.New"]; t.Writable != nil || t.AccessList == nil || !slices.Equal(*t.AccessList, []string{"Subscriber", "x"}) {
				g.t.Errorf("traits are %+v", t)
			}
			if v := g.values(d.id); v["Device.New"] != "1" {
				g.t.Errorf("values are %q", v)
			}
			page, err := g.Parameters(g.ctx, d.id, "Device.Table.", db.Query{})
			g.ok(err, "Parameters")
			if len(page.Items) != 1 || page.Items[0].Type != db.TypeObject {
				g.t.Errorf("parameters are %+v", page.Items)
			}
			if n := len(all(g, of(g.History, d.id))); n != before {
				g.t.Errorf("a value read for the first time is %d changes", n-before)
			}
		}
	}},

	{"only the session that owns the phone tells, and not without end", func(f *fixture) {
		d := f.device()
		old := d.in.Session
		d.session("2 PERIODIC")
		if old == d.in.Session {
			old += "x"
		}
		one := []db.Trait{{Name: "Device.New"}}
		f.fails(f.RecordTraits(f.ctx, d.id, old, one, f.now), db.ErrSuperseded, "RecordTraits of a session that has ended")
		f.fails(f.RecordMethods(f.ctx, d.id, old, db.Methods{Asked: f.now}), db.ErrSuperseded, "RecordMethods of a session that has ended")
		f.fails(f.RecordTraits(f.ctx, d.id, d.in.Session, make([]db.Trait, db.MaxValues+1), f.now), db.ErrTooMany, "RecordTraits of too many")
		_, err := f.ParameterTraits(f.ctx, d.id, make([]string, db.MaxValues+1))
		f.fails(err, db.ErrTooMany, "ParameterTraits of too many")
		many := db.Methods{Asked: f.now}
		for i := range db.MaxMethods + 1 {
			many.Names = append(many.Names, fmt.Sprintf("M%04d", i))
		}
		f.fails(f.RecordMethods(f.ctx, d.id, d.in.Session, many), db.ErrTooMany, "RecordMethods of too many")
		f.fails(f.RecordMethods(f.ctx, d.id, d.in.Session, db.Methods{Prompt: db.Prompt{Slots: make([]time.Time, db.MaxPrompts+1)}}),
			db.ErrTooMany, "RecordMethods of too many slots")
		for _, names := range [][]string{{"B", "A"}, {"A", "A"}, {""}, {strings.Repeat("x", db.MaxMethodText+1)}} {
			if err := f.RecordMethods(f.ctx, d.id, "", db.Methods{Names: names}); err == nil {
				f.t.Errorf("methods %q were taken", names)
			}
		}
		if m, err := f.Methods(f.ctx, d.id); err != nil || !m.Asked.IsZero() {
			f.t.Errorf("what was refused was recorded: %+v, %v", m, err)
		}
	}},

	{"what a phone takes is kept, and goes with the phone", func(f *fixture) {
		d := f.device()
		want := db.Methods{
			Names: []string{"Download", "Reboot"}, Firmware: "2.4", Asked: f.now,
			STUN:   db.STUNSetup{Server: "acs.example 3478", Step: db.STUNNamed, Names: []string{"STUNEnable"}, Tries: 1},
			Prompt: db.Prompt{Slots: []time.Time{f.now.Add(time.Hour)}, Task: db.TaskID{Job: 7, Phone: d.id}, Why: "w", Refused: []string{db.WayScheduleInform}},
		}
		f.ok(f.RecordMethods(f.ctx, d.id, d.in.Session, want), "RecordMethods")
		f.ok(f.RecordTraits(f.ctx, d.id, "", []db.Trait{{Name: "Device.New"}}, f.now), "RecordTraits")
		g := f.crash()
		m, err := g.Methods(g.ctx, d.id)
		g.ok(err, "Methods")
		f.same(want.Prompt, m.Prompt, "the prompt")
		if !slices.Equal(m.Names, want.Names) || m.Firmware != "2.4" || !m.Asked.Equal(f.now) || !m.Has("Reboot") || m.Has("Upload") || !m.Known("2.4") || m.Known("2.5") ||
			m.STUN.Step != db.STUNNamed || m.STUN.Server != "acs.example 3478" || m.STUN.Tries != 1 || !slices.Equal(m.STUN.Names, want.STUN.Names) {
			g.t.Errorf("methods are %+v", m)
		}
		f.ok(f.DeletePhone(f.ctx, d.id), "DeletePhone")
		if m, err := f.Methods(f.ctx, d.id); err != nil || !m.Asked.IsZero() {
			f.t.Errorf("methods are left: %+v, %v", m, err)
		}
		if got, err := f.ParameterTraits(f.ctx, d.id, []string{"Device.New"}); err != nil || len(got) != 0 {
			f.t.Errorf("traits are left: %+v, %v", got, err)
		}
	}},

	{"values that only count are kept and are no history", func(f *fixture) {
		d := f.device()
		const up = "Device.DeviceInfo.UpTime"
		was := len(all(f, of(f.History, d.id)))
		for i := range db.HistoryKept + 1 {
			f.later(time.Minute)
			f.ok(f.RecordValues(f.ctx, d.id, "", []db.Parameter{{Name: up, Type: "unsignedInt", Value: fmt.Sprint(i)}}, f.now), "RecordValues")
		}
		if h := all(f, of(f.History, d.id)); len(h) != was {
			f.t.Errorf("%d entries of history more: %+v", len(h)-was, h[0])
		}
		kept := db.Parameter{Name: up, Type: "unsignedInt", Value: fmt.Sprint(db.HistoryKept), Changed: f.now}
		if all := f.parameters(d.id); !slices.Contains(all, kept) {
			f.t.Errorf("the last value is not kept: %+v", all)
		}
		f.ok(f.RecordValues(f.ctx, d.id, "", []db.Parameter{{Name: up, Type: "unsignedInt", Value: "0", By: "ops"}}, f.now), "RecordValues")
		if h := all(f, of(f.History, d.id)); len(h) != was+1 || h[0].By != "ops" {
			f.t.Error("what was ordered of such a parameter is no history")
		}
	}},

	{"the history names who had a value set, also when it is shown later", func(f *fixture) {
		d := f.device()
		name := d.in.Parameters[0].Name
		by := func(want string) {
			f.t.Helper()
			if h := all(f, of(f.History, d.id)); h[0].What != name || h[0].New+" by "+h[0].By != want {
				f.t.Errorf("history begins with %+v; want %s", h[0], want)
			}
		}
		record := func(p db.Parameter) {
			p.Name = name
			f.later(time.Minute)
			f.ok(f.RecordValues(f.ctx, d.id, d.in.Session, []db.Parameter{p}, f.now), "RecordValues")
		}
		record(db.Parameter{Value: "a", By: "ann (j1)"})
		by("a by ann (j1)")
		record(db.Parameter{Type: db.TypePending, Value: "b", By: "bob (j2)"})
		by(" by bob (j2)")
		if v := f.values(d.id)[name]; v != "" {
			f.t.Errorf("a pending value is given out: %q", v)
		}
		record(db.Parameter{Type: db.TypePending, Value: "c", By: "cid (j3)"})
		d.in.Parameters[0].Value = "c"
		d.session("4 VALUE CHANGE")
		for _, h := range all(f, of(f.History, d.id)) {
			if h.What == name {
				if h.New+" by "+h.By != "c by cid (j3)" {
					f.t.Errorf("history begins with %+v; want what was ordered last", h)
				}
				break
			}
		}
		record(db.Parameter{Type: db.TypePending, Value: "d", By: "dot (j4)"})
		record(db.Parameter{Value: "e"})
		by("e by phone")
	}},

	{"a result is kept with its task, the newest, and is bounded", func(f *fixture) {
		d := f.device()
		j := f.create(f.order(d.id))
		f.expand(j.ID, f.waiting)
		id := db.TaskID{Job: j.ID, Phone: d.id}
		_, err := f.Result(f.ctx, id)
		f.fails(err, db.ErrNotFound, "Result of none")
		f.ok(f.RecordResult(f.ctx, id, db.Result{Attempt: 1, Time: f.now, RPC: "x", Answer: json.RawMessage(`{}`)}), "RecordResult")
		f.ok(f.RecordResult(f.ctx, id, db.Result{Attempt: 2, Time: f.now, RPC: "y", Answer: json.RawMessage(`{"a":"b"}`), Cut: true, Size: 9}), "RecordResult")
		g := f.crash()
		r, err := g.Result(g.ctx, id)
		g.ok(err, "Result")
		if r.Attempt != 2 || r.RPC != "y" || string(r.Answer) != `{"a":"b"}` || !r.Cut || r.Size != 9 || !r.Time.Equal(f.now) {
			g.t.Errorf("result is %+v", r)
		}
		f.fails(f.RecordResult(f.ctx, id, db.Result{Answer: make([]byte, db.MaxResult+1)}), db.ErrTooMany, "RecordResult of too much")
		f.fails(f.RecordResult(f.ctx, db.TaskID{Job: j.ID, Phone: 999}, db.Result{}), db.ErrNotFound, "RecordResult of no task")
	}},
}
