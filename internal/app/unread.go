package app

import (
	"net/http"
	"time"
)

const (
	// unreadTime is how long a body may take that a handler does not care for:
	// net/http takes it in before the answer leaves, however long it waits.
	unreadTime = 30 * time.Second
	// answerTime is how long a phone may take for the whole of a request, down
	// to the last byte of its answer; files set their own time as they go.
	answerTime = 2 * time.Minute
)

// timed gives a request's body its time. Handlers that read one give it another.
// A request without a body is left alone: a read that fails while it is worked
// on would count as its client's end.
func timed(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			// The deadline is the connection's, hence of the machine's clock.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(unreadTime))
		}
		h.ServeHTTP(w, r)
	})
}
