package client

import (
	"context"
	"encoding/json"
)

// A QuirkSet holds switches by name. Which there are, and what they take, is in
// the document.
type QuirkSet map[string]any

// A QuirkEntry is what is odd about some phones.
type QuirkEntry struct {
	Vendor       string   `json:"vendor,omitempty"`
	Manufacturer string   `json:"manufacturer,omitempty"`
	OUI          []string `json:"oui,omitempty"`
	ProductClass []string `json:"product_class,omitempty"`
	Models       []string `json:"models,omitempty"`
	Firmware     string   `json:"firmware,omitempty"`
	Type         string   `json:"type,omitempty"`
	Why          string   `json:"why"`
	Source       string   `json:"source"`
	Assumed      bool     `json:"assumed"`
	File         string   `json:"file"`
	Line         int      `json:"line"`
	Set          QuirkSet `json:"set"`
}

// A QuirkEffect is one switch as it holds for a phone.
type QuirkEffect struct {
	Name   string          `json:"name"`
	Value  json.RawMessage `json:"value"`
	From   string          `json:"from"` // default, file or phone
	Why    string          `json:"why,omitempty"`
	Source string          `json:"source,omitempty"`
	File   string          `json:"file,omitempty"`
	Line   int             `json:"line,omitempty"`
}

// ListQuirks returns all entries in force, in their order.
func (c *Client) ListQuirks(ctx context.Context, q Query) (Page[QuirkEntry], error) {
	return get[Page[QuirkEntry]](ctx, c, "listQuirks", call{query: q.values()})
}

// GetPhoneQuirks returns every switch of a phone. It is one page.
func (c *Client) GetPhoneQuirks(ctx context.Context, ref string) (Page[QuirkEffect], error) {
	return get[Page[QuirkEffect]](ctx, c, "getPhoneQuirks", call{path: []string{ref}})
}

// ReplacePhoneQuirks says how a phone is treated, in place of what was said.
func (c *Client) ReplacePhoneQuirks(ctx context.Context, ref string, set QuirkSet) (Page[QuirkEffect], error) {
	return get[Page[QuirkEffect]](ctx, c, "replacePhoneQuirks", call{path: []string{ref}, body: set})
}

// UpdatePhoneQuirks says it beside what was said.
func (c *Client) UpdatePhoneQuirks(ctx context.Context, ref string, set QuirkSet) (Page[QuirkEffect], error) {
	return get[Page[QuirkEffect]](ctx, c, "updatePhoneQuirks", call{path: []string{ref}, body: set})
}

// ClearPhoneQuirks takes back what was said of a phone.
func (c *Client) ClearPhoneQuirks(ctx context.Context, ref string) error {
	return c.do(ctx, "clearPhoneQuirks", call{path: []string{ref}}, nil)
}
