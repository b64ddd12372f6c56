package dbtest

import (
	"fmt"
	"strings"
	"time"

	"phoneacs/db"
)

// unproven is the standing of a phone that was issued nothing.
var unproven = db.Standing{Proof: db.ProvesNothing}

func (f *fixture) credentials(id db.PhoneID) db.Credentials {
	f.t.Helper()
	c, err := f.Credentials(f.ctx, id)
	f.ok(err, "Credentials of %s", id)
	return c
}

// offer is the nth that a phone is made.
func offer(n int) db.Offer {
	return db.Offer{
		Own:               db.Login{User: fmt.Sprint("phone-", n), Password: fmt.Sprint("own-secret-", n)},
		ConnectionRequest: db.Login{User: "acs", Password: fmt.Sprint("request-secret-", n)},
	}
}

// issue has the phone's session issued an offer.
func (d *device) issue(o db.Offer) db.Credentials {
	d.f.t.Helper()
	c, err := d.f.IssueCredentials(d.f.ctx, d.id, d.in.Session, o, d.f.now)
	d.f.ok(err, "IssueCredentials")
	return c
}

func (d *device) answer(a db.OfferAnswer) {
	d.f.t.Helper()
	d.f.ok(d.f.CredentialsTaken(d.f.ctx, d.id, d.in.Session, a, d.f.now), "CredentialsTaken")
}

// owned is a device that has taken and used an offer of its own.
func (f *fixture) owned() *device {
	f.t.Helper()
	d := f.device()
	d.issue(offer(1))
	d.answer(db.OfferAnswer{Own: true, ConnectionRequest: true})
	d.in.Proof = db.ProofNext
	d.session("2 PERIODIC")
	d.in.Proof = db.ProofOwn
	return d
}

// attempt begins a session and returns how that went.
func (d *device) attempt(proof db.Proof, events ...string) (db.Recorded, error) {
	in := d.in
	d.n++
	in.Session = db.SessionToken(fmt.Sprintf("%s/%d", in.Serial, d.n))
	in.Proof, in.ProofOf, in.Events, in.Now = proof, d.id, events, d.f.now
	return d.f.RecordInform(d.f.ctx, in)
}

// is checks the state of a phone and how it proves who it is.
func (d *device) is(state db.PhoneState, proof db.ProofState) {
	d.f.t.Helper()
	if p := d.f.phone(d.id); p.State != state || p.Proof != proof {
		d.f.t.Errorf("phone is %s with proof %s; want %s with %s", p.State, p.Proof, state, proof)
	}
}

