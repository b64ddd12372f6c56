package client

import (
	"fmt"
	"net/http"
	"strings"
)

// problemBase begins the type of each problem.
const problemBase = "urn:phoneacs:problem:"

// A Problem is why the server did not do what it was asked.
type Problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Field    string `json:"field,omitempty"`
	Position *int   `json:"position,omitempty"` // bytes into a filter
	Line     int    `json:"line,omitempty"`     // of a CSV body
	Request  string `json:"request"`            // as in the server's log
}

// Kind is the last part of the type, as in not-found. It is empty for an answer
// that is none of phoneacs.
func (p *Problem) Kind() string {
	kind, ok := strings.CutPrefix(p.Type, problemBase)
	if !ok {
		return ""
	}
	return kind
}

func (p *Problem) Error() string {
	var b strings.Builder
	if p.Field != "" && !strings.HasPrefix(p.Detail, p.Field) {
		b.WriteString(p.Field + ": ")
	}
	switch {
	case p.Detail != "":
		b.WriteString(p.Detail)
	case p.Title != "":
		b.WriteString(p.Title)
	default:
		b.WriteString(http.StatusText(p.Status))
	}
	if p.Position != nil {
		fmt.Fprintf(&b, " (at byte %d)", *p.Position)
	}
	if p.Line > 0 {
		fmt.Fprintf(&b, " (line %d)", p.Line)
	}
	if p.Status >= http.StatusInternalServerError && p.Request != "" {
		fmt.Fprintf(&b, " (request %s in the server's log)", p.Request)
	}
	return b.String()
}

// An Unreachable says that no answer came, or not all of one.
type Unreachable struct {
	Server string
	Err    error
}

func (e *Unreachable) Error() string {
	return fmt.Sprintf("%s cannot be reached: %v", e.Server, e.Err)
}

func (e *Unreachable) Unwrap() error { return e.Err }
