package bolt

import (
	"context"
	"errors"
	"fmt"

	"phoneacs/db"
)

// maxAttempts bounds the attempts that a task keeps, over all retries.
const maxAttempts = 100

// MarkSent makes a ready task sent.
func (s *Store) MarkSent(ctx context.Context, send db.Send) (a db.Attempt, err error) {
	err = s.update(ctx, func(t *tx) error { a, err = t.markSent(&send); return err })
	return a, err
}

func (t *tx) markSent(send *db.Send) (a db.Attempt, err error) {
	id := send.Task
	if !t.s.owners.is(id.Phone, send.Session) {
		return a, fmt.Errorf("send task %s: %w", id, db.ErrSuperseded)
	}
	p, err := t.loadPhone(id.Phone)
	if err != nil {
		return a, err
	}
	j, err := t.job(id.Job)
	if err != nil {
		return a, err
	}
	task, err := t.loadTask(id)
	if err != nil {
		return a, err
	}
	if err := t.maySend(send, &p, j, &task); err != nil {
		return a, fmt.Errorf("send task %s: %w", id, err)
	}
	a = db.Attempt{N: len(task.Attempts) + 1, Sent: send.Now, Deadline: send.Deadline, Before: send.Before, Lead: send.Lead != nil, Handover: send.Handover}
	if a.Key, err = (db.AttemptID{Task: id, N: a.N}).CommandKey(t.s.tag); err != nil {
		return a, err
	}
	if task.State == db.TaskWaiting { // the phone came before its slot, and its window is open
		if err := t.step(&task, j, db.EventDue, send.Now); err != nil {
			return a, err
		}
	}
	if len(send.Lines) > 0 {
		a.Lines = &db.LineWait{Names: send.Lines}
	}
	task.Attempts = append(task.Attempts, a)
	note(&task, a.N, send.Now, send.Evidence...)
	task.Tries++
	task.Why = "sent; the phone has not answered yet"
	if err := t.step(&task, j, db.EventSend, send.Now); err != nil {
		return a, err
	}
	open := openEntry{attempt: a.N, exclusive: send.Exclusive}
	for _, l := range []struct {
		link *db.Link
		hash *[32]byte
	}{{send.Link, &open.link}, {send.Lead, &open.lead}} {
		if l.link == nil {
			continue
		}
		link := *l.link
		*l.hash = link.Hash
		link.Attempt, link.Hash = db.AttemptID{Task: id, N: a.N}, [32]byte{}
		if err := t.putJSON(bLinks, l.hash[:], link); err != nil {
			return a, err
		}
	}
	if err := t.put(bOpen, key2(uint64(id.Phone), uint64(id.Job)), open.encode()); err != nil {
		return a, err
	}
	if err := t.addDue(deadlineOf(&task)); err != nil {
		return a, err
	}
	return a, t.saveTask(&task)
}

func (t *tx) maySend(send *db.Send, p *db.Phone, j *db.Job, task *db.Task) error {
	if !send.Until.IsZero() && t.s.opts.Now().After(send.Until) {
		return db.ErrStale
	}
	if len(send.Lines) > db.MaxLines {
		return fmt.Errorf("%d lines: %w", len(send.Lines), db.ErrTooMany)
	}
	if p.State != db.PhoneApproved {
		return fmt.Errorf("phone is %s: %w", p.State, db.ErrConflict)
	}
	if send.Changes {
		if _, held, err := t.held(p.ID, p.Site); err != nil {
			return err
		} else if held {
			return db.ErrHeld
		}
	}
	if why := blocked(j, send.Now); why != "" {
		return fmt.Errorf("job is %s: %w", why, db.ErrConflict)
	}
	for _, o := range t.openEntries(p.ID) {
		if send.Exclusive && o.exclusive {
			return fmt.Errorf("job %s has a transfer or restart open: %w", o.job, db.ErrConflict)
		}
	}
	if len(task.Attempts) >= maxAttempts {
		return fmt.Errorf("%d attempts: %w", maxAttempts, db.ErrTooMany)
	}
	if h := send.Handover; h != nil {
		if task.State != db.TaskWaiting || !h.From.Equal(task.Due) || !h.Until.Equal(task.Closes) || !send.Now.Before(h.Until) || send.Deadline.Before(h.Until) {
			return fmt.Errorf("it does not wait for the slot at %s: %w", h.From, db.ErrConflict)
		}
		return nil
	}
	if j.When.Windowed() && (task.State == db.TaskWaiting || task.State == db.TaskReady) {
		if send.Round != j.Refile {
			return fmt.Errorf("its window was changed: %w", db.ErrConflict)
		}
		if !task.Open(send.Now) {
			return fmt.Errorf("its window is not open for it: %w", db.ErrConflict)
		}
		return nil
	}
	_, err := db.Next(task.State, db.EventSend)
	return err
}

func deadlineOf(task *db.Task) db.Due {
	a := task.Last()
	return db.Due{At: a.Deadline, Kind: db.DueDeadline, Job: task.ID.Job, Phone: task.ID.Phone, Attempt: a.N}
}

// Judge applies a verdict.
func (s *Store) Judge(ctx context.Context, v db.Verdict) (task db.Task, err error) {
	err = s.update(ctx, func(t *tx) error { task, err = t.judge(&v); return err })
	return task, err
}

