package admin

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"
)

// fates tells what became of lines as JSON lines, while the list is still
// coming in. nil tells nobody.
type fates struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	buf bytes.Buffer
	out *json.Encoder
	bad error // the client has gone
}

// fatesEnd is the last line: without it the answer was broken off.
type fatesEnd struct {
	Summary *importResult `json:"summary"`
	// Problem is why the list was not taken in to its end.
	Problem *problem `json:"problem,omitempty"`
}

// newFates begins the answer. The first line of the list has been read by
// then, so that what is wrong with its header is a problem of the usual form.
func newFates(w http.ResponseWriter) *fates {
	t := &fates{w: w, rc: http.NewResponseController(w)}
	t.out = json.NewEncoder(&t.buf)
	t.out.SetEscapeHTML(false)
	h := w.Header()
	h.Set("Content-Type", mediaJSONL[0])
	h.Set("X-Accel-Buffering", "no") // for a proxy that would collect lines
	w.WriteHeader(http.StatusOK)
	t.bad = t.send()
	return t
}

func (t *fates) add(f *importFate) {
	if t != nil {
		_ = t.out.Encode(f) // into memory, of strings and numbers
	}
}

// flush sends what was added. Once the client has gone that is the error: who
// does not hear the fates of its lines would have more of them come true.
func (t *fates) flush() error {
	if t == nil {
		return nil
	}
	if t.bad == nil {
		t.bad = t.send()
	}
	return t.bad
}

func (t *fates) send() error {
	// Deadlines are the connection's, so they go by the machine's clock. While
	// nothing is sent there is none: the list may take its time.
	_ = t.rc.SetWriteDeadline(time.Now().Add(answerTime))
	defer func() { _ = t.rc.SetWriteDeadline(time.Time{}) }()
	_, err := t.w.Write(t.buf.Bytes())
	t.buf.Reset()
	if err != nil {
		return err
	}
	_ = t.rc.Flush() // a failure shows at the next write
	return nil
}

// end tells the sum and why the list ended early, if it did: the answer has
// begun, so that stands in it.
func (t *fates) end(sum *importResult, why error) {
	last := fatesEnd{Summary: sum}
	if why != nil {
		last.Problem = problemFor(why)
		if x, ok := t.w.(*exchange); ok {
			last.Problem.Request = x.id
		}
	}
	_ = t.out.Encode(last) // strings and numbers
	if t.bad == nil {
		t.bad = t.send()
	}
	_ = t.rc.SetWriteDeadline(time.Now().Add(answerTime)) // for what the server has to write yet
}
