package client

import (
	"context"
	"encoding/json"
	"time"
)

// A Task is one phone's share of a job.
type Task struct {
	ID       string      `json:"id"`
	Job      string      `json:"job"`
	Phone    string      `json:"phone"`
	State    string      `json:"state"`
	Due      time.Time   `json:"due,omitzero"`
	Window   *TaskWindow `json:"window,omitempty"` // while it waits for its slot or is ready
	Busy     *Busy       `json:"busy,omitempty"`
	Why      string      `json:"why"`
	Cause    string      `json:"cause,omitempty"`
	Help     string      `json:"help,omitempty"`
	Attempts []Attempt   `json:"attempts"`
	Evidence []Evidence  `json:"evidence"`
	Created  time.Time   `json:"created"`
	Ended    time.Time   `json:"ended,omitzero"`
}

// An Attempt is one try of a task.
type Attempt struct {
	N          int       `json:"n"`
	Key        string    `json:"key"`
	Sent       time.Time `json:"sent"`
	Accepted   time.Time `json:"accepted,omitzero"`
	Complete   time.Time `json:"complete,omitzero"`
	Deadline   time.Time `json:"deadline"`
	Lead       bool      `json:"lead,omitempty"`
	Led        time.Time `json:"led,omitzero"`
	Moved      time.Time `json:"moved,omitzero"`
	BytesIn    int64     `json:"bytes_in,omitempty"`
	Before     string    `json:"before,omitempty"`
	Ended      time.Time `json:"ended,omitzero"`
	Outcome    string    `json:"outcome,omitempty"`
	Fault      int       `json:"fault,omitempty"`
	BytesOut   int64     `json:"bytes_out,omitempty"`
	Fetches    []Fetch   `json:"fetches,omitempty"`
	FetchCount int       `json:"fetch_count,omitempty"`
	Lines      *LineWait `json:"lines,omitempty"`
	Handover   *Handover `json:"handover,omitempty"`
}

// A Handover is the span of a window in which a phone does by itself what it was
// sent before.
type Handover struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Recall *Recall   `json:"recall,omitempty"`
}

// A Recall is what was said between server and phone of dropping what it was
// handed over.
type Recall struct {
	Asked   time.Time `json:"asked,omitzero"`
	Why     string    `json:"why"`
	Refused string    `json:"refused,omitempty"`
	Final   bool      `json:"final,omitempty"`
}

// A Busy says that the phone of a ready task was found in a call.
type Busy struct {
	Since  time.Time `json:"since"`
	At     time.Time `json:"at"`
	Looked int       `json:"looked"`
	What   string    `json:"what"`
	Wake   time.Time `json:"wake,omitzero"`
}

// A LineWait is which lines were registered when an RPC left, and what became of
// them.
type LineWait struct {
	Names  []string  `json:"names"`
	Shown  time.Time `json:"shown,omitzero"`
	Proof  string    `json:"proof,omitempty"`
	Looked int       `json:"looked,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Down   []string  `json:"down,omitempty"`
	Wake   time.Time `json:"wake,omitzero"`
}

// A Fetch is one request for the file of an attempt.
type Fetch struct {
	Time    time.Time `json:"time"`
	Role    string    `json:"role,omitempty"`
	Bytes   int64     `json:"bytes"`
	Whole   bool      `json:"whole,omitempty"`
	Status  int       `json:"status"`
	Address string    `json:"address,omitempty"`
	Agent   string    `json:"agent,omitempty"`
}

// Evidence is what was seen of a task.
type Evidence struct {
	Time    time.Time `json:"time"`
	Attempt int       `json:"attempt,omitempty"`
	What    string    `json:"what"`
}

// A TaskResult is the newest answer to a raw RPC.
type TaskResult struct {
	Task    string          `json:"task"`
	Attempt int             `json:"attempt"`
	Time    time.Time       `json:"time"`
	RPC     string          `json:"rpc"`
	Answer  json.RawMessage `json:"answer"`
	Cut     bool            `json:"cut,omitempty"`
	Size    int64           `json:"size,omitempty"`
}

// GetTaskResult returns what the phone answered to a raw RPC.
func (c *Client) GetTaskResult(ctx context.Context, task string) (TaskResult, error) {
	return get[TaskResult](ctx, c, "getTaskResult", call{path: []string{task}})
}

// A TaskWindow is when a task of a job with a window may be sent.
type TaskWindow struct {
	Opens       time.Time `json:"opens"`
	Closes      time.Time `json:"closes"`
	Zone        string    `json:"zone"`
	LocalDue    string    `json:"local_due,omitempty"`
	LocalOpens  string    `json:"local_opens"`
	LocalCloses string    `json:"local_closes"`
}
