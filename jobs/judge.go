package jobs

import (
	"context"
	"errors"
	"fmt"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// rounds is how often a step is decided anew when the state that it was
// decided on has changed meanwhile. Each change takes a task further in its
// life, which is short, so it is never reached.
const rounds = 4

// again repeats a step while it meets ErrConflict.
func again(step func() error) (err error) {
	for range rounds {
		if err = step(); !errors.Is(err, db.ErrConflict) {
			return err
		}
	}
	return err
}

// attemptOf finds an attempt of a task, or returns nil.
func attemptOf(t *db.Task, n int) *db.Attempt {
	for i := len(t.Attempts) - 1; i >= 0; i-- {
		if t.Attempts[i].N == n {
			return &t.Attempts[i]
		}
	}
	return nil
}

// look reads what is needed to judge an attempt: phone is as the session or
// the store knows it. It returns ErrNotFound for an attempt that never was.
func (s *Service) look(ctx context.Context, id db.AttemptID, phone *db.Phone) (facts, kind, error) {
	task, err := s.store.Task(ctx, id.Task)
	if err != nil {
		return facts{}, nil, fmt.Errorf("task %v: %w", id.Task, err)
	}
	job, err := s.store.Job(ctx, id.Task.Job)
	if err != nil {
		return facts{}, nil, fmt.Errorf("job of %v: %w", id.Task, err)
	}
	return s.lookAt(ctx, db.OpenAttempt{ID: id, Job: job.Job, Task: task}, phone)
}

// lookAt is look for a job and a task that are at hand.
func (s *Service) lookAt(ctx context.Context, o db.OpenAttempt, phone *db.Phone) (facts, kind, error) {
	k, err := kindOf(&o.Job)
	if err != nil {
		return facts{}, nil, err
	}
	f := facts{job: &o.Job, task: &o.Task, attempt: attemptOf(&o.Task, o.ID.N), phone: phone, now: s.clock.Now()}
	if f.attempt == nil {
		return facts{}, nil, fmt.Errorf("attempt %d of %v: %w", o.ID.N, o.Task.ID, db.ErrNotFound)
	}
	// The file of an ended job may be gone; its kind then decides without it.
	if f.file, err = s.file(ctx, f.job); err != nil && !errors.Is(err, db.ErrNotFound) {
		return facts{}, nil, err
	}
	if f.phone != nil { // who only explains has none
		f.quirks = s.quirks.Of(ctx, phone)
		// The window of an ended job, too: nothing waits for it any more.
		if f.slots, err = s.slotter().of(ctx, f.job, phone); err != nil && !errors.Is(err, db.ErrNotFound) {
			return facts{}, nil, err
		}
		if f.methods, err = s.methods(ctx, f.phone.ID); err != nil {
			return facts{}, nil, err
		}
	}
	return f, k, s.plan(ctx, &f, k, o.ID)
}

// apply gives a ruling on an attempt its effect. An attempt that has its
// outcome is only ever proven late, where the outcome was unknown; whatever
// else comes late is noted beside it.
func (s *Service) apply(ctx context.Context, f facts, k kind, r ruling, session db.SessionToken) error {
	if err := s.record(ctx, f, r.values, session); err != nil {
		return err
	}
	if err := s.recordTraits(ctx, f, r.traits, session); err != nil {
		return err
	}
	if r.result != nil {
		if err := s.store.RecordResult(ctx, f.task.ID, *r.result); err != nil {
			return fmt.Errorf("record result of %v: %w", f.task.ID, err)
		}
	}
	switch ended := f.attempt.Outcome; {
	case r.event == "":
		return s.note(ctx, f, r.evidence)
	case f.attempt.Awaited() && (r.event == db.EventProof || r.event == db.EventAccept):
		if r.complete && f.attempt.Complete.IsZero() {
			part := accepted(f.task.Why, r.evidence...)
			part.complete = true
			_, err := s.judge(ctx, f, decide(f, k.traits(), part, session))
			return err
		}
		return nil // a repetition; only its lines are awaited, see guard_lines.go
	case ended == "" && r.event == db.EventProof && f.attempt.Lines != nil:
		return s.awaitLines(ctx, f, k, r, session)
	case ended == "":
		if r.event == db.EventAccept && !f.attempt.Accepted.IsZero() && (!r.complete || !f.attempt.Complete.IsZero()) {
			return nil // a repetition
		}
	case ended == db.OutcomeDropped:
		return s.note(ctx, f, append(r.evidence, "late, though the phone had dropped it: "+r.why))
	case ended != db.OutcomeUnknown:
		return nil // a repetition, or a word against what was seen
	case r.event != db.EventProof:
		return s.note(ctx, f, append(r.evidence, "late: "+r.why))
	default:
		r = r.because("late: the attempt had been given up as unknown")
	}
	task, err := s.judge(ctx, f, decide(f, k.traits(), r, session))
	if err != nil || r.event != db.EventAccept {
		return err
	}
	// Two halves of a proof may come at once: whose commit is the second sees both.
	a := attemptOf(&task, f.attempt.N)
	if a.Complete.IsZero() || a.Moved.IsZero() || !f.attempt.Moved.IsZero() {
		return nil
	}
	f.task, f.attempt = &task, a
	return s.apply(ctx, f, k, k.moved(f), session)
}

// judge brings a verdict to the store, and counts and logs what it did.
func (s *Service) judge(ctx context.Context, f facts, v db.Verdict) (db.Task, error) {
	task, err := s.store.Judge(ctx, v)
	if err != nil {
		return task, fmt.Errorf("judge %v: %w", v.Task, err)
	}
	if a := attemptOf(&task, v.Attempt); a != nil && a.Outcome != f.attempt.Outcome {
		s.metrics.attempts.WithLabelValues(f.job.Kind, string(a.Outcome)).Inc()
		s.walks.drop(db.AttemptID{Task: v.Task, N: v.Attempt})
		if v.Session == "" || s.closed.isClosed(v.Task.Phone, v.Session) {
			// This session, or none, gives the phone what it held back.
			s.soon.add(v.Task.Phone, s.clock.Now().Add(soonAfter))
		}
	}
	if task.State.Final() && task.State != f.task.State {
		s.metrics.ended.WithLabelValues(string(task.State)).Inc()
		s.log.InfoContext(ctx, "task ended", logkey.Task, v.Task.String(), logkey.State, string(task.State))
	}
	return task, nil
}

// note adds evidence to an attempt, unless it is the last that was noted: a
// phone that repeats itself must not push out what came before.
func (s *Service) note(ctx context.Context, f facts, what []string) error {
	if n := len(f.task.Evidence); len(what) == 1 && n > 0 && f.task.Evidence[n-1].What == what[0] {
		return nil
	}
	if len(what) == 0 {
		return nil
	}
	if err := s.store.NoteEvidence(ctx, f.task.ID, f.attempt.N, f.now, what...); err != nil {
		return fmt.Errorf("note evidence on %v: %w", f.task.ID, err)
	}
	return nil
}
