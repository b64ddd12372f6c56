package dbtest

import (
	"fmt"
	"time"

	"phoneacs/db"
)

// proofTests are of Informs whose phones have to prove who they are.
var proofTests = []testCase{
	{"a phone with a login of its own has to prove who it is", func(f *fixture) {
		d := f.owned()
		owner := d.in.Session
		before := f.snapshot()
		for _, event := range []string{"1 BOOT", "2 PERIODIC"} {
			_, err := d.attempt(db.ProofNone, event)
			f.fails(err, db.ErrUnproven, event+" without proof")
		}
		_, err := d.attempt("password", "2 PERIODIC")
		f.failsField(err, "proof", "a proof that is none")
		moved := *d
		moved.in.Serial, moved.in.SoftwareVersion = "another", "6.6.6"
		_, err = moved.attempt(db.ProofNone, "1 BOOT")
		f.fails(err, db.ErrUnproven, "another serial with its MAC")
		f.same(before, f.snapshot(), "after Informs without proof")
		d.in.Session = owner
		d.issue(offer(2)) // the session still owns the phone

		_, err = moved.attempt(db.ProofOwn, "1 BOOT")
		f.ok(err, "another serial with its MAC and proof")
		if p := f.phone(d.id); p.Serial != "another" {
			f.t.Errorf("serial %q", p.Serial)
		}
		for _, proof := range []db.Proof{db.ProofOpen, db.ProofCertificate} {
			_, err = moved.attempt(proof, "2 PERIODIC")
			f.ok(err, "proof %q", proof)
		}
		d.is(db.PhoneApproved, db.ProvesCertificate)
	}},

	{"an issued login alone keeps out who comes by the MAC", func(f *fixture) {
		d := f.device()
		d.issue(offer(1))
		_, err := d.attempt(db.ProofNone, "1 BOOT")
		f.ok(err, "the phone itself, which may not have got it")
		_, err = d.attempt(db.ProofOwn, "1 BOOT")
		f.fails(err, db.ErrUnproven, "proof by what it never had")
		d.in.Serial = "another"
		_, err = d.attempt(db.ProofNone, "1 BOOT")
		f.fails(err, db.ErrUnproven, "another serial with its MAC")
		_, err = d.attempt(db.ProofNext, "1 BOOT")
		f.ok(err, "another serial with its MAC and proof")
	}},

	{"what one phone has proven is nothing of another", func(f *fixture) {
		victim, attacker := f.owned(), f.owned()
		before := f.snapshot()
		for _, proof := range []db.Proof{db.ProofOwn, db.ProofNext, db.ProofCertificate, db.ProofOpen} {
			for _, event := range []string{"1 BOOT", "2 PERIODIC"} { // durable and soft
				in := victim.in
				in.Session, in.Proof, in.ProofOf, in.Events, in.Now = "forged", proof, attacker.id, []string{event}, f.now
				_, err := f.RecordInform(f.ctx, in)
				f.fails(err, db.ErrUnproven, "%q of another phone, %s", proof, event)
				if in.ProofOf = 0; proof != db.ProofOpen { // it was not known when it proved that
					_, err = f.RecordInform(f.ctx, in)
					f.fails(err, db.ErrUnproven, "%q of no phone, %s", proof, event)
				}
			}
		}
		f.same(before, f.snapshot(), "after proofs of another phone")
		victim.issue(offer(2)) // its session still owns it
	}},

	{"a certificate that was shown is asked for from then on", func(f *fixture) {
		f.made++
		d := &device{f: f, in: inform(f.made)}
		d.in.Enrol, d.in.Proof = db.PhoneApproved, db.ProofCertificate
		d.id = d.session("2 PERIODIC").Phone.ID
		d.is(db.PhoneApproved, db.ProvesCertificate)
		_, err := d.attempt(db.ProofNone, "2 PERIODIC")
		f.fails(err, db.ErrUnproven, "without it")
		_, err = d.attempt(db.ProofNone, "0 BOOTSTRAP")
		f.ok(err, "without it, after a reset")
		d.is(db.PhoneReEnrol, db.ProvesCertificate)
		d.session("2 PERIODIC")
		d.is(db.PhoneApproved, db.ProvesCertificate)
	}},

	{"a reset phone without proof is given nothing until it proves itself", func(f *fixture) {
		d := f.owned()
		id := d.task()
		f.woken()
		before, had := f.phone(d.id), f.credentials(d.id)
		owner := d.in.Session
		liar := *d
		liar.in.SoftwareVersion, liar.in.Address, liar.in.Serial = "6.6.6", "203.0.113.6", "another"
		liar.in.Parameters = []db.Parameter{{Name: "Device.X", Value: "lie"}}
		for range 3 { // the same again costs nothing
			f.later(time.Minute)
			rec, err := liar.attempt(db.ProofNone, "0 BOOTSTRAP", "1 BOOT")
			f.ok(err, "0 BOOTSTRAP without proof")
			if rec.Phone.State != db.PhoneReEnrol || rec.Work || rec.Created || len(rec.Open) > 0 {
				f.t.Errorf("recorded %+v", rec)
			}
		}
		want := before
		want.State = db.PhoneReEnrol
		f.same(want, f.phone(d.id), "the record is kept")
		f.same(had, f.credentials(d.id), "the credentials are kept")
		if f.values(d.id)["Device.X"] != "" {
			f.t.Error("a value of it is kept")
		}
		h := all(f, of(f.History, d.id))
		if h[0].New != "203.0.113.6" || h[1].What != "state" || h[1].New != "re-enrol" || h[2].New != "0 BOOTSTRAP" || h[3].New == "203.0.113.6" {
			f.t.Errorf("history begins with %+v", h[:4])
		}
		f.same(map[db.PhoneState]int{db.PhoneReEnrol: 1}, nonZero(none(f, f.CountPhones)), "CountPhones")
		if got := paged(f, f.ListPhones, db.Query{Filter: f.filter(`state = "re-enrol"`, db.PhoneFields)}); len(got) != 1 {
			f.t.Errorf("%d phones are found by their state", len(got))
		}
		f.inState(id, db.TaskReady)
		if ready, err := f.ReadyTasks(f.ctx, d.id, f.now, 9); err != nil || len(ready) > 0 {
			f.t.Errorf("ready are %+v, %v", ready, err)
		}
		d.in.Session = owner // which is open still
		f.refused(d.sending(id), db.ErrConflict, "to a phone in re-enrol")
		_, err := f.IssueCredentials(f.ctx, d.id, owner, offer(2), f.now)
		f.fails(err, db.ErrConflict, "IssueCredentials to a phone in re-enrol")
		_, err = d.attempt(db.ProofNone, "2 PERIODIC")
		f.fails(err, db.ErrUnproven, "a session without proof after it")
		f.imports(db.PhoneImport{MAC: d.in.MAC, Name: "listed"})
		d.is(db.PhoneReEnrol, db.ProvesOwn)
		f.reopen()

		rec := d.session("2 PERIODIC")
		if rec.Phone.State != db.PhoneApproved || !rec.Work {
			f.t.Errorf("with proof it is recorded as %+v", rec)
		}
		d.is(db.PhoneApproved, db.ProvesOwn)
		f.same(map[db.PhoneState]int{db.PhoneApproved: 1}, nonZero(none(f, f.CountPhones)), "CountPhones")
		d.send(id)
	}},

	{"a reset phone that is approved again is issued new logins", func(f *fixture) {
		for _, used := range []bool{false, true} {
			d := f.device()
			if used {
				d = f.owned()
			} else {
				d.issue(offer(1))
			}
			id := d.task()
			f.EndSession(d.id, d.in.Session)
			d.in.Proof = db.ProofNone
			d.session("0 BOOTSTRAP")
			d.is(db.PhoneReEnrol, f.phone(d.id).Proof)
			_, err := d.attempt(db.ProofNone, "2 PERIODIC")
			f.fails(err, db.ErrUnproven, "a session without proof after it")
			f.woken()
			approved := db.PhoneApproved
			p, err := f.UpdatePhone(f.ctx, d.id, db.PhonePatch{State: &approved}, "ops")
			f.ok(err, "approve")
			if p.State != db.PhoneApproved || p.Proof != db.ProvesNothing || p.ConnectionRequestUser != "" {
				f.t.Errorf("approved is %+v", p)
			}
			f.same(db.Credentials{}, f.credentials(d.id), "after approval")
			if due := f.woken(); len(due) != 1 || due[0].Job != id.Job {
				f.t.Errorf("woken are %+v", due)
			}
			d.session("2 PERIODIC")
			if c := d.issue(offer(2)); c.Next != offer(2).Own {
				f.t.Errorf("issued is %+v", c)
			}
		}
	}},

	{"a phone that waits for approval goes on waiting after a reset", func(f *fixture) {
		f.made++
		d := &device{f: f, in: inform(f.made)}
		d.in.Enrol = db.PhonePending
		d.id = d.session("0 BOOTSTRAP").Phone.ID
		user, password := "u", "p"
		_, err := f.SetCredentials(f.ctx, d.id, db.CredentialsPatch{OwnUser: &user, OwnPassword: &password}, "ops")
		f.ok(err, "SetCredentials")
		d.session("0 BOOTSTRAP")
		d.is(db.PhonePending, db.ProvesIssued)
		d.in.Proof = db.ProofOwn
		d.session("2 PERIODIC")
		d.is(db.PhonePending, db.ProvesOwn)
	}},

	{"0 BOOTSTRAP shows a factory reset and nothing else without proof", func(f *fixture) {
		d := f.owned()
		reboot, reset := d.task(), d.task(func(n *db.NewJob) { n.Job.Kind = db.KindFactoryReset })
		s := d.sending(reboot)
		s.Exclusive = false
		_, err := f.MarkSent(f.ctx, s)
		f.ok(err, "MarkSent")
		d.send(reset)
		rec, err := d.attempt(db.ProofNone, "0 BOOTSTRAP")
		f.ok(err, "0 BOOTSTRAP")
		if len(rec.Open) != 1 || rec.Open[0].ID.Task != reset {
			f.t.Errorf("open are %+v; want the reset alone", rec.Open)
		}
		v := f.verdict(reset, 1, db.EventProof)
		v.Session = db.SessionToken(fmt.Sprintf("%s/%d", d.in.Serial, d.n))
		_, err = f.Judge(f.ctx, v)
		f.fails(err, db.ErrSuperseded, "Judge while an earlier session is open")
		f.EndSession(d.id, d.in.Session)
		_, err = d.attempt(db.ProofNone, "0 BOOTSTRAP")
		f.ok(err, "0 BOOTSTRAP again")
		v.Session = db.SessionToken(fmt.Sprintf("%s/%d", d.in.Serial, d.n))
		f.judge(v)
		f.inState(reset, db.TaskSucceeded)
	}},
}
