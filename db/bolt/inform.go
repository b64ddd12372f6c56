package bolt

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"slices"
	"sync"
	"time"

	"phoneacs/db"
)

// Bounds of the parameters that are stored of a phone: one that waits for
// approval may not fill the disk.
const (
	maxParams        = 20_000
	maxParamsPending = 64
)

// RecordInform takes an Inform in. What it costs depends on what it brings: if
// nothing is new and no answer makes the phone forget, a few look-ups.
func (s *Store) RecordInform(ctx context.Context, in db.Inform) (rec db.Recorded, err error) {
	if s.soft.full() {
		if err := s.Flush(ctx); err != nil {
			return rec, err
		}
	}
	digest := informDigest(&in)
	if !forgets(in.Events) {
		rec, done, err := s.recordSoftly(ctx, &in, digest)
		if done || err != nil {
			return rec, err
		}
	}
	err = s.update(ctx, func(t *tx) error {
		rec, err = t.applyInform(&in, digest)
		return err
	})
	return rec, err
}

// recordSoftly takes in an Inform that the phone need not be told is kept. done
// is false if it has to be kept all the same: of a phone that is new, or for
// which work waits that a change may concern.
func (s *Store) recordSoftly(ctx context.Context, in *db.Inform, digest [16]byte) (rec db.Recorded, done bool, err error) {
	var kept contact
	changed, lets := false, false
	err = s.view(ctx, func(t *tx) error {
		id, known, sure := t.knownAs(in.Identity())
		if !known {
			return nil
		}
		p, err := t.loadPhone(id)
		if err != nil {
			return err
		}
		h, err := t.credentialHead(id)
		if err != nil {
			return err
		}
		how, err := stands(in, &p, &h, sure)
		if err != nil || how == proven && changesBy(in.Proof, &p, &h) {
			return err // and if it is none, the proof is to be kept
		}
		rec.Phone = p
		kept = t.contact(id)
		fresh := rec.Phone
		t.identifyUnique(&fresh, in)
		if lets, err = t.admits(&rec.Phone, in); err != nil {
			return err
		}
		changed = kept.digest != digest || !samePhone(&fresh, &rec.Phone)
		rec.Phone = fresh
		return t.workOf(&rec, in.Now)
	})
	if err != nil || rec.Phone.ID == 0 || lets || changed && (rec.Work || len(rec.Open) > 0) {
		return rec, false, err
	}
	s.owners.set(rec.Phone.ID, in.Session)
	if changed {
		said := *in
		said.Parameters = slices.Clone(in.Parameters)
		s.soft.addInform(rec.Phone.ID, softInform{said, digest})
	}
	s.soft.change(rec.Phone.ID, kept, func(c *contact) { c.meet(in, digest) })
	return rec, true, nil
}

// forgets reports whether the answer makes the phone forget an event.
func forgets(events []string) bool {
	for _, e := range events {
		if e != "2 PERIODIC" && e != "6 CONNECTION REQUEST" {
			return true
		}
	}
	return false
}

func (c *contact) meet(in *db.Inform, digest [16]byte) {
	c.LastInform, c.Address = in.Now, in.Address
	c.Informs++
	c.digest = digest
	for _, e := range in.Events {
		switch e {
		case "0 BOOTSTRAP":
			c.Bootstrap = in.Now
		case "1 BOOT":
			c.Boot = in.Now
		}
	}
}

// informDigest stands for the values of an Inform.
func informDigest(in *db.Inform) (d [16]byte) {
	h := digests.Get().(hash.Hash)
	defer digests.Put(h)
	h.Reset()
	var buf [512]byte
	for i := range in.Parameters {
		p := &in.Parameters[i]
		b := buf[:0]
		b = binary.AppendUvarint(b, uint64(len(p.Name)))
		b = append(b, p.Name...)
		b = append(b, p.Type...)
		b = append(b, 0)
		b = binary.AppendUvarint(b, uint64(len(p.Value)))
		b = append(b, p.Value...)
		h.Write(b)
	}
	copy(d[:], h.Sum(buf[:0]))
	return d
}

var digests = sync.Pool{New: func() any { return sha256.New() }}

