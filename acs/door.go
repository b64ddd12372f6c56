package acs

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/proof"
)

// A Door is how phones prove who they are before anything they say is
// believed. Checker and Throttle must be given.
type Door struct {
	Checker  *proof.Checker
	Throttle *proof.Throttle
	// Enrol is a login that phones share which have none of their own yet; it
	// admits to enrolment and nothing else. Zero: they are let that far without.
	Enrol proof.Login
	// Clear and TLS say what phones are asked for without and within TLS. Basic
	// is taken within TLS in any case, and without it only if asked for.
	Clear, TLS Ask
}

// Ask is what a challenge asks for.
type Ask string

// The ways to ask. Every phone knows the first.
const (
	AskMD5    Ask = "digest-md5"
	AskSHA256 Ask = "digest-sha256"
	AskBasic  Ask = "basic"
)

// A claimant is who an Inform says it is of, with what is known of that phone.
type claimant struct {
	db.Claim
	known bool
}

// prove finds out how the sender of an Inform proves to be who it says. The
// error is the breach of a rule that asks for a proof; [exchange.refuse]
// challenges the phone then.
//
// Proof comes first and a right one is never delayed. Without any, a phone that
// has no login of its own may enrol, and one that lost its own in a reset may
// say so: what they are given is for the store and the dispatcher to decide,
// who are told that nothing is proven.
func (x *exchange) prove(in *db.Inform) (db.Proof, error) {
	door := x.s.opts.Door
	if door == nil {
		return db.ProofOpen, nil
	}
	who, err := x.claimant(in)
	if err != nil {
		return db.ProofNone, err
	}
	in.ProofOf = who.Phone
	if x.certified(in, who) {
		x.s.metrics.proofs.WithLabelValues("certificate").Inc()
		return db.ProofCertificate, nil
	}
	c := &who.Credentials
	switch {
	case c.Waived:
		return db.ProofOpen, nil
	case !c.Certificate && c.Own.IsZero() && c.Next.IsZero():
		return x.admit(in, who)
	}
	how := x.manners(in, who)
	v, hold := x.judge(how, proof.Login(c.Own), proof.Login(c.Next))
	switch {
	case how.unasked && v.Outcome == proof.None:
		return db.ProofNone, nil
	case v.Outcome != proof.Proven:
		return x.lost(in, who, v, hold)
	case v.Login == 0:
		x.s.asked.forget(who.Phone)
		return db.ProofOwn, nil
	}
	x.s.asked.forget(who.Phone)
	return db.ProofNext, nil
}

// judge looks at the credentials of the request, and says how long a wrong
// answer is to be held back.
func (x *exchange) judge(how manners, logins ...proof.Login) (proof.Verdict, proof.Hold) {
	door := x.s.opts.Door
	v := door.Checker.Check(x.r, x.secure(), logins, how.lenient)
	x.s.metrics.proofs.WithLabelValues(v.Outcome.String()).Inc()
	return v, door.Throttle.Note(v, x.address())
}

// claimant looks the phone up that an Inform claims to be of.
func (x *exchange) claimant(in *db.Inform) (claimant, error) {
	claim, err := x.s.opts.Store.Claimed(x.lasting(), in.Identity())
	switch {
	case errors.Is(err, db.ErrNotFound):
		return claimant{}, nil
	case err != nil:
		return claimant{}, storeBreach(fmt.Errorf("look up who informs: %w", err))
	}
	return claimant{Claim: claim, known: true}, nil
}

// admit lets a phone enrol that has no login of its own: with the one that all
// share, if there is one. With none to check, whatever it sends is no failure.
func (x *exchange) admit(in *db.Inform, who claimant) (db.Proof, error) {
	if x.s.opts.Enrol == EnrolOpen {
		return db.ProofOpen, nil
	}
	shared := x.s.opts.Door.Enrol
	if shared == (proof.Login{}) {
		return db.ProofNone, nil
	}
	how := x.manners(in, who)
	if how.unasked {
		return db.ProofNone, nil
	}
	if v, hold := x.judge(how, shared); v.Outcome != proof.Proven {
		return db.ProofNone, x.demand(v, hold)
	}
	return db.ProofNone, nil
}

// lost decides about a phone that should have proven itself and did not. One
// that was reset cannot, and says 0 BOOTSTRAP; one that has not taken what it
// was issued cannot either. Both are heard once they have been challenged, if
// only by what they say of themselves.
func (x *exchange) lost(in *db.Inform, who claimant, v proof.Verdict, hold proof.Hold) (db.Proof, error) {
	excused := who.Credentials.Own.IsZero() && !who.Credentials.Certificate || slices.Contains(in.Events, cwmp.EventBootstrap)
	// With another password it has been challenged, and cannot do better.
	heard := v.Outcome == proof.Wrong || v.Outcome == proof.None && excused && x.s.asked.again(who.Phone, x.began)
	if !excused || !heard || hold.Refuse {
		return db.ProofNone, x.demand(v, hold)
	}
	if !x.hold(hold) {
		return db.ProofNone, &breach{rule: ruleHungUp}
	}
	return db.ProofNone, nil
}

