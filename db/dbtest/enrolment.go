package dbtest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"phoneacs/db"
)

// rule adds a rule and returns it as kept.
func (f *fixture) rule(r db.EnrolmentRule) db.EnrolmentRule {
	f.t.Helper()
	r.Created = f.now
	res, err := f.CreateRules(f.ctx, []db.EnrolmentRule{r})
	f.ok(err, "CreateRules")
	f.ok(res[0].Err, "CreateRules of %+v", r)
	return f.ruleOf(res[0].ID)
}

func (f *fixture) ruleOf(id db.RuleID) db.EnrolmentRule {
	f.t.Helper()
	r, err := f.Rule(f.ctx, id)
	f.ok(err, "Rule %s", id)
	return r
}

// arrives lets an unknown phone inform; the state of others is enrol.
func (f *fixture) arrives(n int, enrol db.PhoneState, events ...string) (db.Recorded, error) {
	in := inform(n)
	in.Enrol, in.Now, in.Events = enrol, f.now, events
	in.Session = db.SessionToken(fmt.Sprint("arrives ", n))
	return f.RecordInform(f.ctx, in)
}

func byMAC(n int, action db.EnrolAction) db.EnrolmentRule {
	mac := inform(n).MAC
	return db.EnrolmentRule{FirstMAC: mac, LastMAC: mac, Action: action}
}

