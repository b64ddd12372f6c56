package jobs

import (
	"fmt"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// bootWithin is how long after its RebootResponse a "1 BOOT" is taken to come
// from it.
const bootWithin = 10 * time.Minute

// reboot restarts a phone (TR-069 A.3.2.9). The proof is "M Reboot" with the
// attempt's key. Phones that do not send it are given the benefit of "1 BOOT"
// soon after their RebootResponse, and the evidence says that it is inferred.
// Without a RebootResponse "1 BOOT" proves nothing: the session broke off, and
// some phones then send the events of the last boot again.
type reboot struct{ plain }

func (reboot) traits() traits {
	return traits{exclusive: true, changes: true, restarts: true, returns: true}
}

func (reboot) request(_ facts, key, _ string) cwmp.Message { return &cwmp.Reboot{CommandKey: key} }

func (reboot) answered(_ facts, answer cwmp.Message) ruling {
	if _, ok := answer.(*cwmp.RebootResponse); !ok {
		return unexpected(answer)
	}
	return accepted("the phone accepted the reboot and has not reported its boot yet")
}

func (reboot) informed(f facts, in *cwmp.Inform) ruling {
	for _, e := range in.Events {
		if e.Code == cwmp.EventMReboot && e.CommandKey == f.attempt.Key {
			return proven("the phone has restarted", "the phone reported M Reboot with the key of this attempt")
		}
	}
	if !in.HasEvent(cwmp.EventBoot) {
		return ruling{}
	}
	if f.attempt.Accepted.IsZero() {
		return noted("1 BOOT came, but the phone had not answered the Reboot: not taken for its effect")
	}
	after := f.now.Sub(f.attempt.Accepted)
	if after > bootWithin {
		return noted(fmt.Sprintf("1 BOOT came %s after RebootResponse: too late to be taken for its effect", span(after)))
	}
	return proven("the phone has restarted",
		fmt.Sprintf("inferred: 1 BOOT came %s after RebootResponse, without M Reboot and the key of this attempt", span(after)))
}

func (reboot) overdue(f facts) ruling {
	why := "the phone accepted the reboot, but did not report a boot within %s of being sent it"
	if f.attempt.Accepted.IsZero() {
		why = "the phone neither answered the Reboot nor reported a boot within %s"
	}
	return ruling{event: db.EventUnknown, why: fmt.Sprintf(why, span(f.job.Deadline))}
}

func (reboot) awaits(facts) string { return "the phone to report its boot" }
