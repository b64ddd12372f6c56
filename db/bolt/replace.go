package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"phoneacs/db"
)

// ReplacePhone puts one phone in the place of another.
func (s *Store) ReplacePhone(ctx context.Context, r db.Replacement) (out db.Replaced, err error) {
	err = s.update(ctx, func(t *tx) error { out, err = t.replace(r); return err })
	return out, err
}

// ReplacedBy returns the phone that replaced one.
func (s *Store) ReplacedBy(ctx context.Context, id db.PhoneID) (by db.PhoneID, err error) {
	err = s.view(ctx, func(t *tx) error { by = t.replacedBy(id); return nil })
	return by, err
}

func (t *tx) replacedBy(id db.PhoneID) db.PhoneID {
	if v := t.get(bReplaced, be8(uint64(id))); len(v) == 8 {
		return db.PhoneID(num(v))
	}
	return 0
}

// heir is the phone that stands in a phone's place now: itself, if none does.
func (t *tx) heir(id db.PhoneID) db.PhoneID {
	for range 64 {
		by := t.replacedBy(id)
		if by == 0 {
			break
		}
		id = by
	}
	return id
}

func (t *tx) replace(r db.Replacement) (out db.Replaced, err error) {
	old, err := t.loadPhone(r.Old)
	if err != nil {
		return out, err
	}
	if r.New == 0 {
		r.New, _ = t.byUnique("m" + r.MAC)
	}
	switch by := t.replacedBy(old.ID); {
	case by != 0 && by == r.New:
		return db.Replaced{New: by, Again: true}, nil
	case by != 0:
		return out, fmt.Errorf("phone %s was replaced by %s: %w", old.ID, by, db.ErrConflict)
	case r.New == old.ID:
		return out, &db.FieldError{Field: "with", Err: errors.New("is the phone that is to be replaced")}
	}
	ids, err := t.unsent(old.ID)
	if err != nil {
		return out, err
	}
	heir, err := t.heirOf(&old, r, &out)
	if err != nil {
		return out, err
	}
	own, err := t.unsent(heir.ID)
	if err != nil {
		return out, err
	}
	out.New, out.OwnTasks = heir.ID, len(own)
	for _, step := range []func() error{
		func() error { return t.closeOpen(old.ID, r, &out) },
		func() error { return t.moveTasks(ids, r, &out) },
		func() error { return t.moveMarks(old.ID, heir.ID, &out) },
		func() error { return t.retire(old, r, &out) },
		func() error { return t.wakeForReady(heir.ID) },
	} {
		if err := step(); err != nil {
			return out, err
		}
	}
	return out, nil
}

// unsent lists the tasks of a phone that have not ended and are not sent.
func (t *tx) unsent(phone db.PhoneID) (ids []db.TaskID, err error) {
	prefix := be8(uint64(phone))
	c := t.Bucket(bPhoneJobs).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		id := db.TaskID{Job: db.JobID(^num(k[8:])), Phone: phone}
		task, err := t.loadTask(id)
		if err != nil {
			return nil, err
		}
		if task.State.Final() || task.State.Open() {
			continue
		}
		if ids = append(ids, id); len(ids) > db.MaxMoved {
			return nil, fmt.Errorf("more than %d tasks wait for phone %s: %w", db.MaxMoved, phone, db.ErrTooMany)
		}
	}
	return ids, nil
}

