package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// maxFile is the largest recording that is read, in bytes.
const maxFile = 64 << 20

// ErrRecording reports a recording that cannot be played.
var ErrRecording = errors.New("recording cannot be played")

// A Recording is a session with its messages, in their order.
type Recording struct {
	ID       string    `json:"id"`
	Phone    string    `json:"phone"`
	Began    time.Time `json:"began"`
	How      string    `json:"how"`
	Messages int       `json:"messages"`
	Log      []Message `json:"log"`
}

// A Message is one HTTP message of a session. Its secrets are masked, so what
// is played has other ones than were spoken.
type Message struct {
	At     time.Time         `json:"at"`
	From   string            `json:"from"` // phone or server
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	RPC    string            `json:"rpc"`
	Body   string            `json:"body"`
	Cut    bool              `json:"cut"`
	Latin  bool              `json:"latin"`
}

// A turn is a message of the phone and what the server answered; nil: the
// session was cut off before.
type turn struct {
	n      int // the number of the phone's message in the recording, from 0
	phone  *Message
	server *Message
}

// Load reads a recording and refuses one that is not whole. The error names the
// member that is at fault, and wraps [ErrRecording].
func Load(r io.Reader) (*Recording, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read recording: %w", err)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrRecording, maxFile)
	}
	var rec Recording
	if err := json.Unmarshal(b, &rec); err != nil {
		return nil, fmt.Errorf("%w: %w; want the JSON of one recording, as the admin API gives it", ErrRecording, err)
	}
	if _, err := rec.turns(); err != nil {
		return nil, err
	}
	return &rec, nil
}

// turns pairs the messages.
func (r *Recording) turns() ([]turn, error) {
	bad := func(i int, format string, args ...any) ([]turn, error) {
		return nil, fmt.Errorf("%w: log[%d]: %s", ErrRecording, i, fmt.Sprintf(format, args...))
	}
	if len(r.Log) == 0 {
		return nil, fmt.Errorf("%w: log: has no messages; a list of recordings leaves them out", ErrRecording)
	}
	if r.Messages > len(r.Log) {
		return nil, fmt.Errorf("%w: log: has %d of %d messages, the rest was not kept", ErrRecording, len(r.Log), r.Messages)
	}
	var turns []turn
	for i := range r.Log {
		m := &r.Log[i]
		switch {
		case m.Cut:
			return bad(i, "cut: not all of the message is kept")
		case m.From == "phone":
			turns = append(turns, turn{n: i, phone: m})
		case m.From != "server":
			return bad(i, "from: %q, want phone or server", m.From)
		case len(turns) == 0 || turns[len(turns)-1].server != nil:
			return bad(i, "from: an answer to no message of the phone")
		case m.Status < 100 || m.Status > 599:
			return bad(i, "status: %d is no status of HTTP", m.Status)
		default:
			turns[len(turns)-1].server = m
		}
	}
	return turns, nil
}

// bytes is a body as it was on the wire, but for what was masked.
func (m *Message) bytes(body string) []byte {
	if !m.Latin {
		return []byte(body)
	}
	out := make([]byte, 0, len(body))
	for _, r := range body {
		if r > 0xFF {
			r = '?' // adapted to what is not of this encoding
		}
		out = append(out, byte(r))
	}
	return out
}
