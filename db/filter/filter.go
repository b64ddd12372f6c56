// Package filter reads filters in the syntax of AIP-160 and matches records
// against them. It knows no record and no store: a [Schema] names the fields,
// the caller gives their values.
package filter

import "time"

// A Kind says how a field compares.
type Kind int

// The kinds of fields.
const (
	// String compares exactly, letter case ignored; `*` at either end of a
	// quoted value stands for any text. `:` asks whether the text contains it.
	String Kind = iota
	// List is a set of words; `tags:lobby` asks for one of them.
	List
	// Time compares with RFC 3339 times.
	Time
	// Version compares part by part, numbers as numbers: 2.10 is newer than 2.9.
	Version
	// Number compares as an integer.
	Number
)

// A Schema names the fields that a filter may use.
type Schema map[string]Kind

// A Value is the value of a field, in the member that its kind uses.
type Value struct {
	Text   string
	List   []string
	Time   time.Time
	Number int64
}

// A Filter is a parsed filter.
type Filter struct{ src string }

// Parse reads a filter; the error is a *SyntaxError.
func Parse(src string, schema Schema) (*Filter, error) { return &Filter{src}, nil }

// Match reports whether a record, whose fields value gives, passes.
func (f *Filter) Match(value func(field string) Value) bool { return f == nil }

// Equal returns the value that a field must have for any record to pass,
// if the filter demands one.
func (f *Filter) Equal(field string) (string, bool) { return "", false }
