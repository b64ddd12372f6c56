package client

import (
	"context"
	"time"
)

// A RecurringJob is a job that is ordered again and again.
type RecurringJob struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Kind       string    `json:"kind"`
	Args       *Args     `json:"args,omitempty"`
	NewestFile bool      `json:"newest_file"`
	Selection  Selection `json:"selection"`
	Cron       string    `json:"cron,omitempty"`
	Zone       string    `json:"zone,omitempty"`
	Window     string    `json:"window,omitempty"` // the id of one; without Cron a run for each of its periods
	Missed     string    `json:"missed"`
	Paused     bool      `json:"paused"`
	Priority   int       `json:"priority"`
	Retry      *Retry    `json:"retry,omitempty"`
	Deadline   string    `json:"deadline"`
	Expires    string    `json:"expires,omitempty"`
	Created    time.Time `json:"created"`
	By         string    `json:"by,omitempty"`
	Next       time.Time `json:"next,omitzero"`
	Last       time.Time `json:"last,omitzero"`
	Job        string    `json:"job,omitempty"`
	Runs       int       `json:"runs"`
	Why        string    `json:"why,omitempty"`
}

// A NewRecurringJob is one to be added.
type NewRecurringJob struct {
	Name       string    `json:"name"`
	Kind       string    `json:"kind"`
	Args       *Args     `json:"args,omitempty"`
	NewestFile bool      `json:"newest_file,omitempty"`
	Selection  Selection `json:"selection"`
	Cron       string    `json:"cron,omitempty"` // Cron, Window or both
	Zone       string    `json:"zone,omitempty"`
	Window     string    `json:"window,omitempty"` // the id or name of one
	Missed     string    `json:"missed,omitempty"`
	Paused     bool      `json:"paused,omitempty"`
	Priority   int       `json:"priority"`
	Retry      *Retry    `json:"retry,omitempty"`
	Deadline   string    `json:"deadline,omitempty"`
	Expires    string    `json:"expires,omitempty"`
}

// Work is what the server does by itself over and over.
type Work struct {
	Name  string    `json:"name"`
	Every string    `json:"every"`
	Last  time.Time `json:"last,omitzero"`
	Next  time.Time `json:"next,omitzero"`
	Error string    `json:"error,omitempty"`
}

// ListRecurringJobs returns recurring jobs, oldest first.
func (c *Client) ListRecurringJobs(ctx context.Context, q Query) (Page[RecurringJob], error) {
	return get[Page[RecurringJob]](ctx, c, "listRecurringJobs", call{query: q.values()})
}

// CreateRecurringJob adds one.
func (c *Client) CreateRecurringJob(ctx context.Context, n NewRecurringJob) (RecurringJob, error) {
	return get[RecurringJob](ctx, c, "createRecurringJob", call{body: n})
}

// GetRecurringJob returns one.
func (c *Client) GetRecurringJob(ctx context.Context, id string) (RecurringJob, error) {
	return get[RecurringJob](ctx, c, "getRecurringJob", call{path: []string{id}})
}

// ReplaceRecurringJob puts one in the place of another; its runs go on.
func (c *Client) ReplaceRecurringJob(ctx context.Context, id string, n NewRecurringJob) (RecurringJob, error) {
	return get[RecurringJob](ctx, c, "replaceRecurringJob", call{path: []string{id}, body: n})
}

// DeleteRecurringJob takes one away; the jobs that it made stay.
func (c *Client) DeleteRecurringJob(ctx context.Context, id string) error {
	return c.do(ctx, "deleteRecurringJob", call{path: []string{id}}, nil)
}

// GetSchedule lists what the server does by itself over and over.
func (c *Client) GetSchedule(ctx context.Context) (Page[Work], error) {
	return get[Page[Work]](ctx, c, "getSchedule", call{})
}