// heirOf makes the new phone what the old one was to the operator.
func (t *tx) heirOf(old *db.Phone, r db.Replacement, out *db.Replaced) (p db.Phone, err error) {
	var was *db.Phone
	if r.New == 0 {
		if _, ok := parseMAC(r.MAC); !ok {
			return p, &db.FieldError{Field: "with", Err: errors.New("is no phone that is known, and no MAC")}
		}
		p = db.Phone{MAC: r.MAC, Created: r.Now, Vendor: old.Vendor, Model: old.Model}
		n, err := t.next(bPhones)
		if err != nil {
			return p, err
		}
		p.ID, out.Made = db.PhoneID(n), true
	} else {
		if p, err = t.loadPhone(r.New); errors.Is(err, db.ErrNotFound) {
			return p, &db.FieldError{Field: "with", Err: err}
		} else if err != nil {
			return p, err
		}
		if p.State == db.PhoneReplaced {
			return p, &db.FieldError{Field: "with", Err: fmt.Errorf("phone %s was replaced itself", p.ID)}
		}
		before := p
		was = &before
	}
	p.State, p.Name, p.Site, p.Tags = db.PhoneApproved, old.Name, old.Site, old.Tags
	if was != nil && was.State == db.PhoneReEnrol {
		c, err := t.credentials(was)
		if err != nil {
			return p, err
		}
		dropCredentials(&c) // as when it is approved by itself
		if err := t.putCredentials(&p, &c); err != nil {
			return p, err
		}
	}
	if err := t.savePhone(was, p); err != nil {
		return p, err
	}
	changes := []db.Change{{What: "replaces", New: old.ID.String() + " " + old.MAC, By: r.By}}
	if was == nil {
		t.event(db.Event{Type: "phone.created", Phone: p.ID})
		return p, t.addHistory(p.ID, r.Now, changes)
	}
	t.event(db.Event{Type: "phone.changed", Phone: p.ID})
	if err := t.noteEdits(*was, p, db.Credentials{}, db.Credentials{}, r.By); err != nil {
		return p, err
	}
	return p, t.addHistory(p.ID, r.Now, changes)
}

// closeOpen ends what was sent to the old phone: it will never tell.
func (t *tx) closeOpen(old db.PhoneID, r db.Replacement, out *db.Replaced) error {
	for _, o := range t.openEntries(old) {
		task, err := t.loadTask(db.TaskID{Job: o.job, Phone: old})
		if err != nil {
			return err
		}
		j, err := t.job(o.job)
		if err != nil {
			return err
		}
		if err := t.closeAttempt(&task); err != nil {
			return err
		}
		a := task.Last()
		a.Outcome, a.Ended = db.OutcomeUnknown, r.Now
		task.Why, task.Cause = fmt.Sprintf("the phone was replaced by %s before it showed what came of it", out.New), db.CauseUnknown
		if a.Handover != nil {
			task.Why += "; it is not told to drop what it was handed over, but the link to the file is dead"
		}
		if err := t.step(&task, j, db.EventUnknown, r.Now); err != nil {
			return err
		}
		if err := t.saveTask(&task); err != nil {
			return err
		}
		out.Closed++
	}
	return nil
}

// moveTasks gives the new phone what waits for the old one. A sweep that has
// passed the new phone's place already is made up for.
func (t *tx) moveTasks(ids []db.TaskID, r db.Replacement, out *db.Replaced) error {
	for _, id := range ids {
		task, err := t.loadTask(id)
		if err != nil {
			return err
		}
		j, err := t.job(id.Job)
		if err != nil {
			return err
		}
		to := db.TaskID{Job: id.Job, Phone: out.New}
		if t.has(bTasks, taskKey(to)) {
			task.Why = fmt.Sprintf("the phone was replaced by %s, which has this order itself", out.New)
			if err := errors.Join(t.step(&task, j, db.EventCancel, r.Now), t.saveTask(&task)); err != nil {
				return err
			}
			out.Kept++
			continue
		}
		if err := t.unfile(&task, j, r.Now); err != nil { // the heir's slots are its own
			return err
		}
		due := task.Due
		if err := errors.Join(t.leave(&task, j), t.del(bTasks, taskKey(id)), t.del(bPhoneJobs, phoneJobKey(id)), t.del(bResults, taskKey(id))); err != nil {
			return err
		}
		task.ID, task.Due = to, due
		note(&task, 0, r.Now, fmt.Sprintf("moved from %s, which was replaced", id.Phone))
		if err := errors.Join(t.enter(&task, j), t.put(bPhoneJobs, phoneJobKey(to), nil), t.saveTask(&task)); err != nil {
			return err
		}
		if j.Sweep != "" && out.New <= j.Cursor {
			if err := t.sweep(&task, j, r.Now); err != nil {
				return err
			}
		}
		t.event(db.Event{Type: "task.moved", Job: id.Job, Phone: out.New})
		out.Moved++
	}
	return nil
}

