package bolt

import (
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
)

// A standing is what the proof of an Inform makes of it.
type standing int

const (
	admitted standing = iota // taken in as it is
	proven                   // taken in, and shown to be of this phone
	reset                    // cannot prove itself after 0 BOOTSTRAP: noted, and nothing else
)

// stands decides what an Inform of a known phone is worth. sure says that the
// phone was found by all that the Inform says of itself.
func stands(in *db.Inform, p *db.Phone, h *credentialHead, sure bool) (standing, error) {
	issued := h.has(hasOwn | hasNext)
	if in.Proof != db.ProofNone && in.ProofOf != p.ID && (in.Proof != db.ProofOpen || in.ProofOf != 0) {
		return 0, fmt.Errorf("phone %s: proof of %s: %w", p.ID, in.ProofOf, db.ErrUnproven)
	}
	switch in.Proof {
	case db.ProofOwn, db.ProofNext:
		// Next may be its own by now, by another session; either may have been
		// dropped since the phone was challenged.
		if h.has(hasOwn) || in.Proof == db.ProofNext && h.has(hasNext) {
			return proven, nil
		}
	case db.ProofCertificate:
		return proven, nil
	case db.ProofOpen:
		return admitted, nil
	case db.ProofNone:
	default:
		return 0, &db.FieldError{Field: "proof", Err: fmt.Errorf("%.20q is none", in.Proof)}
	}
	must := h.has(hasOwn|hasCertificate) || issued && (!sure || p.State == db.PhoneReEnrol)
	switch {
	case h.has(isWaived):
		return admitted, nil
	case (issued || h.has(hasCertificate)) && slices.Contains(in.Events, "0 BOOTSTRAP"):
		return reset, nil
	case must || in.Proof != db.ProofNone:
		return 0, fmt.Errorf("phone %s: %w", p.ID, db.ErrUnproven)
	}
	return admitted, nil
}

// changesBy reports whether a proof changes what is kept of the phone.
func changesBy(proof db.Proof, p *db.Phone, h *credentialHead) bool {
	if p.State == db.PhoneReEnrol {
		return true
	}
	switch proof {
	case db.ProofCertificate:
		return !h.has(hasCertificate)
	case db.ProofNext:
		return h.has(hasNext)
	}
	return h.used.IsZero()
}

// prove takes a phone's proof in: a login that it uses for the first time is
// its own from now on, and it needs no new approval.
func (t *tx) prove(in *db.Inform, p *db.Phone, h *credentialHead) (changes []db.Change, err error) {
	if !changesBy(in.Proof, p, h) {
		return nil, nil
	}
	c, err := t.openCredentials(p, h)
	if err != nil {
		return nil, err
	}
	was := c.Standing().Proof
	switch {
	case in.Proof == db.ProofCertificate:
		c.Certificate = true
	case in.Proof == db.ProofNext && !c.Next.IsZero():
		c.Own, c.Next, c.Used = c.Next, db.Login{}, in.Now
		c.Refused, c.RefusedAt = "", time.Time{}
		takeRequest(&c)
		changes = append(changes, db.Change{What: "credentials", New: "in use", By: "phone"})
	case c.Used.IsZero():
		c.Used = in.Now
	}
	if now := c.Standing().Proof; now != was {
		changes = append(changes, db.Change{What: "proof", Old: string(was), New: string(now), By: "phone"})
	}
	if p.State == db.PhoneReEnrol {
		p.State = db.PhoneApproved
		changes = append(changes, db.Change{What: "state", Old: string(db.PhoneReEnrol), New: string(p.State), By: "phone"})
		t.event(db.Event{Type: "phone.changed", Phone: p.ID})
	}
	return changes, t.putCredentials(p, &c)
}

// letReturn approves a phone that was reset anew, if an enrolment rule says so:
// what it was issued is forgotten, and it is issued something else.
func (t *tx) letReturn(in *db.Inform, p *db.Phone) error {
	rule, err := t.ruleForReturn(in)
	if err != nil || rule == nil || p.State != db.PhoneReEnrol {
		return err
	}
	c, err := t.credentials(p)
	if err != nil {
		return err
	}
	old := *p
	p.State = db.PhoneApproved
	t.dress(p, rule)
	dropCredentials(&c)
	if err := t.putCredentials(p, &c); err != nil {
		return err
	}
	if err := t.savePhone(&old, *p); err != nil {
		return err
	}
	if err := t.addHistory(p.ID, in.Now, []db.Change{{
		What: "state", Old: string(old.State), New: string(p.State), By: "enrolment rule " + rule.ID.String(),
	}}); err != nil {
		return err
	}
	if err := t.admit(p.ID, true); err != nil {
		return err
	}
	return t.useRule(rule.ID, in.Now)
}

// applyReset takes in that something says it is a phone which was reset. Of all
// that it says nothing is kept but that, once, for whoever approves it again.
func (t *tx) applyReset(in *db.Inform, p db.Phone) (rec db.Recorded, err error) {
	if p.State == db.PhoneApproved {
		old := p
		p.State = db.PhoneReEnrol
		if err := t.savePhone(&old, p); err != nil {
			return rec, err
		}
		err := t.addHistory(p.ID, in.Now, []db.Change{
			{What: "event", New: "0 BOOTSTRAP", By: "phone"},
			{What: "state", Old: string(old.State), New: string(p.State), By: "phone"},
			{What: "address", New: short(in.Address), By: "phone"},
		})
		if err != nil {
			return rec, err
		}
		t.event(db.Event{Type: "phone.changed", Phone: p.ID, Why: "0 BOOTSTRAP without proof"})
	}
	if err := t.letReturn(in, &p); err != nil {
		return rec, err
	}
	t.s.owners.setFree(p.ID, in.Session)
	rec.Phone = p
	open, err := t.openAttempts(p.ID)
	for _, o := range open {
		if o.Job.Kind == db.KindFactoryReset {
			rec.Open = append(rec.Open, o)
		}
	}
	return rec, err
}
