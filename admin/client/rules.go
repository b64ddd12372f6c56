package client

import (
	"context"
	"io"
	"time"
)

// An EnrolmentRule says who is let in.
type EnrolmentRule struct {
	ID           string    `json:"id"`
	Order        int       `json:"order"`
	Note         string    `json:"note,omitempty"`
	All          bool      `json:"all,omitempty"`
	OUI          string    `json:"oui,omitempty"`
	MAC          string    `json:"mac,omitempty"`
	Vendor       string    `json:"vendor,omitempty"`
	Model        string    `json:"model,omitempty"`
	ProductClass string    `json:"product_class,omitempty"`
	Network      string    `json:"network,omitempty"`
	Action       string    `json:"action"` // approve, pending or refuse
	ReEnrol      bool      `json:"re_enrol,omitempty"`
	Site         string    `json:"site,omitempty"`
	Tags         []string  `json:"tags"`
	Limit        int       `json:"limit,omitempty"`
	Until        time.Time `json:"until,omitzero"`
	Created      time.Time `json:"created"`
	By           string    `json:"by,omitempty"`
	Admitted     int       `json:"admitted"`
	Last         time.Time `json:"last,omitzero"`
}

// A NewEnrolmentRule is one to be added. What is zero is left to the server.
type NewEnrolmentRule struct {
	Order        *int     `json:"order,omitempty"`
	Note         string   `json:"note,omitempty"`
	All          bool     `json:"all,omitempty"`
	OUI          string   `json:"oui,omitempty"`
	MAC          string   `json:"mac,omitempty"`
	Vendor       string   `json:"vendor,omitempty"`
	Model        string   `json:"model,omitempty"`
	ProductClass string   `json:"product_class,omitempty"`
	Network      string   `json:"network,omitempty"`
	Action       string   `json:"action"`
	ReEnrol      bool     `json:"re_enrol,omitempty"`
	Site         string   `json:"site,omitempty"`
	Tags         []string `json:"tags,omitempty"`
	Limit        int      `json:"limit,omitempty"`
	Until        string   `json:"until,omitempty"` // a time (RFC 3339) or a duration
}

// A RuleImport is what became of a list of rules.
type RuleImport struct {
	Created int           `json:"created"`
	Failed  int           `json:"failed"`
	Errors  []ImportError `json:"errors"` // the first 100
}

// ListEnrolmentRules returns rules in the order in which they are tried.
func (c *Client) ListEnrolmentRules(ctx context.Context, q Query) (Page[EnrolmentRule], error) {
	return get[Page[EnrolmentRule]](ctx, c, "listEnrolmentRules", call{query: q.values()})
}

// CreateEnrolmentRule adds a rule.
func (c *Client) CreateEnrolmentRule(ctx context.Context, r NewEnrolmentRule) (EnrolmentRule, error) {
	return get[EnrolmentRule](ctx, c, "createEnrolmentRule", call{body: r})
}

// ImportEnrolmentRules adds rules from CSV, of at most 64 MiB.
func (c *Client) ImportEnrolmentRules(ctx context.Context, csv io.Reader) (RuleImport, error) {
	return get[RuleImport](ctx, c, "importEnrolmentRules", call{stream: csv, media: "text/csv"})
}

// GetEnrolmentRule returns one rule.
func (c *Client) GetEnrolmentRule(ctx context.Context, id string) (EnrolmentRule, error) {
	return get[EnrolmentRule](ctx, c, "getEnrolmentRule", call{path: []string{id}})
}

// ReplaceEnrolmentRule puts a rule in the place of another.
func (c *Client) ReplaceEnrolmentRule(ctx context.Context, id string, r NewEnrolmentRule) (EnrolmentRule, error) {
	return get[EnrolmentRule](ctx, c, "replaceEnrolmentRule", call{path: []string{id}, body: r})
}

// DeleteEnrolmentRule takes a rule away.
func (c *Client) DeleteEnrolmentRule(ctx context.Context, id string) error {
	return c.do(ctx, "deleteEnrolmentRule", call{path: []string{id}}, nil)
}
