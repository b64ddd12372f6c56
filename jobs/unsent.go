package jobs

import (
	"context"
	"fmt"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// unsent says whether an answer is none of the phone: its request was ready too
// late, when the phone had been told to come again.
func unsent(answer cwmp.Message) (*cwmp.Fault, bool) {
	f, ok := answer.(*cwmp.Fault)
	return f, ok && f.Code == cwmp.FaultRetryRequest
}

// takeBack undoes the sending of an attempt whose request never left: its task
// waits as before, whatever its kind, and no try is spent. An attempt that has
// asked before is left to its fate, as one whose session was lost is: what it
// asked then may have arrived.
func (s *Service) takeBack(ctx context.Context, sess db.Session, id db.AttemptID, why *cwmp.Fault) error {
	err := again(func() error {
		f, _, err := s.look(ctx, id, &sess.Phone)
		if err != nil {
			return err
		}
		if f.task.State != db.TaskSent || f.task.Last().N != id.N || s.walks.get(id) != nil {
			return nil
		}
		what := "the request was not sent: " + clip(why.String)
		v := db.Verdict{
			Task: id.Task, Attempt: id.N, Session: sess.Token, Now: f.now, Event: db.EventFault, Cause: db.CauseFault,
			Outcome: db.OutcomeFault, Fault: int(why.Code), Round: f.job.Refile, Why: what, Evidence: []string{what},
		}
		place, note := db.Place{State: db.TaskWaiting, Due: f.now}, "it is sent in another session"
		if f.slots != nil {
			place, note = f.slots.again(f.now, note)
		}
		_, err = s.judge(ctx, f, unspent(v, place, note))
		return err
	})
	if err != nil {
		return fmt.Errorf("take back %v: %w", id.Task, err)
	}
	return nil
}
