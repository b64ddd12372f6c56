package jobs

import (
	"fmt"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// Some kinds have no other proof than the phone's answer. One that did not come
// within its session comes no more: a new session is as good as the deadline.

// noAnswer is the ruling on such an attempt when the next session has begun.
func noAnswer(f facts, rpc string) ruling {
	if !f.attempt.Accepted.IsZero() {
		return ruling{}
	}
	return ruling{event: db.EventUnknown, why: fmt.Sprintf("the session ended before the phone answered the %s", rpc)}
}

// noAnswerYet is the ruling on such an attempt at its deadline.
func noAnswerYet(f facts, rpc string) ruling {
	return ruling{event: db.EventUnknown, why: fmt.Sprintf("the phone did not answer the %s within %s", rpc, span(f.job.Deadline))}
}

// byAnswer is what kinds have in common that end with the phone's answer.
type byAnswer struct {
	plain
	rpc string
}

func (b byAnswer) informed(f facts, _ *cwmp.Inform) ruling { return noAnswer(f, b.rpc) }
func (b byAnswer) overdue(f facts) ruling                  { return noAnswerYet(f, b.rpc) }
func (b byAnswer) awaits(facts) string                     { return "the phone to answer the " + b.rpc }