var credentialTests = []testCase{
	{"logins are issued once and the same again until they are used", func(f *fixture) {
		d := f.device()
		d.is(db.PhoneApproved, db.ProvesNothing)
		first := d.issue(offer(1))
		want := db.Credentials{Next: offer(1).Own, ConnectionRequestNext: offer(1).ConnectionRequest, Issued: f.now}
		f.same(want, first, "issued")
		f.later(time.Hour)
		f.same(first, d.issue(offer(2)), "issued again")
		d.is(db.PhoneApproved, db.ProvesIssued)
		crashed := f.crash()
		f.same(first, crashed.credentials(d.id), "after a power cut")

		d.answer(db.OfferAnswer{Own: true, ConnectionRequest: true})
		want.ConnectionRequestTaken = true
		f.same(want, f.credentials(d.id), "taken")
		// Neither has been used: the phone may still be as it was.
		d.in.Proof = db.ProofNone
		d.session("2 PERIODIC")
		f.same(want, d.issue(offer(3)), "issued again after it was taken")

		f.later(time.Hour)
		d.in.Proof = db.ProofNext
		d.session("2 PERIODIC")
		want = db.Credentials{Own: offer(1).Own, ConnectionRequest: offer(1).ConnectionRequest, Issued: want.Issued, Used: f.now}
		f.same(want, f.credentials(d.id), "used")
		f.same(want, f.crash().credentials(d.id), "used, after a power cut")
		d.is(db.PhoneApproved, db.ProvesOwn)
		if p := f.phone(d.id); p.ConnectionRequestUser != "acs" {
			f.t.Errorf("user of connection requests %q", p.ConnectionRequestUser)
		}
		// From the same Inform, by a session that was challenged before.
		d.session("2 PERIODIC")
		f.same(want, f.credentials(d.id), "used by another session")

		next := d.issue(offer(2))
		want.Next, want.ConnectionRequestNext, want.Issued = offer(2).Own, offer(2).ConnectionRequest, f.now
		f.same(want, next, "a change")
		d.in.Proof = db.ProofOwn
		d.session("2 PERIODIC")
		f.same(want, f.credentials(d.id), "the former is used while the next is not")
		d.in.Proof = db.ProofNext
		d.session("2 PERIODIC")
		if c := f.credentials(d.id); c.Own != offer(2).Own || c.ConnectionRequest != offer(1).ConnectionRequest || c.ConnectionRequestNext.IsZero() {
			f.t.Errorf("after a change of which the phone has told nothing: %+v", c)
		}
		f.reopen()
	}},

	{"only the session that owns an approved phone is issued logins", func(f *fixture) {
		d := f.device()
		old := d.in.Session
		d.session("2 PERIODIC")
		_, err := f.IssueCredentials(f.ctx, d.id, old, offer(1), f.now)
		f.fails(err, db.ErrSuperseded, "IssueCredentials by an older session")
		_, err = f.IssueCredentials(f.ctx, d.id, "", offer(1), f.now)
		f.fails(err, db.ErrSuperseded, "IssueCredentials without a session")
		_, err = f.IssueCredentials(f.ctx, 99, "s", offer(1), f.now)
		f.fails(err, db.ErrNotFound, "IssueCredentials of no phone")
		_, err = f.IssueCredentials(f.ctx, d.id, d.in.Session, db.Offer{Own: db.Login{User: strings.Repeat("x", 257)}}, f.now)
		f.failsField(err, "own_user", "IssueCredentials of a long user")
		_, err = f.IssueCredentials(f.ctx, d.id, d.in.Session, db.Offer{ConnectionRequest: db.Login{Password: "x"}}, f.now)
		f.failsField(err, "connection_request_user", "IssueCredentials without a user")
		f.same(db.Credentials{}, f.credentials(d.id), "after what was refused")
		d.issue(offer(1))
		f.fails(f.CredentialsTaken(f.ctx, d.id, old, db.OfferAnswer{Own: true}, f.now), db.ErrSuperseded, "CredentialsTaken by an older session")

		f.made++
		p := &device{f: f, in: inform(f.made)}
		p.in.Enrol = db.PhonePending
		p.id = p.session("1 BOOT").Phone.ID
		_, err = f.IssueCredentials(f.ctx, p.id, p.in.Session, offer(1), f.now)
		f.fails(err, db.ErrConflict, "IssueCredentials to a pending phone")
	}},

	{"what a phone refuses is forgotten, and why is kept", func(f *fixture) {
		d := f.device()
		d.issue(offer(1))
		f.later(time.Minute)
		d.answer(db.OfferAnswer{ConnectionRequest: true})
		d.answer(db.OfferAnswer{Own: true, Refused: "fault 9008: it cannot be written"})
		f.same(db.Credentials{ConnectionRequest: offer(1).ConnectionRequest, Issued: f.now.Add(-time.Minute),
			Refused: "fault 9008: it cannot be written", RefusedAt: f.now}, f.credentials(d.id), "refused its own")
		if p := f.phone(d.id); p.Refused != "fault 9008: it cannot be written" || !p.RefusedAt.Equal(f.now) || p.Proof != db.ProvesNothing {
			f.t.Errorf("the phone shows %+v", p.Standing)
		}
		d.session("2 PERIODIC") // it need not prove what it could not take

		d.issue(offer(2))
		d.answer(db.OfferAnswer{ConnectionRequest: true, Refused: "no"})
		if c := f.credentials(d.id); !c.ConnectionRequestNext.IsZero() || c.Next != offer(2).Own || c.ConnectionRequest != offer(1).ConnectionRequest {
			f.t.Errorf("after a refusal for connection requests: %+v", c)
		}
		d.in.Proof = db.ProofNext
		d.session("2 PERIODIC")
		if c := f.credentials(d.id); c.Refused != "" || !c.RefusedAt.IsZero() || c.Own != offer(2).Own {
			f.t.Errorf("after its own was used: %+v", c)
		}
	}},

	{"a claim finds the phone that an Inform would", func(f *fixture) {
		d := f.owned()
		want := db.Claim{Phone: d.id, State: db.PhoneApproved, Credentials: f.credentials(d.id)}
		before := f.snapshot()
		for _, who := range []db.Identity{d.in.Identity(), {MAC: d.in.MAC}, {MAC: d.in.MAC, OUI: "001565", Serial: "another"}} {
			got, err := f.Claimed(f.ctx, who)
			f.ok(err, "Claimed by %+v", who)
			f.same(want, got, "Claimed by %+v", who)
		}
		_, err := f.Claimed(f.ctx, db.Identity{OUI: d.in.OUI, ProductClass: "X7", Serial: d.in.Serial})
		f.fails(err, db.ErrNotFound, "Claimed of another class")
		f.same(before, f.snapshot(), "after claims")
	}},

	{"an operator waives proof, and asks for it again", func(f *fixture) {
		d := f.owned()
		yes, no := true, false
		p, err := f.UpdatePhone(f.ctx, d.id, db.PhonePatch{ProofWaived: &yes}, "ops")
		f.ok(err, "waive")
		if p.Proof != db.ProvesWaived {
			f.t.Errorf("proof is %s", p.Proof)
		}
		for _, event := range []string{"2 PERIODIC", "0 BOOTSTRAP"} {
			_, err := d.attempt(db.ProofNone, event)
			f.ok(err, event)
		}
		p, err = f.DropCredentials(f.ctx, d.id, "ops")
		f.ok(err, "DropCredentials")
		f.same(db.Credentials{Waived: true}, f.credentials(d.id), "dropped")
		if h := all(f, of(f.History, d.id)); h[0].What != "credentials" || h[0].By != "ops" || p.Proof != db.ProvesWaived {
			f.t.Errorf("dropped: %+v, and history %+v", p.Standing, h[0])
		}
		_, err = f.UpdatePhone(f.ctx, d.id, db.PhonePatch{ProofWaived: &no}, "ops")
		f.ok(err, "waive no more")
		d.is(db.PhoneApproved, db.ProvesNothing)
		_, err = f.DropCredentials(f.ctx, 99, "ops")
		f.fails(err, db.ErrNotFound, "DropCredentials of no phone")
	}},

	{"an operator says what a phone has", func(f *fixture) {
		d := f.device()
		d.issue(offer(1))
		user, password, long, empty := "u", "operator-secret", strings.Repeat("x", 257), ""
		patch := db.CredentialsPatch{OwnUser: &user, OwnPassword: &password, ConnectionRequestPassword: &password}
		p, err := f.SetCredentials(f.ctx, d.id, patch, "ops")
		f.ok(err, "SetCredentials")
		c := f.credentials(d.id)
		if c.Own != (db.Login{User: user, Password: password}) || !c.Next.IsZero() || !c.ConnectionRequestNext.IsZero() ||
			c.ConnectionRequest != (db.Login{Password: password}) || p.Proof != db.ProvesIssued {
			f.t.Errorf("set is %+v, %+v", c, p.Standing)
		}
		_, err = d.attempt(db.ProofNone, "2 PERIODIC")
		f.fails(err, db.ErrUnproven, "without it")
		d.in.Proof = db.ProofOwn
		d.session("2 PERIODIC")
		d.is(db.PhoneApproved, db.ProvesOwn)
		f.same(f.now, f.crash().credentials(d.id).Used, "first use, after a power cut")
		for field, bad := range map[string]db.CredentialsPatch{
			"own_password": {OwnPassword: &long}, "own_user": {OwnUser: &empty}, "connection_request_password": {ConnectionRequestPassword: &long},
		} {
			before := f.snapshot()
			_, err := f.SetCredentials(f.ctx, d.id, bad, "ops")
			f.failsField(err, field, "SetCredentials")
			f.same(before, f.snapshot(), "after a refused "+field)
		}
		for _, c := range all(f, of(f.History, d.id)) {
			if strings.Contains(c.Old+c.New, "secret") {
				f.t.Errorf("the history gives a password away: %+v", c)
			}
		}
		f.EndSession(d.id, d.in.Session)
		f.ok(f.DeletePhone(f.ctx, d.id), "DeletePhone")
		_, err = f.Credentials(f.ctx, d.id)
		f.fails(err, db.ErrNotFound, "Credentials of a deleted phone")
	}},

	{"secrets of an order are kept for those who send them", func(f *fixture) {
		d := f.device()
		n := f.order(d.id)
		n.Job.Kind = db.KindSetParameters
		n.Job.Args.Parameters = []db.Setting{{Name: "Device.A.Password", Value: "order-secret"}, {Name: "Device.B", Value: "plain"}, {Name: "Device.C.PIN"}}
		n.Idempotency = db.Idempotency{Token: 1, Key: "k", Body: [32]byte{1}}
		want := n.Job.Args
		j := f.create(n)
		f.expand(j.ID, ready)
		look := func(f *fixture) {
			f.t.Helper()
			f.same(want, f.job(j.ID).Args, "Job")
			f.same(want, all(f, f.ListJobs)[0].Args, "ListJobs")
			ready, err := f.ReadyTasks(f.ctx, d.id, f.now, 1)
			f.ok(err, "ReadyTasks")
			f.same(want, ready[0].Job.Args, "ReadyTasks")
			again, ok, err := f.JobByKey(f.ctx, n.Idempotency, f.now)
			f.ok(err, "JobByKey")
			if !ok {
				f.t.Error("the key is not known")
			}
			f.same(want, again.Args, "JobByKey")
		}
		look(f)
		look(f.crash())
		f.reopen()
		look(f)
		f.same(want, n.Job.Args, "the caller's own")
	}},
}
