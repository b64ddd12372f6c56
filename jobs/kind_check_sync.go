package jobs

import (
	"fmt"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones"
)

// checkSync asks a phone by SIP to look for its files, and to restart if the
// order says so. It is no RPC, and is treated as one that restarts in either
// case: a phone may be set to restart whatever it is asked. Without a restart
// its answer is all that is seen of it, and is marked accepted; a restart is
// proven by "1 BOOT" soon after the answer, or before that was stored, and
// marked inferred.
type checkSync struct {
	plain
	reboot bool
}

func (checkSync) of(a *db.Args) kind { return checkSync{reboot: a.Reboot} }

func (k checkSync) traits() traits {
	return traits{takes: "reboot", exclusive: true, changes: true, restarts: true, returns: k.reboot}
}

// header is the Event header that the phone's vendor has for the order.
func (checkSync) header(f facts) string {
	c := phones.CheckSyncOf(f.phone.Vendor, f.phone.Manufacturer)
	if f.job.Args.Reboot {
		return c.Reboot
	}
	return c.Event
}

func (k checkSync) pass(f facts, sure bool) passing {
	if k.header(f) == "" && (sure || f.phone.Vendor != "") {
		return passing{why: "no check-sync is known that restarts phones of this vendor; order it without, or a reboot"}
	}
	return passing{}
}

// told judges what came of the NOTIFY.
func (checkSync) told(f facts, a db.NoticeAnswer) ruling {
	sent := fmt.Sprintf("NOTIFY sent %d times", a.Sent)
	if a.Sent == 1 {
		sent = "NOTIFY sent once"
	}
	switch {
	case a.Cut:
		return noted(sent + "; " + a.Why)
	case a.Sent == 0, a.Status >= 300:
		return ruling{event: db.EventFault, why: a.Why, evidence: []string{sent + "; " + a.Why}}
	case a.Status == 0:
		return ruling{event: db.EventUnknown, why: a.Why, evidence: []string{sent}}
	}
	said := fmt.Sprintf("%s; the phone answered %d", sent, a.Status)
	if !f.job.Args.Reboot {
		return proven("the phone has accepted the check-sync", "accepted: "+said+"; that it looks for its files is its own word")
	}
	why := "the phone accepted the check-sync and has not reported its boot yet"
	if note := phones.CheckSyncOf(f.phone.Vendor, f.phone.Manufacturer).Note; note != "" {
		why += " (" + note + ")"
	}
	return accepted(why, said)
}

func (checkSync) request(facts, string, string) cwmp.Message   { return nil }
func (checkSync) answered(_ facts, answer cwmp.Message) ruling { return unexpected(answer) }
func (checkSync) awaits(facts) string                          { return "the phone to report its boot" }

// informed takes "1 BOOT" for the effect of a check-sync that the phone has
// answered, as with a reboot.
func (checkSync) informed(f facts, in *cwmp.Inform) ruling {
	if !in.HasEvent(cwmp.EventBoot) {
		return ruling{}
	}
	if f.attempt.Accepted.IsZero() {
		return noted("1 BOOT came, but the phone had not answered the NOTIFY: not taken for its effect")
	}
	after := f.now.Sub(f.attempt.Accepted)
	if after > bootWithin {
		return noted(fmt.Sprintf("1 BOOT came %s after the phone's answer: too late to be taken for its effect", span(after)))
	}
	return proven("the phone has restarted", fmt.Sprintf("inferred: 1 BOOT came %s after the phone's answer to the NOTIFY", span(after)))
}

// booted takes one that came since the NOTIFY left for its effect, as the phone
// did answer that it will.
func (k checkSync) booted(f facts, at time.Time) ruling {
	if !k.reboot || f.attempt.Accepted.IsZero() || !at.After(f.attempt.Sent) {
		return ruling{}
	}
	return proven("the phone has restarted", fmt.Sprintf("inferred: 1 BOOT came %s after the NOTIFY left, and was here before the phone's answer", span(at.Sub(f.attempt.Sent))))
}

func (checkSync) overdue(f facts) ruling {
	why := "the phone accepted the check-sync, but did not report a boot within %s of being sent it"
	if f.attempt.Accepted.IsZero() {
		why = "it is not known whether the phone answered the NOTIFY, and nothing shows that it came, within %s"
	}
	return ruling{event: db.EventUnknown, why: fmt.Sprintf(why, span(f.job.Deadline))}
}
