package dbtest

import (
	"fmt"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
)

var auditTests = []testCase{
	{"the audit trail is listed, newest first, and outlasts a restart", func(f *fixture) {
		var want []db.AuditEntry
		for i := range 5 {
			e := db.AuditEntry{
				Time: f.now.Add(time.Duration(i) * time.Second), Token: db.TokenID(i%2 + 1), Name: "ops", Role: db.RoleAdmin, Address: "10.0.0.9",
				Method: "POST", Route: "createJob", Object: fmt.Sprint("j", i), Status: 201, Request: fmt.Sprint("r", i),
			}
			f.ok(f.NoteAudit(f.ctx, e), "NoteAudit")
			want = append([]db.AuditEntry{e}, want...)
		}
		f.same(want, all(f, f.ListAudit), "ListAudit at once")
		f.same(want, all(f.crash(), f.ListAudit), "ListAudit after a power cut")
		f.ok(f.NoteAudit(f.ctx, want[0]), "NoteAudit")
		want = append([]db.AuditEntry{want[0]}, want...)
		f.reopen()
		f.same(want, all(f, f.ListAudit), "ListAudit after a restart")
		q, err := filter.Parse(`token = "t2" AND object = "j3"`, db.AuditFields)
		f.ok(err, "Parse")
		page, err := f.ListAudit(f.ctx, db.Query{Filter: q})
		f.ok(err, "ListAudit")
		f.same([]db.AuditEntry{want[2]}, page.Items, "ListAudit with a filter")
	}},

	{"the audit trail has its bounds", func(f *fixture) {
		note := func(i int) {
			f.ok(f.NoteAudit(f.ctx, db.AuditEntry{Time: f.now.Add(time.Duration(i) * time.Minute), Route: "x", Object: fmt.Sprint(i)}), "NoteAudit")
		}
		for i := range db.AuditKept + 1500 {
			note(i)
		}
		got := all(f, f.ListAudit)
		if n := len(got); n != db.AuditKept || got[0].Object != fmt.Sprint(db.AuditKept+1499) || got[n-1].Object != "1500" {
			f.t.Fatalf("%d entries, from %s to %s", n, got[n-1].Object, got[0].Object)
		}
		last := f.now.Add((db.AuditKept + 1499) * time.Minute)
		f.ok(f.Prune(f.ctx, last.Add(db.AuditTime-9*time.Minute)), "Prune")
		if got := all(f, f.ListAudit); len(got) != 10 {
			f.t.Errorf("%d entries are left after their time; want 10", len(got))
		}
		f.ok(f.Prune(f.ctx, last.Add(db.AuditTime+time.Second)), "Prune")
		if got := all(f, f.ListAudit); len(got) != 0 {
			f.t.Errorf("%d entries are left for ever", len(got))
		}
	}},
}
