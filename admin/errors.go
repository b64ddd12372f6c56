package admin

import (
	"context"
	"errors"
	"fmt"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// A subject names what a request was about, in words that may be shown; the
// error it wraps may not.
type subject struct {
	what string
	err  error
}

func (s *subject) Error() string { return s.what + ": " + s.err.Error() }

func (s *subject) Unwrap() error { return s.err }

// about adds to an error what the request was about. It may be shown: the
// client named it.
func about(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &subject{fmt.Sprintf(format, args...), err}
}

// known are the errors that a client can do something about, with the sentence
// that tells it what.
var known = []struct {
	err  error
	kind kind
	says string
}{
	{db.ErrNotFound, kindNotFound, "not known here"},
	{db.ErrExists, kindExists, "already taken"},
	{db.ErrInUse, kindInUse, "still in use"},
	{db.ErrConflict, kindConflict, "not possible in its present state; read it again"},
	{db.ErrHeld, kindHeld, "a hold covers it"},
	{db.ErrTooMany, kindTooMany, "more than the server takes"},
	{db.ErrNoSpace, kindNoSpace, "nothing was changed; the server's disk is full, or has less room than is to stay free"},
	{db.ErrStuck, kindUnavailable, "nothing was changed; the server's disk does not answer, and this is worth trying again once it does"},
	{db.ErrFailed, kindUnavailable, "the store failed and the server is stopping; whether the change was made shows after its restart"},
	{db.ErrClosed, kindUnavailable, "the server is stopping"},
	{context.DeadlineExceeded, kindUnavailable, "it took too long"},
	{context.Canceled, kindUnavailable, "the request was given up"},
}

// problemFor is the one place that turns errors into answers. What it does not
// know is an internal error, of which the client learns the request's id only.
func problemFor(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	var syntax *filter.SyntaxError
	if errors.As(err, &syntax) {
		return filterProblem("filter", syntax)
	}
	switch {
	case errors.Is(err, db.ErrIdempotencyMismatch):
		return newProblem(kindIdempotency, "this key came with another body before; use a new key for a new order").
			at("Idempotency-Key")
	case errors.Is(err, db.ErrCursor):
		return invalid("cursor", "not a cursor of this list; begin without one")
	}
	if p, ok := fieldProblem(err); ok {
		return p
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			return newProblem(k.kind, "%s%s", prefix(err), k.says)
		}
	}
	return newProblem(kindInternal, "an error of the server; its log tells more under the request's id")
}

// fieldProblem answers values that a record cannot hold. Their text is made
// for the client.
func fieldProblem(err error) (*problem, bool) {
	var field *db.FieldError
	if !errors.As(err, &field) {
		return nil, false
	}
	if errors.Is(field.Err, db.ErrExists) {
		return newProblem(kindExists, "%v", field.Err).at(field.Field), true
	}
	return invalid(field.Field, "%v", field.Err), true
}

func filterProblem(field string, e *filter.SyntaxError) *problem {
	p := newProblem(kindFilter, "%s", e.Msg).at(field)
	p.Position = &e.Pos
	return p
}

// prefix names what an error is about, if that is known.
func prefix(err error) string {
	var s *subject
	if errors.As(err, &s) {
		return s.what + ": "
	}
	return ""
}
