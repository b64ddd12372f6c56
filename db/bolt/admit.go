package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
)

// An admission is kept of each phone that was admitted: approved, and has
// informed. Standing orders are applied once for each.
type admission struct {
	n  uint32    // how often it was admitted
	at time.Time // of its DueAdmit entry; zero: it has none
}

const admissionLen = 4 + 8

func (t *tx) admission(id db.PhoneID) (a admission, ok bool) {
	b := t.get(bAdmitted, be8(uint64(id)))
	if len(b) != admissionLen {
		return a, false
	}
	return admission{binary.BigEndian.Uint32(b), fromMillis(num(b[4:]))}, true
}

func (t *tx) putAdmission(id db.PhoneID, a admission) error {
	b := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, a.n), millis(a.at))
	return t.put(bAdmitted, be8(uint64(id)), b)
}

func (a admission) due(id db.PhoneID) db.Due {
	return db.Due{At: a.at, Kind: db.DueAdmit, Phone: id, Attempt: int(a.n)}
}

// admit notes that a phone is approved and has informed. Of one that is known
// to be, nothing is written unless it is admitted again, having been put out
// since; and then not while its standing orders are still to be applied.
func (t *tx) admit(id db.PhoneID, again bool) error {
	a, known := t.admission(id)
	if known && (!again || !a.at.IsZero()) {
		return nil
	}
	a.n++
	if k, _ := t.Bucket(bStanding).Cursor().First(); k != nil {
		a.at = fromMillis(millis(t.s.opts.Now()))
		if err := t.addDue(a.due(id)); err != nil {
			return err
		}
	}
	return t.putAdmission(id, a)
}

// approved is admit for a phone that an operator or a list has approved just
// now: it counts once the phone has informed.
func (t *tx) approved(id db.PhoneID) error {
	if t.contact(id).LastInform.IsZero() {
		return nil
	}
	return t.admit(id, true)
}

// forgetAdmission forgets that a phone was admitted.
func (t *tx) forgetAdmission(id db.PhoneID) error {
	a, known := t.admission(id)
	if !known {
		return nil
	}
	if !a.at.IsZero() {
		if err := t.dropDue(a.due(id)); err != nil {
			return err
		}
	}
	return t.del(bAdmitted, be8(uint64(id)))
}

// admits reports whether an Inform of a known phone lets it in, or is the first
// of one that is approved: then it has to be kept.
func (t *tx) admits(p *db.Phone, in *db.Inform) (bool, error) {
	switch p.State {
	case db.PhoneApproved:
		_, known := t.admission(p.ID)
		return !known, nil
	case db.PhonePending:
		rule, err := approvingRule(t, in)
		return rule != nil, err
	}
	return false, nil
}

// markAdmitted takes all that were approved and had informed before admissions
// were kept for admitted: they are not new.
func markAdmitted(t *tx) error {
	return t.Bucket(bPhones).ForEach(func(_, v []byte) error {
		p, err := decodePhone(v)
		if err != nil || p.State != db.PhoneApproved || t.storedContact(p.ID).LastInform.IsZero() {
			return err
		}
		if _, known := t.admission(p.ID); known {
			return nil
		}
		return t.putAdmission(p.ID, admission{n: 1})
	})
}

// Admission returns the DueAdmit entry of a phone.
func (s *Store) Admission(ctx context.Context, phone db.PhoneID) (d db.Due, ok bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		a, known := t.admission(phone)
		if ok = known && !a.at.IsZero(); ok {
			d = a.due(phone)
		}
		return nil
	})
	return d, ok, err
}

// ApplyStanding makes the jobs of an admitted phone.
func (s *Store) ApplyStanding(ctx context.Context, d db.Due, jobs []db.StandingJob, now time.Time) (ids []db.JobID, err error) {
	err = s.update(ctx, func(t *tx) error {
		ids = nil
		a, known := t.admission(d.Phone)
		if !known || a.at.IsZero() || dueKeyString(a.due(d.Phone)) != dueKeyString(d) {
			return fmt.Errorf("admission %d of phone %s: %w", d.Attempt, d.Phone, db.ErrConflict)
		}
		if err := t.dropDue(d); err != nil {
			return err
		}
		a.at = time.Time{}
		if err := t.putAdmission(d.Phone, a); err != nil {
			return err
		}
		counted := make(map[db.StandingID]bool)
		for i := range jobs {
			id, err := t.standingJob(d.Phone, &jobs[i], !counted[jobs[i].Order], now)
			if err != nil {
				return err
			}
			counted[jobs[i].Order] = counted[jobs[i].Order] || id != 0
			ids = append(ids, id)
		}
		return nil
	})
	return ids, err
}

func dueKeyString(d db.Due) string { return string(dueKey(d)) }

// standingJob makes one job with its task; 0 if its order or its file is gone.
func (t *tx) standingJob(phone db.PhoneID, in *db.StandingJob, count bool, now time.Time) (db.JobID, error) {
	o, err := t.loadStanding(in.Order)
	if errors.Is(err, db.ErrNotFound) || err == nil && o.Paused {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	if in.Job.Args.File != 0 && !t.has(bFiles, be8(uint64(in.Job.Args.File))) {
		return 0, nil
	}
	n := db.NewJob{Job: in.Job, Phones: []db.PhoneID{phone}}
	n.Job.Selection = db.Selection{Phones: []string{phone.String()}}
	st, err := t.accept(&n, 0, 1, nil)
	if err != nil {
		return 0, err
	}
	j, err := t.job(st.ID)
	if err != nil {
		return 0, err
	}
	seed := in.Seed
	seed.Phone = phone
	if err := t.addTask(j, &seed, now); err != nil {
		return 0, err
	}
	j.Expanded = 1
	t.touch(j)
	if !count {
		return j.ID, nil
	}
	o.Applied, o.Last = o.Applied+1, now
	return j.ID, t.putStanding(o)
}

// admissions checks that every managed phone that has informed was admitted,
// and that the entries of those whose standing orders wait are there.
func (c *checker) admissions() error {
	waiting := 0
	err := c.each(bAdmitted, func(k, _ []byte) error {
		id := db.PhoneID(num(k))
		a, ok := c.admission(id)
		switch {
		case !ok || a.n == 0:
			c.faultf("the admission of phone %s cannot be read", id)
		case !c.has(bPhones, k):
			c.faultf("phone %s was admitted, and does not exist", id)
		case !a.at.IsZero():
			waiting++
			if !c.has(bDue, dueKey(a.due(id))) {
				c.faultf("phone %s waits for standing orders, and has no due entry", id)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = c.each(bDue, func(k, _ []byte) error {
		if db.DueKind(k[0]) == db.DueAdmit {
			waiting--
		}
		return nil
	})
	if waiting != 0 {
		c.faultf("%d phones more wait for standing orders than there are entries for it", waiting)
	}
	if err != nil {
		return err
	}
	return c.each(bPhones, func(k, v []byte) error {
		p, err := decodePhone(v)
		if err != nil || p.State != db.PhoneApproved || c.storedContact(p.ID).LastInform.IsZero() {
			return nil // what cannot be read is told elsewhere
		}
		if !c.has(bAdmitted, k) {
			c.faultf("phone %s is approved and has informed, and was not admitted", p.ID)
		}
		return nil
	})
}
