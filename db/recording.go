package db

import (
	"context"
	"fmt"
	"time"

	"phoneacs/db/filter"
)

// Bounds of what is kept of sessions and of messages that were not understood.
const (
	// RecordingsPerPhone is how many recordings of one phone are kept.
	RecordingsPerPhone = 10
	// RecordingOrders is how many phones may be recorded at a time.
	RecordingOrders = 1000
	// MaxRecording is the longest time for which a phone is recorded by one order.
	MaxRecording = 30 * 24 * time.Hour
	// UnreadableKept is how many messages are kept that were not understood,
	// UnreadablePerSource how many of them of one sender.
	UnreadableKept      = 200
	UnreadablePerSource = 20
)

// RecordingID names the recording of a session: "r17". Later ones are larger.
type RecordingID uint64

func (id RecordingID) String() string { return formatID('r', uint64(id)) }

// MarshalText writes the form of [RecordingID.String].
func (id RecordingID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the form of [RecordingID.String].
func (id *RecordingID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseRecordingID(string(b))
	return
}

// ParseRecordingID reads the form that [RecordingID.String] writes.
func ParseRecordingID(s string) (RecordingID, error) { return parseID[RecordingID]('r', s) }

// A RecordingOrder has the sessions of a phone recorded until a time.
type RecordingOrder struct {
	Phone PhoneID   `json:"phone"`
	Until time.Time `json:"until"`
	Since time.Time `json:"since"`
	By    string    `json:"by,omitempty"`
}

// A Recording is one session of a phone as it went over the wire. Whoever
// makes it has masked what is secret.
type Recording struct {
	ID       RecordingID `json:"id"`
	Phone    PhoneID     `json:"phone"`
	Session  string      `json:"session"` // as in the log
	Address  string      `json:"address,omitempty"`
	Began    time.Time   `json:"began"`
	Ended    time.Time   `json:"ended"`
	How      string      `json:"how"`            // how it ended: done, empty, failed, silent, superseded
	Failed   bool        `json:"failed"`         // it did not end in order
	Rule     string      `json:"rule,omitempty"` // the last one that the phone broke
	Messages int         `json:"messages"`       // that were seen; those above a bound are not kept
	Bytes    int64       `json:"bytes"`          // of all bodies, as they were sent

	// Log are the messages in their order; lists leave them out.
	Log []RecordedMessage `json:"log,omitempty"`
}

// The sides of a session.
const (
	FromPhone  = "phone"
	FromServer = "server"
)

// A RecordedMessage is one HTTP message of a session.
type RecordedMessage struct {
	At     time.Time         `json:"at"`
	From   string            `json:"from"`             // FromPhone or FromServer
	Status int               `json:"status,omitempty"` // of HTTP, from the server
	Header map[string]string `json:"header,omitempty"` // those that matter; of secret ones only that they were there
	RPC    string            `json:"rpc,omitempty"`    // empty: no message, or none that was understood
	Body   string            `json:"body,omitempty"`   // UTF-8; what is not is read as ISO-8859-1
	Size   int               `json:"size"`             // bytes of the body, as it was sent
	Masked int               `json:"masked,omitempty"` // secrets that were masked in it
	Cut    bool              `json:"cut,omitempty"`    // the body is not kept, or not all of it
	Latin  bool              `json:"latin,omitempty"`  // the body was not UTF-8
	// Rebuilt says that the body was written anew from what was understood of
	// it: what the phone wrote otherwise than we would is not in it.
	Rebuilt bool `json:"rebuilt,omitempty"`
}

// An Unreadable is a message that was not understood.
type Unreadable struct {
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`            // the same came again
	Count   int       `json:"count"`           // how often it came, as far as that was looked at
	Rule    string    `json:"rule"`            // the one that it broke
	Detail  string    `json:"detail"`          // what the decoder said
	Address string    `json:"address"`         // of the sender
	Source  string    `json:"source"`          // what counts as one sender: the address, or the network of an IPv6 one
	Phone   PhoneID   `json:"phone,omitempty"` // if it came within a session
	Agent   string    `json:"agent,omitempty"` // User-Agent
	Size    int       `json:"size"`            // bytes of the message
	// Line, Column and Offset, the latter in bytes from 0, say where in the message it
	// went wrong; Line and Column count from 1, and are 0 where no place is to be told.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	Offset int `json:"offset,omitempty"`
	// Excerpt is what stands around that place, masked; From is the byte of the
	// message that it begins at.
	Excerpt string `json:"excerpt"`
	From    int    `json:"from,omitempty"`
	Masked  int    `json:"masked,omitempty"`
}

// Recordings keeps sessions, and messages that were not understood. Both are
// bounded: what is oldest goes first. What is past its keeping is removed by
// [Store.Prune].
type Recordings interface {
	// SetRecording has a phone recorded, or changes until when. ErrNotFound if
	// the phone is not known, ErrTooMany for more than RecordingOrders.
	SetRecording(ctx context.Context, o RecordingOrder) error
	// ClearRecording ends that; ErrNotFound if the phone is not recorded.
	// Recordings that were made are kept.
	ClearRecording(ctx context.Context, phone PhoneID) error
	// RecordingOrders returns all orders, those that are over included until
	// they are removed.
	RecordingOrders(ctx context.Context) ([]RecordingOrder, error)
	// RecordingOrder returns that of one phone; ErrNotFound if there is none.
	RecordingOrder(ctx context.Context, phone PhoneID) (RecordingOrder, error)

	// AddRecording keeps a recording and gives it its id. The oldest of its
	// phone above RecordingsPerPhone go, and of all of them when they take too
	// much room. ErrNotFound if the phone is gone, ErrTooMany if it is larger
	// than all may be together.
	AddRecording(ctx context.Context, r Recording) (RecordingID, error)
	// Recording returns one with its messages, or ErrNotFound.
	Recording(ctx context.Context, id RecordingID) (Recording, error)
	// ListRecordings returns those of a phone, or of all if it is 0, newest
	// first, without their messages. ErrNotFound if the phone is not known.
	ListRecordings(ctx context.Context, phone PhoneID, q Query) (Page[Recording], error)

	// AddUnreadable keeps a message. One that is there already, by its rule,
	// source and excerpt, is counted. Where there is no room, the oldest goes of
	// the source that has most.
	AddUnreadable(ctx context.Context, u Unreadable) error
	// ListUnreadable returns them, the newest first.
	ListUnreadable(ctx context.Context, q Query) (Page[Unreadable], error)
}

// RecordingFields are the fields that a filter over recordings may name.
var RecordingFields = filter.Schema{
	"id": filter.String, "phone": filter.String, "how": filter.String, "failed": filter.String,
	"rule": filter.String, "began": filter.Time, "ended": filter.Time, "address": filter.String,
}

// Field returns the value of a field of [RecordingFields], for a filter.
func (r *Recording) Field(name string) filter.Value {
	switch name {
	case "id":
		return filter.Value{Text: r.ID.String()}
	case "phone":
		return filter.Value{Text: r.Phone.String()}
	case "how":
		return filter.Value{Text: r.How}
	case "failed":
		return filter.Value{Text: fmt.Sprint(r.Failed)}
	case "rule":
		return filter.Value{Text: r.Rule}
	case "began":
		return filter.Value{Time: r.Began}
	case "ended":
		return filter.Value{Time: r.Ended}
	case "address":
		return filter.Value{Text: r.Address}
	}
	return filter.Value{}
}

// UnreadableFields are the fields that a filter over messages that were not
// understood may name.
var UnreadableFields = filter.Schema{
	"rule": filter.String, "address": filter.String, "phone": filter.String,
	"agent": filter.String, "first": filter.Time, "last": filter.Time,
}

// Field returns the value of a field of [UnreadableFields], for a filter.
func (u *Unreadable) Field(name string) filter.Value {
	switch name {
	case "rule":
		return filter.Value{Text: u.Rule}
	case "address":
		return filter.Value{Text: u.Address}
	case "phone":
		return filter.Value{Text: u.Phone.String()}
	case "agent":
		return filter.Value{Text: u.Agent}
	case "first":
		return filter.Value{Time: u.First}
	case "last":
		return filter.Value{Time: u.Last}
	}
	return filter.Value{}
}
