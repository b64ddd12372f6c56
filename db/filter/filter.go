// Package filter reads filters in the syntax of AIP-160 and matches records
// against them:
//
//	state = approved AND (model = X6* OR tags:lobby) -software_version >= 2.10
//
// It knows no record and no store: a [Schema] names the fields, the caller
// gives their values. Where AIP-160 leaves a choice it was made as follows.
//
//   - Terms side by side mean AND. OR binds closer than AND.
//   - Text compares without regard to letter case.
//   - A `*` at either end of a value stands for any text, anywhere else for
//     itself. `name:*` asks whether a field is set at all.
//   - A bare word, or a quoted text that stands alone, is looked for in every
//     [String], [Version] and [List] field.
//   - A value that is not set matches no comparison but !=, and = "".
//   - Values may stay unquoted unless they contain spaces, quotes,
//     parentheses, commas or one of = ! < >.
//
// Functions, nested fields and lists of values are refused.
package filter

import "time"

// Bounds of a filter. They hold for what was written and for [Filter.String].
const (
	MaxSource = 4096 // bytes
	MaxDepth  = 32   // parentheses inside one another
	MaxTerms  = 200  // comparisons and words
)

// A Kind says how a field compares.
type Kind int

// The kinds of fields.
const (
	// String takes = and != with a value that may have a `*` at either end,
	// and `:` for texts that contain the value.
	String Kind = iota
	// List is a set of words; `tags:lobby` asks for one of them.
	List
	// Time takes = != < <= > >= with an RFC 3339 time.
	Time
	// Version takes what String takes, and < <= > >=. It compares part by
	// part, numbers as numbers: 2.10 is newer than 2.9, and 03.005 equals 3.5.
	Version
	// Number takes = != < <= > >= with an integer.
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

// A Filter is a parsed filter. It is safe for concurrent use. A nil Filter
// passes every record.
type Filter struct {
	root *node
	text string
}

// Parse reads a filter; the error is a [*SyntaxError].
func Parse(src string, schema Schema) (*Filter, error) {
	root, err := parse(src, schema)
	if err != nil {
		return nil, err
	}
	text, depth := format(root)
	switch {
	case len(text) > MaxSource:
		return nil, errorf(0, "filter is longer than %d bytes when written out", MaxSource)
	case depth > MaxDepth:
		return nil, errorf(0, "parentheses are more than %d deep when written out", MaxDepth)
	}
	return &Filter{root, text}, nil
}

// Match reports whether a record passes, whose fields value gives. It asks for
// fields of the schema only, and as few as decide.
func (f *Filter) Match(value func(field string) Value) bool {
	return f == nil || f.root.match(value)
}

// Equal returns the value that a field must have for any record to pass, if
// the filter demands one: an exact = of a [String] field, or `:` of a [List]
// field, that no OR or NOT can make up for. The value is as it was written; an
// index must keep and look up [Fold] of its values. It is never empty.
func (f *Filter) Equal(field string) (string, bool) {
	if f == nil {
		return "", false
	}
	if f.root.op != opAnd {
		return f.root.demands(field)
	}
	for _, k := range f.root.kids {
		if v, ok := k.demands(field); ok {
			return v, true
		}
	}
	return "", false
}

// String returns the filter written out in full, values in quotes only where
// they need them. Parse reads it to a filter with the same String.
func (f *Filter) String() string {
	if f == nil {
		return ""
	}
	return f.text
}
