package jobs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"phoneacs/db"
)

// Explain says in a sentence why a task is where it is right now. It looks at
// the phone, its holds and its other tasks, so what it says is not stored; if
// it cannot look, it says what was.
func (s *Service) Explain(ctx context.Context, t db.Task) string {
	if t.State.Final() {
		return t.Why
	}
	job, err := s.store.Job(ctx, t.ID.Job)
	if err != nil {
		return t.Why
	}
	switch t.State {
	case db.TaskSent, db.TaskProving:
		return s.explainOpen(ctx, &job.Job, &t)
	case db.TaskWaiting:
		if job.When.Windowed() {
			return s.explainSlot(ctx, &job.Job, &t)
		}
		return explainWaiting(&job.Job, &t)
	}
	if why := heldBack(&job.Job, s.clock.Now()); why != "" {
		return why
	}
	phone, err := s.store.Phone(ctx, t.ID.Phone)
	if err != nil {
		return t.Why
	}
	if phone.State == db.PhoneReEnrol {
		return "the phone was reset, or somebody says so, and has not proven who it is; until it is approved again it is given nothing"
	}
	if phone.State == db.PhoneReplaced {
		return "another phone stands in the place of this one, whose record is kept to be read; it is given nothing any more"
	}
	if phone.State != db.PhoneApproved {
		return "the phone awaits approval; until then it is given nothing"
	}
	if h, held, err := s.store.Held(ctx, phone.ID); err == nil && held {
		return explainHold(h)
	}
	if why := s.explainOther(ctx, &t); why != "" {
		return why
	}
	why := explainContact(&phone)
	if t.Busy != nil {
		why = explainBusy(t.Busy)
	}
	if o, err := s.slotter().of(ctx, &job.Job, &phone.Phone); err == nil && o != nil {
		why += fmt.Sprintf("; window %s is open until %s", o.name, o.at(t.Closes))
	}
	return why
}

// explainSlot says what a task waits for that has a window.
func (s *Service) explainSlot(ctx context.Context, j *db.Job, t *db.Task) string {
	phone, err := s.store.Phone(ctx, t.ID.Phone)
	if err != nil || t.Closes.IsZero() {
		return t.Why
	}
	o, err := s.slotter().of(ctx, j, &phone.Phone)
	if err != nil {
		return t.Why
	}
	clock := func(t time.Time) string { return t.In(o.zone).Format("15:04") }
	why := fmt.Sprintf("waits for its slot at %s in window %s, open %s–%s", o.at(t.Due), o.name, clock(t.Opens), clock(t.Closes))
	if t.Idle {
		why = fmt.Sprintf("waits until %s in window %s, open until %s", o.at(t.Due), o.name, clock(t.Closes))
	} else if t.Tries > 0 {
		why = fmt.Sprintf("waits until %s to be tried again in window %s, open until %s", o.at(t.Due), o.name, clock(t.Closes))
	}
	if t.Why != whySlot {
		why += "; " + t.Why
	} else {
		why += "; it is served before, too, if it comes by itself while the window is open"
	}
	if day := o.phone.Anew; day != nil {
		why += fmt.Sprintf("; its periods are counted from the day after %v, when it last had the same by other means", day)
	}
	if prompt := s.explainPrompt(ctx, &phone, j, t); prompt != "" {
		why += "; " + prompt
	}
	if j.Paused {
		why += "; the job is paused, too"
	}
	return why
}

// heldBack says what keeps all of a job's unsent tasks back.
func heldBack(j *db.Job, now time.Time) string {
	switch {
	case j.Cancel:
		return "the order was taken back; the task is about to be cancelled"
	case !now.Before(j.Expires):
		return "the order has expired; the task is about to"
	case j.Paused:
		return "the job is paused"
	}
	return ""
}

func explainWaiting(j *db.Job, t *db.Task) string {
	why := fmt.Sprintf("%s; due at %s", t.Why, at(t.Due))
	if j.Paused {
		why += "; the job is paused, too"
	}
	return why
}

// explainOpen says what is awaited of a phone that was sent its RPC.
func (s *Service) explainOpen(ctx context.Context, j *db.Job, t *db.Task) string {
	f, k, err := s.lookAt(ctx, db.OpenAttempt{ID: db.AttemptID{Task: t.ID, N: len(t.Attempts)}, Job: *j, Task: *t}, nil)
	if err != nil {
		return t.Why
	}
	if f.attempt.Awaited() {
		return explainLines(&f)
	}
	if handed(f) {
		if why := s.explainRecall(ctx, j, t); why != "" {
			return why
		}
	}
	if f.attempt.Accepted.IsZero() {
		return fmt.Sprintf("sent at %s; waits for the phone's answer until %s", at(f.attempt.Sent), at(f.attempt.Deadline))
	}
	return fmt.Sprintf("%s; waits for %s until %s", t.Why, k.awaits(f), at(f.attempt.Deadline))
}

func explainHold(h db.Hold) string {
	scope := "the fleet is"
	switch {
	case h.Phone != 0:
		scope = "the phone is"
	case h.Site != 0:
		scope = "site " + h.Site.String() + " is"
	}
	why := scope + " held"
	if h.By != "" {
		why += " by " + h.By
	}
	why += " since " + at(h.Since)
	if h.Reason != "" {
		why += ": " + h.Reason
	}
	return why
}

// explainOther says which other attempt of the phone goes first.
func (s *Service) explainOther(ctx context.Context, t *db.Task) string {
	open, err := s.store.OpenAttempts(ctx, t.ID.Phone)
	if err != nil {
		return ""
	}
	for i := range open {
		o := &open[i]
		k, err := kindOf(&o.Job)
		if err != nil || !k.traits().exclusive || o.ID.Task == t.ID {
			continue
		}
		a := attemptOf(&o.Task, o.ID.N)
		if a == nil {
			continue
		}
		if h := a.Handover; h != nil {
			return fmt.Sprintf("the %s of job %v is handed over to the phone until %s: one transfer or restart at a time, until that is proven or %s",
				o.Job.Kind, o.Job.ID, at(h.Until), at(a.Deadline))
		}
		return fmt.Sprintf("the phone is busy with the %s of job %v, sent at %s, until that is proven or %s: one transfer or restart at a time",
			o.Job.Kind, o.Job.ID, at(a.Sent), at(a.Deadline))
	}
	return ""
}

// explainContact says how the phone will come to begin a session.
func explainContact(p *db.PhoneStatus) string {
	seen := "it was last seen " + at(p.LastInform)
	if p.LastInform.IsZero() {
		seen = "it has never been seen"
	}
	switch {
	case p.WakeError != "":
		return fmt.Sprintf("the phone could not be woken at %s (%s); %s, and takes the task in its next session",
			at(p.LastWake), strings.TrimSuffix(p.WakeError, "."), seen)
	case p.LastWake.After(p.LastInform):
		return fmt.Sprintf("the phone was woken at %s and has not begun a session since; %s", at(p.LastWake), seen)
	}
	return "waits for the phone's next session; " + seen
}