// workOf fills in what waits for the phone.
func (t *tx) workOf(rec *db.Recorded, now time.Time) error {
	_, rec.Work = t.firstReady(rec.Phone.ID, t.s.opts.Now())
	rec.Waits = t.waits(rec.Phone.ID, now)
	var err error
	rec.Open, err = t.openAttempts(rec.Phone.ID)
	a, _ := t.admission(rec.Phone.ID)
	rec.Admit = !a.at.IsZero()
	return err
}

// applyInform takes an Inform in for good.
func (t *tx) applyInform(in *db.Inform, digest [16]byte) (rec db.Recorded, err error) {
	id, known, sure := t.knownAs(in.Identity())
	if !known {
		rec.Created = true
		rec.Phone, err = t.enrol(in)
	} else {
		rec.Phone, err = t.loadPhone(id)
	}
	if err != nil {
		return rec, err
	}
	h, err := t.credentialHead(rec.Phone.ID)
	if err != nil {
		return rec, err
	}
	how, err := admitted, error(nil)
	if known {
		if how, err = stands(in, &rec.Phone, &h, sure); err != nil {
			return rec, err
		}
		// What it said softly before comes first, lest it comes after.
		if err := t.applySoftInforms(id); err != nil {
			return rec, err
		}
		if rec.Phone, err = t.loadPhone(id); err != nil {
			return rec, err
		}
	}
	if how == reset {
		return t.applyReset(in, rec.Phone)
	}
	old := rec.Phone
	p := &rec.Phone
	changes := eventChanges(in.Events)
	if how == proven || !known && in.Proof == db.ProofCertificate {
		shown, err := t.prove(in, p, &h)
		if err != nil {
			return rec, err
		}
		changes = append(changes, shown...)
	}
	let, err := t.letIn(p, in)
	if err != nil {
		return rec, err
	}
	changes = append(changes, let...)
	t.identifyUnique(p, in)
	switch {
	case !known:
		err = t.savePhone(nil, *p)
	case !samePhone(&old, p) || len(let) > 0:
		changes = append(changes, versionChange(&old, p)...)
		err = t.savePhone(&old, *p)
	}
	if err != nil {
		return rec, err
	}
	c := t.contact(p.ID)
	c.params = max(c.params, t.storedContact(p.ID).params)
	if c.digest != digest {
		if err := t.saveParams(p, &c, in, &changes); err != nil {
			return rec, err
		}
	}
	if err := t.addHistory(p.ID, in.Now, changes); err != nil {
		return rec, err
	}
	c.meet(in, digest)
	if err := t.put(bContacts, be8(uint64(p.ID)), c.encode()); err != nil {
		return rec, err
	}
	t.undo(t.s.soft.takeContact(p.ID))
	t.s.owners.set(p.ID, in.Session)
	if p.State == db.PhoneApproved {
		if err := t.admit(p.ID, old.State != p.State); err != nil {
			return rec, err
		}
	}
	if rec.Created {
		t.event(db.Event{Type: "phone.created", Phone: p.ID})
	}
	return rec, t.workOf(&rec, in.Now)
}

// applySoftInforms stores what a phone's Informs said that were answered before
// it was on disk. If the transaction does not come through, they are kept.
func (t *tx) applySoftInforms(id db.PhoneID) error {
	informs, putBack := t.s.soft.takeInforms(id)
	t.undo(putBack)
	for i := range informs {
		if err := t.applySoftInform(id, &informs[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) applySoftInform(id db.PhoneID, i *softInform) error {
	old, err := t.loadPhone(id)
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted meanwhile
	} else if err != nil {
		return err
	}
	p := old
	t.identifyUnique(&p, &i.in)
	if !samePhone(&p, &old) {
		if err := t.savePhone(&old, p); err != nil {
			return err
		}
	}
	changes := versionChange(&old, &p)
	c := t.storedContact(id)
	if err := t.saveParams(&p, &c, &i.in, &changes); err != nil {
		return err
	}
	c.digest = i.digest
	if err := t.put(bContacts, be8(uint64(id)), c.encode()); err != nil {
		return err
	}
	return t.addHistory(id, i.in.Now, changes)
}
