package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// States of jobs.
const (
	JobExpanding = "expanding"
	JobActive    = "active"
	JobPaused    = "paused"
	JobEnded     = "ended"
)

// A Job is what an operator ordered, over a selection of phones.
type Job struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Args      Args      `json:"args"`
	Selection Selection `json:"selection"`
	When      When      `json:"when"`
	State     string    `json:"state"`
	Paused    bool      `json:"paused,omitempty"`
	Cancelled bool      `json:"cancelled,omitempty"`
	Refiling  bool      `json:"refiling,omitempty"`
	Sweep     string    `json:"sweep,omitempty"` // cancel, expire, retry or wake, while it is under way
	Counts    Counts    `json:"counts"`
	Selected  int       `json:"selected"`
	Expanded  int       `json:"expanded"`
	Created   time.Time `json:"created"`
	Expires   time.Time `json:"expires"`
	Ended     time.Time `json:"ended,omitzero"`
	Retry     Retry     `json:"retry"`
	Deadline  string    `json:"deadline"` // a duration, as in 30m or 1d12h
	Priority  int       `json:"priority"`
	Calls     string    `json:"calls,omitempty"` // go-on, skip or ignore, of kinds that restart phones
	By        string    `json:"by,omitempty"`

	Held []HeldTasks `json:"held,omitempty"` // by what tasks are kept from being sent; of GetJob alone
}

// HeldTasks are tasks of a job that a hold keeps from being sent.
type HeldTasks struct {
	Hold
	SiteName string `json:"site_name,omitempty"`
	Tasks    int    `json:"tasks"`
	AtLeast  bool   `json:"at_least,omitempty"`
}

// A NewJob is an order. What is zero is left to the server.
type NewJob struct {
	Kind      string    `json:"kind"`
	Args      *Args     `json:"args,omitempty"`
	Selection Selection `json:"selection"`
	When      When      `json:"when"`
	Expires   string    `json:"expires,omitempty"` // a time (RFC 3339) or a duration
	Retry     *Retry    `json:"retry,omitempty"`
	Deadline  string    `json:"deadline,omitempty"`
	Priority  int       `json:"priority,omitempty"` // 0 to 9
	Calls     string    `json:"calls,omitempty"`    // go-on, skip or ignore
}

// Args are what a kind takes; each takes some of these or none.
type Args struct {
	File       string         `json:"file,omitempty"`
	Parameters []Setting      `json:"parameters,omitempty"`
	Names      []string       `json:"names,omitempty"`
	Delay      string         `json:"delay,omitempty"`
	Object     string         `json:"object,omitempty"`
	Attributes []NewAttribute `json:"attributes,omitempty"`
	Raw        *RawCall       `json:"raw,omitempty"`
	Upload     *UploadArgs    `json:"upload,omitempty"`
	Reboot     bool           `json:"reboot,omitempty"`
}

// A Setting is a parameter to be set. Of a secret, the server shows no value.
type Setting struct {
	Name  string `json:"name"`
	Type  string `json:"type,omitempty"`
	Value string `json:"value"`
}

// A NewAttribute says who is told of a parameter and who may write it.
type NewAttribute struct {
	Name         string    `json:"name"`
	Notification *int      `json:"notification,omitempty"`
	AccessList   *[]string `json:"access_list,omitempty"`
}

// A RawCall is an RPC as it stands.
type RawCall struct {
	RPC  string          `json:"rpc"`
	Args json.RawMessage `json:"args,omitempty"`
	XML  string          `json:"xml,omitempty"`
}

// UploadArgs say what a phone is to send.
type UploadArgs struct {
	Kind     string `json:"kind"` // config or log
	Instance int    `json:"instance,omitempty"`
}

// When says when a job is due: one of Now, At and Window.
type When struct {
	Now    bool            `json:"now,omitempty"`
	At     time.Time       `json:"at,omitzero"`
	Window json.RawMessage `json:"window,omitempty"` // a text, the id or name of a window, or a NewWindow without a name
	Missed string          `json:"missed,omitempty"` // with Window: next or rest
	From   string          `json:"from,omitempty"`   // with Until, the days of the window's period that a recurring job ordered for; only shown
	Until  string          `json:"until,omitempty"`
}

// Retry says how often a task is tried again.
type Retry struct {
	Max     *int   `json:"max,omitempty"` // attempts after the first, 0 to 20
	Backoff string `json:"backoff,omitempty"`
}

// Counts are tasks by state.
type Counts struct {
	Waiting   int `json:"waiting"`
	Ready     int `json:"ready"`
	Sent      int `json:"sent"`
	Proving   int `json:"proving"`
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
	Expired   int `json:"expired"`
	Cancelled int `json:"cancelled"`
	Skipped   int `json:"skipped"`
}

// Open is how many have not ended.
func (c Counts) Open() int { return c.Waiting + c.Ready + c.Sent + c.Proving }

// Ended is how many have.
func (c Counts) Ended() int { return c.Succeeded + c.Failed + c.Expired + c.Cancelled + c.Skipped }

// ListJobs returns jobs, newest first.
func (c *Client) ListJobs(ctx context.Context, q Query) (Page[Job], error) {
	return get[Page[Job]](ctx, c, "listJobs", call{query: q.values()})
}

// CreateJob orders a job. With a key, which is 1 to 255 visible ASCII
// characters, the same order sent again within 24 hours is the same job.
func (c *Client) CreateJob(ctx context.Context, j NewJob, key string) (Job, error) {
	in := call{body: j}
	if key != "" {
		in.header = http.Header{"Idempotency-Key": {key}}
	}
	return get[Job](ctx, c, "createJob", in)
}

// GetJob returns a job as it stands.
func (c *Client) GetJob(ctx context.Context, id string) (Job, error) {
	return get[Job](ctx, c, "getJob", call{path: []string{id}})
}

// ListJobTasks returns a job's tasks, by phone.
func (c *Client) ListJobTasks(ctx context.Context, id string, q Query) (Page[Task], error) {
	return get[Page[Task]](ctx, c, "listJobTasks", call{path: []string{id}, query: q.values()})
}

// CancelJob takes back what has not been sent.
func (c *Client) CancelJob(ctx context.Context, id string) (Job, error) {
	return get[Job](ctx, c, "cancelJob", call{path: []string{id}})
}

// PauseJob holds back what has not been sent.
func (c *Client) PauseJob(ctx context.Context, id string) (Job, error) {
	return get[Job](ctx, c, "pauseJob", call{path: []string{id}})
}

// ResumeJob goes on after a pause.
func (c *Client) ResumeJob(ctx context.Context, id string) (Job, error) {
	return get[Job](ctx, c, "resumeJob", call{path: []string{id}})
}

// RetryJob tries the failed, expired and cancelled tasks once more.
func (c *Client) RetryJob(ctx context.Context, id string) (Job, error) {
	return get[Job](ctx, c, "retryJob", call{path: []string{id}})
}
