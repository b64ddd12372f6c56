package db

import (
	"context"
	"time"

	"phoneacs/db/filter"
)

// Bounds of the audit trail.
const (
	AuditKept    = 10_000              // entries; the oldest go first
	AuditTime    = 90 * 24 * time.Hour // and how long one is kept
	MaxAuditText = 128                 // bytes of an entry's object
)

// An AuditEntry says who asked for a change, and what was answered. It has
// nothing of what was sent.
type AuditEntry struct {
	Time    time.Time `json:"time"`
	Token   TokenID   `json:"token"`
	Name    string    `json:"name"` // of the token, then
	Role    string    `json:"role"`
	Address string    `json:"address,omitempty"` // of the peer, without port
	Method  string    `json:"method"`            // of HTTP
	Route   string    `json:"route"`             // the operation's name
	Object  string    `json:"object,omitempty"`  // what it was about: an id, as the request or the answer named it
	Status  int       `json:"status"`            // of HTTP
	Request string    `json:"request"`           // the request's id, as the log has it
}

// AuditFields are the fields that a filter over the audit trail may name.
var AuditFields = filter.Schema{
	"time": filter.Time, "token": filter.String, "name": filter.String, "method": filter.String,
	"route": filter.String, "object": filter.String, "address": filter.String,
}

// Field returns the value of a field of [AuditFields], for a filter.
func (e *AuditEntry) Field(name string) filter.Value {
	switch name {
	case "time":
		return filter.Value{Time: e.Time}
	case "token":
		return filter.Value{Text: e.Token.String()}
	case "name":
		return filter.Value{Text: e.Name}
	case "method":
		return filter.Value{Text: e.Method}
	case "route":
		return filter.Value{Text: e.Route}
	case "object":
		return filter.Value{Text: e.Object}
	case "address":
		return filter.Value{Text: e.Address}
	}
	return filter.Value{}
}

// Audits keeps the audit trail, within [AuditKept] and [AuditTime].
type Audits interface {
	// NoteAudit adds an entry. It is soft: a second of entries may be lost with
	// the machine's power, and none with the process's orderly end. It waits
	// where entries come faster than they can be written, and returns ErrStuck,
	// the entry lost, where many wait for a disk that is stuck.
	NoteAudit(ctx context.Context, e AuditEntry) error
	// ListAudit returns entries, newest first, those that are not yet durable
	// among them.
	ListAudit(ctx context.Context, q Query) (Page[AuditEntry], error)
}
