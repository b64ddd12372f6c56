package jobs

import (
	"fmt"
	"time"

	"phoneacs/db"
)

// maxBackoff is the longest wait between two attempts.
const maxBackoff = time.Hour

// backoff is how long to wait after so many attempts that did not succeed:
// the order's back-off, doubled each time, an hour at most.
func backoff(r db.Retry, tries int) time.Duration {
	d := r.Backoff
	for ; tries > 1 && d < maxBackoff; tries-- {
		d *= 2
	}
	return min(d, maxBackoff)
}

// another says whether an attempt that ended without success is followed by
// another, when, and in a clause why so or why not.
func another(f facts, t traits, r ruling) (due time.Time, note string, ok bool) {
	tries := max(f.task.Tries, 1)
	due = f.now.Add(backoff(f.job.Retry, tries))
	switch {
	case r.final != "":
		return due, r.final, false
	case !t.repeats:
		return due, "not repeated by itself; retry the job if it is still wanted", false
	case f.job.Cancel:
		return due, "the order was taken back, so it is not tried again", false
	case tries > f.job.Retry.Max:
		return due, fmt.Sprintf("that was attempt %d of %d", tries, f.job.Retry.Max+1), false
	case !due.Before(f.job.Expires):
		return due, "the order expires before another attempt would be due", false
	}
	return due, fmt.Sprintf("that was attempt %d of %d", tries, f.job.Retry.Max+1), true
}

// decide turns a ruling on an attempt into a verdict. What a kind calls failed
// may be tried again: that is the order's to say, not the kind's.
func decide(f facts, t traits, r ruling, session db.SessionToken) db.Verdict {
	v := db.Verdict{
		Task: f.task.ID, Attempt: f.attempt.N, Session: session,
		Event: r.event, Now: f.now, Complete: r.complete, Fault: int(r.fault), Round: f.job.Refile,
		Why: r.why, Evidence: r.evidence,
	}
	switch r.event {
	case db.EventProof:
		v.Outcome = db.OutcomeDone
	case db.EventRefute:
		v.Outcome, v.Cause = db.OutcomeRefuted, db.CauseVersion
		if r.cause != "" {
			v.Cause = r.cause
		}
	case db.EventFault, db.EventUnknown:
		v.Outcome, v.Cause = db.OutcomeFault, db.CauseFault
		if r.event == db.EventUnknown {
			v.Outcome, v.Cause = db.OutcomeUnknown, db.CauseUnknown
		}
		if r.unspent && f.slots != nil {
			place, note := f.slots.after(f.now, "it is served at its slot")
			if f.job.Cancel {
				note = "it is not served any more"
			}
			return unspent(v, place, note)
		}
		due, note, ok := another(f, t, r)
		place := db.Place{Due: due}
		if ok && f.slots != nil {
			if place, note = f.slots.again(due, note); place.State == db.TaskExpired {
				ok = false
			}
		}
		v.Why += "; " + note
		if ok {
			v.Event, v.Cause = db.EventAgain, ""
			v.Due, v.Opens, v.Closes = place.Due, place.Opens, place.Closes
		}
	}
	return v
}
