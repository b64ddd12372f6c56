package jobs

import (
	"fmt"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// The bounds of a delay.
const (
	minDelay = time.Second
	maxDelay = 24 * time.Hour
)

// scheduleInform asks for one more Inform later (TR-069 A.4.1.2). The proof is
// "M ScheduleInform" with the attempt's key. For phones that leave it out, "3
// SCHEDULED" at the time is enough, and the evidence says that it is inferred.
// The deadline runs from when the Inform is due.
type scheduleInform struct{ plain }

func (scheduleInform) traits() traits { return traits{takes: "delay", changes: true, repeats: true} }

func (scheduleInform) check(a db.Args, _ *db.File) error {
	switch {
	case a.Delay < minDelay || a.Delay > maxDelay:
		return badArg("delay", "%s is not within %s and %s", a.Delay, minDelay, maxDelay)
	case a.Delay%time.Second != 0:
		return badArg("delay", "%s is not a whole number of seconds", a.Delay)
	}
	return nil
}

func (scheduleInform) request(f facts, key, _ string) cwmp.Message {
	return &cwmp.ScheduleInform{DelaySeconds: uint32(f.job.Args.Delay / time.Second), CommandKey: key}
}

func (scheduleInform) answered(_ facts, answer cwmp.Message) ruling {
	if _, ok := answer.(*cwmp.ScheduleInformResponse); !ok {
		return unexpected(answer)
	}
	return accepted("the phone accepted the order to inform and has not done so yet")
}

func (scheduleInform) informed(f facts, in *cwmp.Inform) ruling {
	keyed := false
	for _, e := range in.Events {
		if e.Code != cwmp.EventMScheduleInform {
			continue
		}
		if e.CommandKey == f.attempt.Key {
			return proven("the phone has informed as ordered", "the phone reported M ScheduleInform with the key of this attempt")
		}
		keyed = true
	}
	if keyed || !in.HasEvent(cwmp.EventScheduled) {
		return ruling{} // what is keyed otherwise was ordered otherwise
	}
	if near(f.methods, f.now) {
		return noted("3 SCHEDULED came without a key when the phone had been asked to inform for the slot of another task, too: not taken for its effect")
	}
	if f.attempt.Accepted.IsZero() {
		return noted("3 SCHEDULED came, but the phone had not answered the ScheduleInform: not taken for its effect")
	}
	after := f.now.Sub(f.attempt.Accepted)
	if after < f.job.Args.Delay-time.Second { // clocks run apart a little
		return noted(fmt.Sprintf("3 SCHEDULED came %s after ScheduleInformResponse: too early to be taken for its effect", span(after)))
	}
	return proven("the phone has informed as ordered",
		fmt.Sprintf("inferred: 3 SCHEDULED came %s after ScheduleInformResponse, without M ScheduleInform and the key of this attempt", span(after)))
}

func (scheduleInform) overdue(f facts) ruling {
	why := "the phone accepted the order to inform, but did not do so within %s of when it was due"
	if f.attempt.Accepted.IsZero() {
		why = "the phone neither answered the ScheduleInform nor informed by it within %s of when it was due"
	}
	return ruling{event: db.EventUnknown, why: fmt.Sprintf(why, span(f.job.Deadline))}
}

func (scheduleInform) awaits(facts) string { return "the phone to inform as ordered" }
