package client

import "context"

// A Selection names phones in exactly one of three ways.
type Selection struct {
	Phones []string `json:"phones,omitempty"` // any references
	Filter string   `json:"filter,omitempty"`
	All    bool     `json:"all,omitempty"`
}

// An Approval approves the pending phones of a selection.
type Approval struct {
	Selection Selection `json:"selection"`
	Site      string    `json:"site,omitempty"` // id or name, to put them at
	Tags      []string  `json:"tags,omitempty"`
	DryRun    bool      `json:"dry_run,omitempty"`
	Cursor    string    `json:"cursor,omitempty"` // Bulk.Next of the answer before
}

// An Edit changes site and tags of a selection.
type Edit struct {
	Selection  Selection `json:"selection"`
	Site       string    `json:"site,omitempty"`
	AddTags    []string  `json:"add_tags,omitempty"`
	RemoveTags []string  `json:"remove_tags,omitempty"`
	DryRun     bool      `json:"dry_run,omitempty"`
	Cursor     string    `json:"cursor,omitempty"`
}

// A Bulk counts what became of phones, or would.
type Bulk struct {
	Changed   int    `json:"changed"`
	Unchanged int    `json:"unchanged"`
	Failed    int    `json:"failed"`
	DryRun    bool   `json:"dry_run,omitempty"`
	Next      string `json:"next,omitempty"` // more is to be done: ask again with it as Cursor
}

// Add adds the counts of a part that was done after b.
func (b *Bulk) Add(part Bulk) {
	b.Changed += part.Changed
	b.Unchanged += part.Unchanged
	b.Failed += part.Failed
	b.DryRun, b.Next = part.DryRun, part.Next
}

// ApprovePhones approves one part of a selection; see Bulk.Next.
func (c *Client) ApprovePhones(ctx context.Context, a Approval) (Bulk, error) {
	return get[Bulk](ctx, c, "approvePhones", call{body: a})
}

// EditPhones changes one part of a selection; see Bulk.Next.
func (c *Client) EditPhones(ctx context.Context, e Edit) (Bulk, error) {
	return get[Bulk](ctx, c, "editPhones", call{body: e})
}
