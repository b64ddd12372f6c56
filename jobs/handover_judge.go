package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// handed says whether an attempt has its window with the phone.
func handed(f facts) bool { return f.attempt != nil && f.attempt.Handover != nil }

// holds says whether an open attempt is with its phone.
func holds(o db.OpenAttempt) bool { return attemptOf(&o.Task, o.ID.N).WithPhone() }

// handoverTaken is the ruling on a phone that has taken a window over.
func handoverTaken(h *db.Handover) ruling {
	return accepted(fmt.Sprintf("handed over to the phone until %s: it fetches the file by itself between %s and then", at(h.Until), at(h.From)),
		fmt.Sprintf("the phone has taken the window over: it fetches the file between %s and %s", at(h.From), at(h.Until)))
}

// handoverRefused is the ruling on one that has not: nothing was spent, and its
// task waits for its slot.
func handoverRefused(m *cwmp.Fault) ruling {
	r := faulted(m.Code, m.String)
	return ruling{
		event: db.EventFault, fault: m.Code, unspent: true,
		why:      "the phone does not take the window over: " + r.why,
		evidence: []string{"the phone refused ScheduleDownload: " + r.why},
	}
}

// unspent completes the verdict on what has had no effect on the phone, which
// did not take a window over or was not told: the task waits in a place as if
// nothing had been sent, unless there is none.
func unspent(v db.Verdict, place db.Place, note string) db.Verdict {
	v.Why += "; " + note
	if place.State == db.TaskWaiting {
		v.Event, v.Cause, v.Unspent = db.EventAgain, "", true
		v.Due, v.Opens, v.Closes = place.Due, place.Opens, place.Closes
	}
	return v
}

// keepRefusal keeps that a phone does not take windows over, until it has
// another firmware. An error of its own or no room is of this time alone, as is
// what never left.
func (s *Service) keepRefusal(ctx context.Context, sess db.Session, f facts, code cwmp.FaultCode) error {
	if !handed(f) || f.attempt.Outcome != "" || code < 9000 || code == cwmp.FaultInternalError || code == cwmp.FaultResourcesExceeded ||
		slices.Contains(f.methods.Prompt.Refused, db.WayScheduleDownload) {
		return nil
	}
	m := *f.methods
	m.Prompt.Refused = append(slices.Clone(m.Prompt.Refused), db.WayScheduleDownload)
	return s.keepMethods(ctx, sess, m)
}

// openFor is how long an attempt was open at its deadline.
func openFor(f facts) time.Duration {
	if handed(f) {
		return f.attempt.Deadline.Sub(f.attempt.Sent)
	}
	return f.job.Deadline
}

// handoverOverdue says why nothing is known of a transfer that the phone was to
// make by itself.
func handoverOverdue(f facts) ruling {
	a := f.attempt
	why := fmt.Sprintf("the phone had taken the window over, but did not report the end of the transfer by %s", at(a.Deadline))
	if a.Accepted.IsZero() {
		why = fmt.Sprintf("the phone did not say whether it takes the window over, nor report the end of a transfer by %s", at(a.Deadline))
	}
	switch said := a.Handover.Recall; {
	case said == nil:
	case said.Asked.IsZero():
		why += "; it was to drop it, but " + said.Refused
	case said.Refused == "":
		why += "; it was told to drop it, and did not answer"
	default:
		why += "; it was told to drop it, and " + said.Refused
	}
	return ruling{event: db.EventUnknown, why: why + "; " + fetched(f)}
}

// explainHandover says in which session a task is handed over; "" if it is not.
func explainHandover(p *db.Phone, site *db.Site, m *db.Methods, j *db.Job, t *db.Task, now time.Time) string {
	if !handsOver(p, site, m) || !mayHandOver(j, t, now) {
		return ""
	}
	return "in a session before it, it is handed over to the phone, if the file is one that the phone takes by itself"
}
