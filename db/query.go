package db

import "phoneacs/db/filter"

// A Query asks for one page of a list.
type Query struct {
	Filter *filter.Filter // nil: everything
	Cursor string         // Page.Next of the page before; empty: the first
	Limit  int            // 1 to MaxLimit; 0 means DefaultLimit
}

// Bounds of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// A Page is a stretch of a list. It may be shorter than the limit, even empty,
// and still not be the last: a filter that matches little is looked at in
// bounded steps.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // cursor of the next page; empty: this was the last
}