func (t *tx) judge(v *db.Verdict) (task db.Task, err error) {
	if v.Session != "" && !t.s.owners.is(v.Task.Phone, v.Session) {
		return task, fmt.Errorf("judge task %s: %w", v.Task, db.ErrSuperseded)
	}
	if task, err = t.loadTask(v.Task); err != nil {
		return task, err
	}
	j, err := t.job(v.Task.Job)
	if err != nil {
		return task, err
	}
	switch {
	case v.Event == db.EventAgain && !v.Closes.IsZero() && v.Round != j.Refile:
		err = fmt.Errorf("task %s: its window was changed: %w", v.Task, db.ErrConflict)
	case v.Attempt == 0:
		if v.Event != db.EventSkip {
			return task, fmt.Errorf("task %s: %s without an attempt: %w", v.Task, v.Event, db.ErrConflict)
		}
		err = t.decide(&task, j, v)
	case v.Attempt < 0 || v.Attempt > len(task.Attempts) || v.Event == db.EventSkip:
		err = fmt.Errorf("task %s has no attempt %d to %s: %w", v.Task, v.Attempt, v.Event, db.ErrConflict)
	case task.State.Open() && v.Attempt == len(task.Attempts):
		err = t.judgeOpen(&task, j, v)
	default:
		err = t.judgeLate(&task, j, v)
	}
	if err != nil {
		return task, err
	}
	return task, t.saveTask(&task)
}

// judgeOpen judges the attempt that is open.
func (t *tx) judgeOpen(task *db.Task, j *db.Job, v *db.Verdict) error {
	if _, err := db.Next(task.State, v.Event); err != nil {
		return fmt.Errorf("task %s: %w", task.ID, err)
	}
	if (v.Event == db.EventAccept) != (v.Outcome == "") {
		return fmt.Errorf("task %s: %s with outcome %q: %w", task.ID, v.Event, v.Outcome, db.ErrConflict)
	}
	a := task.Last()
	if v.Event == db.EventAccept && a.Accepted.IsZero() {
		a.Accepted = v.Now
	}
	if v.Complete && a.Complete.IsZero() {
		a.Complete = v.Now
	}
	if err := t.relocate(task, v); err != nil {
		return err
	}
	if v.Outcome != "" {
		if err := t.closeAttempt(task); err != nil {
			return err
		}
		a.Outcome, a.Ended, a.Fault = v.Outcome, v.Now, v.Fault
	}
	return t.decide(task, j, v)
}

// relocate moves the deadline of the open attempt, and keeps what became of its
// lines, as a verdict says; one that ends the attempt needs nobody woken.
func (t *tx) relocate(task *db.Task, v *db.Verdict) error {
	a := task.Last()
	if v.Outcome != "" {
		return t.setLines(task, nil)
	}
	if v.Lines == nil {
		return nil
	}
	if err := t.setLines(task, v.Lines); err != nil || v.Deadline.IsZero() {
		return err
	}
	if err := t.dropDue(deadlineOf(task)); err != nil {
		return err
	}
	a.Deadline = v.Deadline
	return t.addDue(deadlineOf(task))
}

// judgeLate takes in what is learned of an attempt that has its outcome. A
// proof of one that was given up as unknown still ends the task well, unless
// a newer attempt was sent: then both may have taken effect, and it is only
// evidence.
func (t *tx) judgeLate(task *db.Task, j *db.Job, v *db.Verdict) error {
	a := &task.Attempts[v.Attempt-1]
	if v.Event != db.EventProof || a.Outcome != db.OutcomeUnknown {
		return fmt.Errorf("task %s: attempt %d is %s: no %s: %w", task.ID, a.N, a.Outcome, v.Event, db.ErrConflict)
	}
	newest := v.Attempt == len(task.Attempts)
	if newest && (task.State == db.TaskWaiting || task.State == db.TaskReady ||
		task.State == db.TaskFailed && task.Cause == db.CauseUnknown) {
		a.Outcome = db.OutcomeDone
		return t.decide(task, j, v)
	}
	note(task, a.N, v.Now, "late: "+v.Why)
	note(task, a.N, v.Now, v.Evidence...)
	return nil
}

// decide moves the task as the verdict says. A task that would wait for
// another attempt ends instead if its job was taken back or has expired.
func (t *tx) decide(task *db.Task, j *db.Job, v *db.Verdict) error {
	task.Why, task.Cause = v.Why, v.Cause
	note(task, v.Attempt, v.Now, v.Evidence...)
	if v.Event == db.EventAgain {
		task.Due, task.Opens, task.Closes = v.Due, v.Opens, v.Closes
		if v.Unspent {
			task.Tries = max(0, task.Tries-1)
		}
	}
	if err := t.step(task, j, v.Event, v.Now); err != nil {
		return err
	}
	if task.State == db.TaskSucceeded {
		return t.noteRun(task, j, v)
	}
	if task.State != db.TaskWaiting {
		return nil
	}
	switch {
	case j.Cancel:
		task.Why = "cancelled; " + v.Why
		return t.step(task, j, db.EventCancel, v.Now)
	case !v.Now.Before(j.Expires):
		task.Why = "expired; " + v.Why
		return t.step(task, j, db.EventExpire, v.Now)
	}
	return nil
}

// closeAttempt takes away what an open attempt has: its entry, its deadline
// and its links.
func (t *tx) closeAttempt(task *db.Task) error {
	key := key2(uint64(task.ID.Phone), uint64(task.ID.Job))
	v := t.get(bOpen, key)
	if v == nil {
		return fmt.Errorf("task %s has no open entry: %w", task.ID, errCorrupt)
	}
	o := decodeOpen(key, v)
	err := errors.Join(t.del(bOpen, key), t.dropDue(deadlineOf(task)))
	for _, hash := range o.links() {
		t.s.soft.endLink(hash, db.AttemptID{Task: task.ID, N: o.attempt})
		err = errors.Join(err, t.del(bLinks, hash[:]))
	}
	return err
}