// demand is the breach that asks for a proof, after the wait that a wrong one costs.
func (x *exchange) demand(v proof.Verdict, hold proof.Hold) error {
	if hold.Refuse {
		return &breach{rule: ruleGuesses}
	}
	if !x.hold(hold) {
		return &breach{rule: ruleHungUp}
	}
	rule := v.Rule
	if rule == "" {
		rule = ruleNoProof
	}
	x.verdict = v
	var err error
	if v.User != "" {
		err = fmt.Errorf("in the name of %.64q", v.User)
	}
	return &breach{rule, err}
}

// hold keeps an answer back; false if the phone has hung up meanwhile.
func (x *exchange) hold(h proof.Hold) bool {
	if h.For <= 0 {
		return true
	}
	select {
	case <-x.s.opts.Clock.After(h.For):
		return true
	case <-x.r.Context().Done():
		return false
	}
}

// certified reports whether the phone's certificate names the phone on record.
// What an Inform says is asked only where there is no record: else whoever has
// a certificate for one MAC could come as another phone with that MAC.
func (x *exchange) certified(in *db.Inform, who claimant) bool {
	if x.r.TLS == nil || len(x.r.TLS.VerifiedChains) == 0 {
		return false
	}
	id := proof.Identity{OUI: in.OUI, ProductClass: in.ProductClass, Serial: in.Serial, MAC: in.MAC}
	if who.known {
		p, err := x.s.opts.Store.Phone(x.lasting(), who.Phone)
		if err != nil {
			return false
		}
		id = proof.Identity{OUI: p.OUI, ProductClass: p.ProductClass, Serial: p.Serial, MAC: p.MAC}
	}
	return proof.Certified(x.r.TLS, id)
}

// challenge tells the phone how to prove itself.
func (x *exchange) challenge() {
	door := x.s.opts.Door
	ask := door.Clear
	if x.secure() {
		ask = door.TLS
	}
	var value string
	if x.sha256 && ask != AskBasic {
		ask = AskSHA256
	}
	switch ask {
	case AskBasic:
		value = `Basic realm="phoneacs", charset="UTF-8"`
	case AskSHA256:
		value = door.Checker.ChallengeWith(proof.SHA256, x.verdict)
	default:
		value = door.Checker.ChallengeWith(proof.MD5, x.verdict)
	}
	x.w.Header()["Www-Authenticate"] = []string{value}
}

// secure reports whether nobody on the way can read what the phone sends. What
// a proxy added, and did not put in the place of the phone's own, is not
// believed unless both agree.
func (x *exchange) secure() bool {
	if x.r.TLS != nil || !x.conn.proxied {
		return x.r.TLS != nil
	}
	said := x.r.Header["X-Forwarded-Proto"]
	for _, proto := range said {
		if proto != "https" {
			return false
		}
	}
	return len(said) > 0
}

// address is where the request came from, for counting.
func (x *exchange) address() netip.Addr {
	if !x.conn.proxied {
		return x.conn.addr
	}
	addr, err := netip.ParseAddr(x.s.phoneAddress(x.conn, x.r))
	if err != nil {
		return x.conn.addr
	}
	return addr
}

// opener reports whether an empty POST comes to be challenged: some agents open
// with one, to collect the 401. After a session on the same connection it is
// the phone's own way to say that it is done.
func (x *exchange) opener() bool {
	return x.s.opts.Door != nil && !x.conn.proxied && !x.conn.served.Load() && len(x.r.Header["Authorization"]) == 0
}

// asked remembers for an hour which phones were challenged that may be unable
// to answer. One that comes again without credentials is believed to be, for
// that once.
type asked struct {
	mu sync.Mutex
	m  map[db.PhoneID]time.Time
}

// maxAsked bounds it; past that a phone may have to come once more.
const maxAsked = 10_000

// again reports whether the phone was challenged and has not answered; else it
// notes that it is challenged now.
func (a *asked) again(phone db.PhoneID, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if at, ok := a.m[phone]; ok && now.Sub(at) < time.Hour {
		delete(a.m, phone)
		return true
	}
	if a.m == nil || len(a.m) >= maxAsked {
		a.m = make(map[db.PhoneID]time.Time)
	}
	a.m[phone] = now
	return false
}

// forget is for a phone that has answered.
func (a *asked) forget(phone db.PhoneID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.m, phone)
}

// manners are what is known of how the phone's model proves who it is.
func (x *exchange) manners(in *db.Inform, who claimant) manners {
	q := x.s.opts.Quirks.Of(x.lasting(), &db.Phone{
		ID: who.Phone, Vendor: in.Vendor, Model: in.Model, SoftwareVersion: in.SoftwareVersion,
		Manufacturer: in.Manufacturer, OUI: in.OUI, ProductClass: in.ProductClass, Serial: in.Serial,
	})
	x.sha256 = q.DigestSHA256
	return manners{unasked: q.NoChallenge, lenient: proof.Leniency{
		NoQop: q.DigestWithoutQOP, EmptyURI: q.DigestEmptyURI, OddCount: q.DigestNonceReuse,
		BasicInClear: q.BasicInClear || x.s.opts.Door.Clear == AskBasic,
	}}
}

type manners struct {
	unasked bool // a challenge is the end of it, so there is none
	lenient proof.Leniency
}
