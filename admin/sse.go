package admin

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"phoneacs/db"
)

// An sse writes server-sent events (the HTML standard, 9.2). What is written
// leaves with flush, within writeTime or not at all.
type sse struct {
	w    http.ResponseWriter
	rc   *http.ResponseController
	buf  bytes.Buffer
	seen uint64 // the last commit that is complete
	told uint64 // the last commit the reader was told
}

func newSSE(w http.ResponseWriter) *sse {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // for a proxy that would collect events
	w.WriteHeader(http.StatusOK)
	s := &sse{w: w, rc: http.NewResponseController(w)}
	s.buf.WriteString("retry: " + strconv.FormatInt(reconnectIn.Milliseconds(), 10) + "\n\n")
	return s
}

// position tells the reader where it is without an event, so that coming back
// before the first one loses nothing.
func (s *sse) position(seq uint64) {
	s.seen = seq
	if seq > s.told {
		s.id(seq)
		s.buf.WriteByte('\n')
	}
}

// reset tells the reader to read state anew, which is at least that of seq.
func (s *sse) reset(seq uint64) {
	s.write("reset", struct {
		Seq uint64 `json:"seq"`
	}{seq})
}

// event adds an event, unless the reader does not want it. The id stands on
// the last event of a commit only: a reader that loses the connection in the
// middle of a commit is given all of it again.
func (s *sse) event(e *db.Event, wanted bool) {
	if wanted {
		if e.Last {
			s.id(e.Seq)
		}
		s.write(e.Type, e)
	}
	if e.Last {
		s.seen = e.Seq
	}
}

// beat adds a sign of life, and how far the reader has come through events
// that it did not want.
func (s *sse) beat() {
	s.buf.WriteString(": alive\n")
	if s.seen > s.told {
		s.id(s.seen)
	}
	s.buf.WriteByte('\n')
}

func (s *sse) id(seq uint64) {
	s.buf.WriteString("id: " + strconv.FormatUint(seq, 10) + "\n")
	s.told = seq
}

func (s *sse) write(name string, v any) {
	data, err := json.Marshal(v)
	if err != nil { // only a time outside the years of RFC 3339 can do this
		data = []byte("{}")
	}
	s.buf.WriteString("event: " + name + "\ndata: ")
	s.buf.Write(data)
	s.buf.WriteString("\n\n")
}

// flush sends what was added. Deadlines are the connection's, so they go by
// the machine's clock.
func (s *sse) flush() error {
	if s.buf.Len() == 0 {
		return nil
	}
	_ = s.rc.SetWriteDeadline(time.Now().Add(writeTime)) // where a connection has none, it has none
	_, err := s.w.Write(s.buf.Bytes())
	s.buf.Reset()
	if err != nil {
		return err
	}
	return s.rc.Flush()
}

// end bounds what the server still has to write.
func (s *sse) end() { _ = s.rc.SetWriteDeadline(time.Now().Add(writeTime)) }
