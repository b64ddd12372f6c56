package admin

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

// A kind is a type of problem: a stable token, its title and its status.
type kind struct {
	token, title string
	status       int
}

// The kinds. Their tokens are listed in the OpenAPI document too.
var (
	kindMalformed    = kind{"malformed", "the request cannot be read", http.StatusBadRequest}
	kindUnknownField = kind{"unknown-field", "there is no such field", http.StatusBadRequest}
	kindInvalid      = kind{"invalid-value", "a value is missing or cannot be", http.StatusBadRequest}
	kindFilter       = kind{"invalid-filter", "the filter cannot be read", http.StatusBadRequest}
	kindUnauthorized = kind{"unauthorized", "a token is needed", http.StatusUnauthorized}
	kindForbidden    = kind{"forbidden", "the token may not do this", http.StatusForbidden}
	kindNotFound     = kind{"not-found", "there is no such thing", http.StatusNotFound}
	kindMethod       = kind{"method-not-allowed", "the path does not take this method", http.StatusMethodNotAllowed}
	kindTimeout      = kind{"timeout", "the request took too long to arrive", http.StatusRequestTimeout}
	kindConflict     = kind{"conflict", "its state does not allow this", http.StatusConflict}
	kindExists       = kind{"exists", "a unique value is taken", http.StatusConflict}
	kindInUse        = kind{"in-use", "others still need it", http.StatusConflict}
	kindInFlight     = kind{"in-flight", "the first request with this key is being worked on", http.StatusConflict}
	kindHeld         = kind{"held", "a hold covers the phone", http.StatusConflict}
	kindTooLarge     = kind{"too-large", "the body is too large", http.StatusRequestEntityTooLarge}
	kindMediaType    = kind{"unsupported-media-type", "the body is of the wrong type", http.StatusUnsupportedMediaType}
	kindMisdirected  = kind{"misdirected", "this host is not served here", http.StatusMisdirectedRequest}
	kindGuessing     = kind{"too-many-requests", "come back later", http.StatusTooManyRequests}
	kindIdempotency  = kind{"idempotency-mismatch", "the key was used for another request", http.StatusUnprocessableEntity}
	kindTooMany      = kind{"too-many", "a bound is reached", http.StatusUnprocessableEntity}
	kindNever        = kind{"never-opens", "the window does not open any more", http.StatusUnprocessableEntity}
	kindTooSmall     = kind{"too-small", "the window is too small for the rate", http.StatusUnprocessableEntity}
	kindInternal     = kind{"internal", "internal error", http.StatusInternalServerError}
	kindWake         = kind{"wake-failed", "the phone could not be asked to inform", http.StatusBadGateway}
	kindBusy         = kind{"busy", "too many at once", http.StatusServiceUnavailable}
	kindUnavailable  = kind{"unavailable", "not now", http.StatusServiceUnavailable}
	kindNoSpace      = kind{"no-space", "the disk is full", http.StatusInsufficientStorage}
)

// A problem is the body of every answer that is not a success (RFC 9457). It
// is the error that handlers return when they know what to say to the client.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Field    string `json:"field,omitempty"`    // member, query parameter, header or CSV column
	Position *int   `json:"position,omitempty"` // in a filter, in bytes from 0
	Line     int    `json:"line,omitempty"`     // in a CSV body, from 1
	Request  string `json:"request"`

	header map[string]string
	err    error // what led to it, for the log only
}

func newProblem(k kind, format string, args ...any) *problem {
	return &problem{
		Type: "urn:phoneacs:problem:" + k.token, Title: k.title, Status: k.status,
		Detail: fmt.Sprintf(format, args...),
	}
}

// invalid is the problem of a value that is missing or cannot be.
func invalid(field, format string, args ...any) *problem {
	return newProblem(kindInvalid, format, args...).at(field)
}

func (p *problem) Error() string {
	switch {
	case p.err != nil:
		return p.Detail + ": " + p.err.Error()
	case p.Field != "":
		return p.Field + ": " + p.Detail
	}
	return p.Detail
}

func (p *problem) Unwrap() error { return p.err }

// at names the field that is meant, because names the error that is not
// shown, with adds a header to the answer.

func (p *problem) at(field string) *problem { p.Field = field; return p }

func (p *problem) because(err error) *problem { p.err = err; return p }

func (p *problem) with(key, value string) *problem {
	p.header = maps.Clone(p.header)
	if p.header == nil {
		p.header = make(map[string]string)
	}
	p.header[key] = value
	return p
}

// write answers with the problem, whole or not at all.
func (p *problem) write(x *exchange) {
	p.Request = x.id
	body, err := json.Marshal(p)
	if err != nil { // strings and numbers: it cannot be
		x.WriteHeader(p.Status)
		return
	}
	h := x.Header()
	for key, value := range p.header {
		h.Set(key, value)
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.WriteHeader(p.Status)
	_, _ = x.Write(body) // the client has gone: nobody is left to be told
}
