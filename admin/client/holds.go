package client

import (
	"context"
	"net/url"
	"time"
)

// A Scope is what a hold covers: one of the three.
type Scope struct {
	Site  string `json:"site,omitempty"`  // id or name
	Phone string `json:"phone,omitempty"` // any reference
	All   bool   `json:"all,omitempty"`
}

// A Hold stops what changes or restarts phones.
type Hold struct {
	Scope
	Reason string    `json:"reason,omitempty"`
	By     string    `json:"by,omitempty"`
	Since  time.Time `json:"since"`
}

// ListHolds returns the holds in force, the fleet's first.
func (c *Client) ListHolds(ctx context.Context, q Query) (Page[Hold], error) {
	return get[Page[Hold]](ctx, c, "listHolds", call{query: q.values()})
}

// SetHold sets a hold, or replaces the one of the same scope.
func (c *Client) SetHold(ctx context.Context, s Scope, reason string) (Hold, error) {
	return get[Hold](ctx, c, "setHold", call{body: struct {
		Scope
		Reason string `json:"reason,omitempty"`
	}{s, reason}})
}

// ClearHold takes a hold away. A wider one may still be in force.
func (c *Client) ClearHold(ctx context.Context, s Scope) error {
	q := url.Values{}
	if s.Site != "" {
		q.Set("site", s.Site)
	}
	if s.Phone != "" {
		q.Set("phone", s.Phone)
	}
	if s.All {
		q.Set("all", "true")
	}
	return c.do(ctx, "clearHold", call{query: q}, nil)
}
