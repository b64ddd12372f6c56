package bolt

import (
	"context"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"phoneacs/db"
)

// TestAdmitAgain: a phone that was put out and is let in again is admitted anew,
// unless the standing orders of the time before are still to be applied.
func TestAdmitAgain(t *testing.T) {
	s := open(t, t.TempDir())
	ctx := t.Context()
	in := db.Inform{Session: "s", Now: time.Now(), OUI: "0C383E", ProductClass: "X6", Serial: "S1", Enrol: db.PhoneApproved, Events: []string{"1 BOOT"}}
	rec, err := s.RecordInform(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateStanding(ctx, db.StandingOrder{Name: "a", Items: []db.StandingItem{{Kind: db.KindReboot}}}); err != nil {
		t.Fatal(err)
	}
	id := rec.Phone.ID
	again := func() {
		t.Helper()
		if err := s.update(ctx, func(x *tx) error { return x.admit(id, true) }); err != nil {
			t.Fatal(err)
		}
	}
	waits := func(want int) {
		t.Helper()
		d, ok, err := s.Admission(ctx, id)
		if err != nil || ok != (want > 0) || d.Attempt != want {
			t.Errorf("admission %+v, %t, %v; want the %d. time", d, ok, err, want)
		}
	}
	waits(0) // it was let in before there were standing orders
	again()
	waits(2)
	again()
	waits(2)
	d, _, _ := s.Admission(ctx, id)
	if _, err := s.ApplyStanding(ctx, d, nil, time.Now()); err != nil {
		t.Fatal(err)
	}
	again()
	waits(3)
	check(t, s)
}

// TestMarkAdmitted: phones of a store that kept no admissions are not new.
func TestMarkAdmitted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	ctx := t.Context()
	in := db.Inform{Session: "s", Now: time.Now(), OUI: "0C383E", ProductClass: "X6", Serial: "S1", Enrol: db.PhoneApproved, Events: []string{"1 BOOT"}}
	rec, err := s.RecordInform(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := s.ImportPhones(ctx, []db.PhoneImport{{MAC: "0c383e000002"}}, time.Now(), "t")
	if err != nil {
		t.Fatal(err)
	}
	err = s.bolt.Update(func(b *bbolt.Tx) error { // as layout 1 was
		return b.DeleteBucket(bAdmitted)
	})
	if err == nil {
		err = s.bolt.Update(func(b *bbolt.Tx) error { return layout2(&tx{Tx: b, s: s}) })
	}
	if err != nil {
		t.Fatal(err)
	}
	check(t, s)
	if err := s.view(context.Background(), func(x *tx) error {
		if a, ok := x.admission(rec.Phone.ID); !ok || a.n != 1 || !a.at.IsZero() {
			t.Errorf("admission %+v, %t of a phone that was managed", a, ok)
		}
		if _, ok := x.admission(listed[0].ID); ok {
			t.Error("a phone that never informed was admitted")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestReturn: only a rule that says so lets a phone in again.
func TestReturn(t *testing.T) {
	s := open(t, t.TempDir())
	ctx := t.Context()
	in := db.Inform{Now: time.Now(), OUI: "0C383E", Serial: "S1"}
	find := func() (found db.RuleID) {
		t.Helper()
		if err := s.view(ctx, func(x *tx) error {
			r, err := x.ruleForReturn(&in)
			if r != nil {
				found = r.ID
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return found
	}
	add := func(r db.EnrolmentRule) db.RuleID {
		t.Helper()
		made, err := s.CreateRules(ctx, []db.EnrolmentRule{r})
		if err != nil || made[0].Err != nil {
			t.Fatal(err, made)
		}
		return made[0].ID
	}
	if got := find(); got != 0 {
		t.Errorf("rule %s of none", got)
	}
	add(db.EnrolmentRule{Order: 20, All: true, Action: db.EnrolApprove})
	if got := find(); got != 0 {
		t.Errorf("rule %s lets it in again, and does not say so", got)
	}
	id := add(db.EnrolmentRule{Order: 10, OUI: "0C383E", Action: db.EnrolApprove, ReEnrol: true, Limit: 1})
	if got := find(); got != id {
		t.Errorf("rule %s; want %s", got, id)
	}
	if err := s.update(ctx, func(x *tx) error { return x.useRule(id, in.Now) }); err != nil {
		t.Fatal(err)
	}
	if got := find(); got != 0 {
		t.Errorf("rule %s is used up", got)
	}
	check(t, s)
}
