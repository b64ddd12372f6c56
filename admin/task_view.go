package admin

import (
	"context"
	"time"

	"phoneacs/db"
)

// taskView is a task as version 1 shows it.
type taskView struct {
	ID       db.TaskID     `json:"id"`
	Job      db.JobID      `json:"job"`
	Phone    db.PhoneID    `json:"phone"`
	State    db.TaskState  `json:"state"`
	Due      time.Time     `json:"due,omitzero"`
	Busy     *db.Busy      `json:"busy,omitempty"`
	Window   *taskWindow   `json:"window,omitempty"`
	Why      string        `json:"why"`
	Cause    string        `json:"cause,omitempty"`
	Help     string        `json:"help,omitempty"`
	Attempts []db.Attempt  `json:"attempts"`
	Evidence []db.Evidence `json:"evidence"`
	Created  time.Time     `json:"created"`
	Ended    time.Time     `json:"ended,omitzero"`
}

// taskViewer shows tasks. Why one has not ended changes while nothing is
// written, so it is asked for anew.
func (a *API) taskViewer(ctx context.Context) func(*db.Task) taskView {
	return func(t *db.Task) taskView {
		why := t.Why
		if !t.State.Final() {
			why = a.orders.Explain(ctx, *t)
		}
		return taskView{
			ID: t.ID, Job: t.ID.Job, Phone: t.ID.Phone, State: t.State, Due: t.Due, Busy: t.Busy, Why: why, Cause: t.Cause,
			Help:     help(t),
			Window:   a.spanOf(ctx, t),
			Attempts: orEmpty(t.Attempts), Evidence: orEmpty(t.Evidence), Created: t.Created, Ended: t.Ended,
		}
	}
}
