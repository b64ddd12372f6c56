package admin

import (
	"time"

	"phoneacs/db"
)

// jobView is a job as version 1 shows it.
type jobView struct {
	ID        db.JobID             `json:"id"`
	Kind      string               `json:"kind"`
	Args      argsView             `json:"args"`
	Selection db.Selection         `json:"selection"`
	When      whenView             `json:"when"`
	Refiling  bool                 `json:"refiling,omitempty"`
	State     db.JobState          `json:"state"`
	Paused    bool                 `json:"paused,omitempty"`
	Cancelled bool                 `json:"cancelled,omitempty"`
	Sweep     db.SweepKind         `json:"sweep,omitempty"`
	Counts    map[db.TaskState]int `json:"counts"`
	Selected  int                  `json:"selected"`
	Expanded  int                  `json:"expanded"`
	Created   time.Time            `json:"created"`
	Expires   time.Time            `json:"expires"`
	Ended     time.Time            `json:"ended,omitzero"`
	Retry     retryView            `json:"retry"`
	Deadline  string               `json:"deadline"`
	Priority  int                  `json:"priority"`
	Calls     db.CallRule          `json:"calls,omitempty"`
	By        string               `json:"by,omitempty"`
	Held      []heldView           `json:"held,omitempty"` // of one job alone
}

type retryView struct {
	Max     int    `json:"max"`
	Backoff string `json:"backoff"`
}

func viewJob(j *db.JobStatus) jobView {
	counts := make(map[db.TaskState]int, len(db.TaskStates))
	for _, s := range db.TaskStates {
		counts[s] = j.Counts[s]
	}
	state := j.State
	if j.Paused && state == db.JobActive {
		state = db.JobPaused
	}
	return jobView{
		ID: j.ID, Kind: j.Kind, Args: viewArgs(&j.Args), Selection: j.Selection, When: viewWhen(&j.When),
		Refiling: j.Refiling(),
		State:    state, Paused: j.Paused, Cancelled: j.Cancel, Sweep: j.Sweep, Counts: counts,
		Selected: j.Selected, Expanded: j.Expanded,
		Created: j.Created, Expires: j.Expires, Ended: j.Ended,
		Retry:    retryView{j.Retry.Max, formatDuration(j.Retry.Backoff)},
		Deadline: formatDuration(j.Deadline), Priority: j.Priority, Calls: j.Calls, By: j.By,
	}
}