// moveMarks moves what is kept beside the record: quirks, the hold, and that
// standing orders were applied.
func (t *tx) moveMarks(old, heir db.PhoneID, out *db.Replaced) error {
	for _, m := range []struct {
		bucket, from, to []byte
		own              *bool
	}{
		{bQuirks, be8(uint64(old)), be8(uint64(heir)), &out.OwnQuirks},
		{bHolds, holdKey(0, old), holdKey(0, heir), new(bool)},
	} {
		v := bytes.Clone(t.get(m.bucket, m.from))
		if *m.own = t.has(m.bucket, m.to); v == nil {
			continue
		}
		if err := t.del(m.bucket, m.from); err != nil {
			return err
		}
		if *m.own {
			continue
		}
		if bytes.Equal(m.bucket, bHolds) {
			var h db.Hold
			if err := decode(bHolds, v, &h); err != nil {
				return err
			}
			h.Phone = heir
			if err := t.putJSON(bHolds, m.to, h); err != nil {
				return err
			}
		} else if err := t.put(m.bucket, m.to, v); err != nil {
			return err
		}
	}
	a, known := t.admission(old)
	if err := t.forgetAdmission(old); err != nil {
		return err
	}
	if _, has := t.admission(heir); has || !known {
		return t.approved(heir)
	}
	if !a.at.IsZero() {
		if err := t.addDue(a.due(heir)); err != nil {
			return err
		}
	}
	return t.putAdmission(heir, a)
}

// retire takes from the old phone all by which it was let in.
func (t *tx) retire(old db.Phone, r db.Replacement, out *db.Replaced) error {
	p := old
	p.State, p.Tags = db.PhoneReplaced, nil
	if err := t.putCredentials(&p, &db.Credentials{}); err != nil {
		return err
	}
	if err := t.savePhone(&old, p); err != nil {
		return err
	}
	t.event(db.Event{Type: "phone.replaced", Phone: old.ID, Why: "replaced by " + out.New.String()})
	if err := t.put(bReplaced, be8(uint64(old.ID)), be8(uint64(out.New))); err != nil {
		return err
	}
	return t.addHistory(old.ID, r.Now, []db.Change{
		{What: "replaced by", Old: strings.Join(old.Tags, " "), New: out.New.String(), By: r.By},
		{What: "credentials", New: "dropped", By: r.By},
	})
}

// unreplace forgets who replaced a phone that is taken into use again or goes.
func (t *tx) unreplace(old *db.Phone, now *db.Phone) error {
	if old == nil || old.State != db.PhoneReplaced || now != nil && now.State == db.PhoneReplaced {
		return nil
	}
	return t.del(bReplaced, be8(uint64(old.ID)))
}

// replacements checks that each replaced phone has its entry, and the reverse.
func (c *checker) replacements() error {
	err := c.each(bReplaced, func(k, v []byte) error {
		p, err := c.loadPhone(db.PhoneID(num(k)))
		if err != nil || p.State != db.PhoneReplaced || len(v) != 8 {
			c.faultf("phone %d is said to be replaced, and is not", num(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.each(bPhones, func(k, v []byte) error {
		p, err := decodePhone(v)
		if err != nil || p.State != db.PhoneReplaced {
			return nil // what cannot be read is told elsewhere
		}
		if !c.has(bReplaced, k) || c.has(bCredentials, k) || len(c.openEntries(p.ID)) > 0 {
			c.faultf("phone %s is replaced, by nobody or with logins or attempts of its own", p.ID)
		}
		return nil
	})
}
