package jobs

import (
	"fmt"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// factoryReset takes a phone back to what it left the factory with (TR-069
// A.4.1.6). The RPC has no key, so the proof is "0 BOOTSTRAP" after the phone's
// response; without one it proves nothing, as with a reboot.
type factoryReset struct{ plain }

func (factoryReset) traits() traits { return traits{exclusive: true, changes: true, restarts: true} }

func (factoryReset) request(facts, string, string) cwmp.Message { return &cwmp.FactoryReset{} }

func (factoryReset) answered(_ facts, answer cwmp.Message) ruling {
	if _, ok := answer.(*cwmp.FactoryResetResponse); !ok {
		return unexpected(answer)
	}
	return accepted("the phone accepted the factory reset and has not come back from it yet")
}

func (factoryReset) informed(f facts, in *cwmp.Inform) ruling {
	if !in.HasEvent(cwmp.EventBootstrap) {
		return ruling{}
	}
	if f.attempt.Accepted.IsZero() {
		return noted("0 BOOTSTRAP came, but the phone had not answered the FactoryReset: not taken for its effect")
	}
	return proven("the phone has been reset",
		fmt.Sprintf("0 BOOTSTRAP came %s after FactoryResetResponse", span(f.now.Sub(f.attempt.Accepted))))
}

func (factoryReset) overdue(f facts) ruling {
	why := "the phone accepted the factory reset, but did not report 0 BOOTSTRAP within %s of being sent it"
	if f.attempt.Accepted.IsZero() {
		why = "the phone neither answered the FactoryReset nor reported 0 BOOTSTRAP after it within %s"
	}
	return ruling{event: db.EventUnknown, why: fmt.Sprintf(why, span(f.job.Deadline))}
}

func (factoryReset) awaits(facts) string { return "the phone to report 0 BOOTSTRAP" }
