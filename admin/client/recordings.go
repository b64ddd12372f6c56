package client

import (
	"context"
	"net/http"
	"time"
)

// A RecordingOrder says until when a phone is recorded.
type RecordingOrder struct {
	Phone string    `json:"phone"`
	Until time.Time `json:"until"`
	Since time.Time `json:"since"`
	By    string    `json:"by,omitempty"`
}

// A Recording is a session as it was spoken. Lists leave out its messages.
type Recording struct {
	ID       string            `json:"id"`
	Phone    string            `json:"phone"`
	Session  string            `json:"session"`
	Address  string            `json:"address,omitempty"`
	Began    time.Time         `json:"began"`
	Ended    time.Time         `json:"ended"`
	How      string            `json:"how"`
	Failed   bool              `json:"failed"`
	Rule     string            `json:"rule,omitempty"`
	Messages int               `json:"messages"`
	Bytes    int64             `json:"bytes"`
	Log      []RecordedMessage `json:"log,omitempty"`
}

// A RecordedMessage is one HTTP message of a session, masked.
type RecordedMessage struct {
	At      time.Time         `json:"at"`
	From    string            `json:"from"` // phone or server
	Status  int               `json:"status,omitempty"`
	Header  map[string]string `json:"header,omitempty"`
	RPC     string            `json:"rpc,omitempty"`
	Body    string            `json:"body,omitempty"`
	Size    int64             `json:"size"`
	Masked  int               `json:"masked,omitempty"`
	Cut     bool              `json:"cut,omitempty"`
	Latin   bool              `json:"latin,omitempty"`
	Rebuilt bool              `json:"rebuilt,omitempty"`
}

// An Unreadable is a message that was not understood.
type Unreadable struct {
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Count   int       `json:"count"`
	Rule    string    `json:"rule"`
	Means   string    `json:"means"`
	Detail  string    `json:"detail,omitempty"`
	Address string    `json:"address"`
	Phone   string    `json:"phone,omitempty"`
	Agent   string    `json:"agent,omitempty"`
	Size    int64     `json:"size"`
	Line    int       `json:"line,omitempty"`
	Column  int       `json:"column,omitempty"`
	Offset  int64     `json:"offset,omitempty"`
	Excerpt string    `json:"excerpt"`
	From    int64     `json:"from"`
	Masked  int       `json:"masked"`
}

// GetPhoneRecording returns until when a phone is recorded.
func (c *Client) GetPhoneRecording(ctx context.Context, ref string) (RecordingOrder, error) {
	return get[RecordingOrder](ctx, c, "getPhoneRecording", call{path: []string{ref}})
}

// RecordPhone records the sessions that begin from now on, for a duration as in
// 2h; empty: 24 hours.
func (c *Client) RecordPhone(ctx context.Context, ref, duration string) (RecordingOrder, error) {
	return get[RecordingOrder](ctx, c, "recordPhone", call{path: []string{ref}, body: struct {
		For string `json:"for,omitempty"`
	}{duration}})
}

// StopRecordingPhone records no further sessions.
func (c *Client) StopRecordingPhone(ctx context.Context, ref string) error {
	return c.do(ctx, "stopRecordingPhone", call{path: []string{ref}}, nil)
}

// ListPhoneRecordings returns the recordings of a phone, newest first.
func (c *Client) ListPhoneRecordings(ctx context.Context, ref string, q Query) (Page[Recording], error) {
	return get[Page[Recording]](ctx, c, "listPhoneRecordings", call{path: []string{ref}, query: q.values()})
}

// GetRecording returns one session, whole.
func (c *Client) GetRecording(ctx context.Context, ref, recording string) (Recording, error) {
	return get[Recording](ctx, c, "getRecording", call{path: []string{ref, recording}})
}

// RecordingText returns one session as text for reading.
func (c *Client) RecordingText(ctx context.Context, ref, recording string) ([]byte, error) {
	return c.text(ctx, "getRecording", call{path: []string{ref, recording}, header: http.Header{"Accept": {"text/plain"}}})
}

// ListRecordings returns the recordings of all phones, newest first; with
// failed, only those that did not end in order.
func (c *Client) ListRecordings(ctx context.Context, failed bool, q Query) (Page[Recording], error) {
	v := q.values()
	if failed {
		v.Set("failed", "true")
	}
	return get[Page[Recording]](ctx, c, "listRecordings", call{query: v})
}

// ListUnreadable returns messages that were not understood, newest first.
func (c *Client) ListUnreadable(ctx context.Context, q Query) (Page[Unreadable], error) {
	return get[Page[Unreadable]](ctx, c, "listUnreadable", call{query: q.values()})
}