var enrolmentTests = []testCase{
	{"the first rule that matches decides, with its site and tags", func(f *fixture) {
		site, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		f.ok(err, "CreateSite")
		last := f.rule(db.EnrolmentRule{Order: 30, All: true, Action: db.EnrolRefuse})
		range1 := f.rule(db.EnrolmentRule{Order: 20, FirstMAC: inform(1).MAC, LastMAC: inform(3).MAC, Action: db.EnrolPending})
		one := byMAC(2, db.EnrolApprove)
		one.Order, one.Site, one.Tags = 10, site.ID, []string{"new", "depot", "new"}
		one = f.rule(one)
		var order []db.RuleID
		for _, r := range all(f, f.ListRules) {
			order = append(order, r.ID)
		}
		f.same([]db.RuleID{one.ID, range1.ID, last.ID}, order, "the order of the rules")

		rec, err := f.arrives(2, db.PhonePending)
		f.ok(err, "inform")
		f.same([]any{db.PhoneApproved, site.ID, []string{"depot", "new"}, true},
			[]any{rec.Phone.State, rec.Phone.Site, rec.Phone.Tags, rec.Created}, "the listed phone")
		rec, err = f.arrives(3, db.PhoneApproved)
		f.ok(err, "inform")
		if rec.Phone.State != db.PhonePending || rec.Phone.Site != db.DefaultSite {
			f.t.Errorf("a phone in the range is %+v; want it pending", rec.Phone)
		}
		_, err = f.arrives(4, db.PhoneApproved)
		f.fails(err, db.ErrRefused, "a phone that only the last rule is for")
		f.same([]int{1, 1, 0}, []int{f.ruleOf(one.ID).Admitted, f.ruleOf(range1.ID).Admitted, f.ruleOf(last.ID).Admitted}, "counts")
		if got := f.ruleOf(one.ID).Last; !got.Equal(f.now) {
			f.t.Errorf("last used %v; want %v", got, f.now)
		}
		if n := len(all(f, f.ListPhones)); n != 2 {
			f.t.Errorf("%d phones; a refused one leaves no record", n)
		}
	}},

	{"without a rule for it a phone is as the inform says", func(f *fixture) {
		f.rule(byMAC(1, db.EnrolApprove))
		_, err := f.arrives(9, "")
		f.fails(err, db.ErrNotListed, "a phone no rule is for")
		rec, err := f.arrives(1, "")
		f.ok(err, "inform of the listed phone")
		if rec.Phone.State != db.PhoneApproved {
			f.t.Errorf("the listed phone is %s", rec.Phone.State)
		}
	}},

	{"a rule that is exhausted or past is passed over", func(f *fixture) {
		a := f.rule(db.EnrolmentRule{OUI: "0C383E", Action: db.EnrolApprove, Limit: 2})
		b := f.rule(db.EnrolmentRule{OUI: "0C383E", Action: db.EnrolApprove, Until: f.now.Add(time.Hour)})
		for n := range 3 {
			_, err := f.arrives(n+1, "")
			f.ok(err, "inform %d", n)
		}
		f.same([]int{2, 1}, []int{f.ruleOf(a.ID).Admitted, f.ruleOf(b.ID).Admitted}, "counts")
		f.later(time.Hour)
		_, err := f.arrives(4, "")
		f.fails(err, db.ErrNotListed, "a phone that comes when all rules are used up")
	}},

	{"a limit is exact when many come at once", func(f *fixture) {
		r := f.rule(db.EnrolmentRule{All: true, Action: db.EnrolApprove, Limit: 10})
		var wg sync.WaitGroup
		var in, out atomic.Int32
		for n := range 40 {
			wg.Go(func() {
				switch _, err := f.arrives(n+1, ""); {
				case err == nil:
					in.Add(1)
				case errors.Is(err, db.ErrNotListed):
					out.Add(1)
				default:
					f.t.Errorf("inform: %v", err)
				}
			})
		}
		wg.Wait()
		if in.Load() != 10 || out.Load() != 30 || f.ruleOf(r.ID).Admitted != 10 {
			f.t.Errorf("%d let in, %d not, the rule counts %d; want 10, 30, 10", in.Load(), out.Load(), f.ruleOf(r.ID).Admitted)
		}
		f.reopen()
		if got := f.ruleOf(r.ID).Admitted; got != 10 {
			f.t.Errorf("the rule counts %d after a restart", got)
		}
		f.crash()
	}},

	{"a pending phone is let in by a new rule at its next inform", func(f *fixture) {
		rec, err := f.arrives(1, db.PhonePending)
		f.ok(err, "inform")
		r := f.rule(byMAC(1, db.EnrolApprove))
		for range 2 {
			again, err := f.arrives(1, db.PhonePending, "2 PERIODIC")
			f.ok(err, "inform")
			if again.Phone.State != db.PhoneApproved || again.Phone.ID != rec.Phone.ID || again.Created {
				f.t.Fatalf("recorded %+v; want the same phone, approved", again)
			}
		}
		if got := f.ruleOf(r.ID).Admitted; got != 1 {
			f.t.Errorf("the rule counts %d", got)
		}
		f.same(map[db.PhoneState]int{db.PhoneApproved: 1}, nonZero(none(f, f.CountPhones)), "CountPhones")
		h, err := f.History(f.ctx, rec.Phone.ID, db.Query{})
		f.ok(err, "History")
		if h.Items[0].What != "state" || h.Items[0].By != "enrolment rule "+r.ID.String() {
			f.t.Errorf("history %+v; want who approved it", h.Items[0])
		}
		if g := f.crash(); g.phone(rec.Phone.ID).State != db.PhoneApproved {
			f.t.Error("the approval was not durable")
		}
	}},

	{"rules are changed and taken away", func(f *fixture) {
		r := f.rule(byMAC(1, db.EnrolRefuse))
		_, err := f.arrives(1, db.PhoneApproved)
		f.fails(err, db.ErrRefused, "inform")
		r.Action, r.By = db.EnrolPending, "nobody"
		r.Admitted = 99
		got, err := f.UpdateRule(f.ctx, r)
		f.ok(err, "UpdateRule")
		if got.By != "" || got.Admitted != 0 || got.Action != db.EnrolPending {
			f.t.Errorf("changed to %+v", got)
		}
		rec, err := f.arrives(1, db.PhoneApproved)
		f.ok(err, "inform")
		if rec.Phone.State != db.PhonePending {
			f.t.Errorf("the phone is %s", rec.Phone.State)
		}
		f.ok(f.DeleteRule(f.ctx, r.ID), "DeleteRule")
		f.fails(f.DeleteRule(f.ctx, r.ID), db.ErrNotFound, "DeleteRule again")
		_, err = f.Rule(f.ctx, r.ID)
		f.fails(err, db.ErrNotFound, "Rule")
		_, err = f.UpdateRule(f.ctx, r)
		f.fails(err, db.ErrNotFound, "UpdateRule")
		rec, err = f.arrives(2, db.PhoneApproved)
		f.ok(err, "inform")
		if rec.Phone.State != db.PhoneApproved {
			f.t.Errorf("without the rule the phone is %s", rec.Phone.State)
		}
	}},

	{"a rule that cannot be leaves the others", func(f *fixture) {
		res, err := f.CreateRules(f.ctx, []db.EnrolmentRule{
			byMAC(1, db.EnrolApprove),
			{Action: db.EnrolApprove},
			{OUI: "0C383E", Action: db.EnrolApprove, Site: 99},
			{OUI: "0C383E", Action: "perhaps"},
			{OUI: "0C383E", Action: db.EnrolRefuse, Limit: 3},
			{Network: "10.0.0.1/8", Action: db.EnrolApprove},
			byMAC(2, db.EnrolApprove),
		})
		f.ok(err, "CreateRules")
		for i, field := range map[int]string{1: "all", 2: "site", 3: "action", 4: "action", 5: "network"} {
			f.failsField(res[i].Err, field, fmt.Sprint("rule ", i))
		}
		if n := len(all(f, f.ListRules)); n != 2 || res[0].ID == 0 || res[6].ID == 0 {
			f.t.Errorf("%d rules, results %+v", n, res)
		}
		_, err = f.CreateRules(f.ctx, make([]db.EnrolmentRule, 1001))
		f.fails(err, db.ErrTooMany, "1001 rules at once")
	}},

	{"rules that are not for one phone are bounded", func(f *fixture) {
		in := make([]db.EnrolmentRule, db.MaxBroadRules)
		for i := range in {
			in[i] = db.EnrolmentRule{Model: fmt.Sprint("X", i), Action: db.EnrolApprove}
		}
		_, err := f.CreateRules(f.ctx, in)
		f.ok(err, "CreateRules")
		one := f.rule(byMAC(1, db.EnrolApprove))
		res, err := f.CreateRules(f.ctx, in[:1])
		f.ok(err, "CreateRules")
		f.fails(res[0].Err, db.ErrTooMany, "one more")
		one.LastMAC = inform(2).MAC
		_, err = f.UpdateRule(f.ctx, one)
		f.fails(err, db.ErrTooMany, "one more by a change")
	}},
}
