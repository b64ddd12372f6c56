package client

import (
	"context"
	"time"
)

// A StandingOrder is ordered for each phone that is admitted.
type StandingOrder struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Filter  string         `json:"filter,omitempty"`
	All     bool           `json:"all,omitempty"`
	Again   bool           `json:"again"`
	Paused  bool           `json:"paused"`
	Items   []StandingItem `json:"items"`
	Created time.Time      `json:"created"`
	By      string         `json:"by,omitempty"`
	Applied int            `json:"applied"`
	Last    time.Time      `json:"last,omitzero"`
}

// A NewStandingOrder is one to be added: over a filter, or all.
type NewStandingOrder struct {
	Name   string         `json:"name"`
	Filter string         `json:"filter,omitempty"`
	All    bool           `json:"all,omitempty"`
	Again  bool           `json:"again,omitempty"`
	Paused bool           `json:"paused,omitempty"`
	Items  []StandingItem `json:"items"`
}

// A StandingItem becomes a job for one phone.
type StandingItem struct {
	Kind     string `json:"kind"`
	Args     *Args  `json:"args,omitempty"`
	Priority int    `json:"priority"`
	Calls    string `json:"calls,omitempty"`
	Retry    *Retry `json:"retry,omitempty"`
	Deadline string `json:"deadline,omitempty"`
	Expires  string `json:"expires,omitempty"`
}

// ListStandingOrders returns standing orders, oldest first.
func (c *Client) ListStandingOrders(ctx context.Context, q Query) (Page[StandingOrder], error) {
	return get[Page[StandingOrder]](ctx, c, "listStandingOrders", call{query: q.values()})
}

// CreateStandingOrder adds one.
func (c *Client) CreateStandingOrder(ctx context.Context, o NewStandingOrder) (StandingOrder, error) {
	return get[StandingOrder](ctx, c, "createStandingOrder", call{body: o})
}

// GetStandingOrder returns one.
func (c *Client) GetStandingOrder(ctx context.Context, id string) (StandingOrder, error) {
	return get[StandingOrder](ctx, c, "getStandingOrder", call{path: []string{id}})
}

// ReplaceStandingOrder puts one in the place of another.
func (c *Client) ReplaceStandingOrder(ctx context.Context, id string, o NewStandingOrder) (StandingOrder, error) {
	return get[StandingOrder](ctx, c, "replaceStandingOrder", call{path: []string{id}, body: o})
}

// DeleteStandingOrder takes one away; the jobs that it made stay.
func (c *Client) DeleteStandingOrder(ctx context.Context, id string) error {
	return c.do(ctx, "deleteStandingOrder", call{path: []string{id}}, nil)
}
