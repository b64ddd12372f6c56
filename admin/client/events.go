package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxEvent bounds one line of the stream, in bytes.
const maxEvent = 1 << 20

// ErrReset ends a stream that has lost events for good: state is to be read anew.
var ErrReset = errors.New("events were missed")

// An Event tells what was committed.
type Event struct {
	Seq   uint64    `json:"seq"`
	Time  time.Time `json:"time"`
	Type  string    `json:"type"` // as in task.succeeded
	Job   string    `json:"job,omitempty"`
	Phone string    `json:"phone,omitempty"`
	Why   string    `json:"why,omitempty"`
}

// Watch says which events are wanted. What is empty narrows nothing.
type Watch struct {
	Job   string // id
	Phone string // any reference
	After string // the id of the last event that was seen
}

// StreamEvents calls each for every event until ctx ends, each fails, or the
// stream does: io.EOF when the server stops or cuts off a reader that is slow,
// ErrReset when events were missed. Events may come twice. id is what Watch
// takes to go on, empty within a commit.
func (c *Client) StreamEvents(ctx context.Context, w Watch, each func(e Event, id string) error) error {
	q := url.Values{}
	if w.Job != "" {
		q.Set("job", w.Job)
	}
	if w.Phone != "" {
		q.Set("phone", w.Phone)
	}
	in := call{query: q, header: http.Header{"Accept": {"text/event-stream"}}}
	if w.After != "" {
		in.header.Set("Last-Event-ID", w.After)
	}
	res, err := c.send(ctx, "streamEvents", in)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	err = readEvents(res.Body, each)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// readEvents reads server-sent events as far as this server writes them: one
// line of data an event, comments to keep the connection open.
func readEvents(r io.Reader, each func(e Event, id string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxEvent)
	var kind, id, data string
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			kind = value
		case "id":
			id = value
		case "data":
			data = value
		}
		if lines.Text() != "" {
			continue
		}
		switch {
		case kind == "reset":
			return ErrReset
		case data != "":
			var e Event
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				return fmt.Errorf("streamEvents: read an event: %w", err)
			}
			if err := each(e, id); err != nil {
				return err
			}
		}
		kind, id, data = "", "", ""
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("streamEvents: %w", err)
	}
	return io.EOF
}
