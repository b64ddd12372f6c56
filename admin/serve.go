package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// A handler serves one operation. It either writes a whole answer and returns
// nil, or writes nothing and returns why; the error becomes a problem.
type handler func(w http.ResponseWriter, r *http.Request) error

// answerTime is how long a client may take to read an answer.
const answerTime = 60 * time.Second

// An exchange is one request on its way out: it knows what was answered, for
// the log line and the metrics that every request has one of.
type exchange struct {
	http.ResponseWriter
	id     string            // of the request
	route  string            // name of the matched route, or empty
	user   string            // name of the token, or empty
	token  db.Token          // zero: none
	vars   map[string]string // of the path
	status int               // as written; 0: nothing yet
	err    error             // why it did not succeed
}

// Unwrap is for http.ResponseController.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

func (x *exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status = status
		// Counted from here and not, as the server's own would be, from the
		// request: an upload or a wake may have taken longer than that. It is
		// the connection's time, hence the machine's clock; where a connection
		// has no deadlines there is nothing to do.
		_ = http.NewResponseController(x.ResponseWriter).SetWriteDeadline(time.Now().Add(answerTime))
	}
	x.ResponseWriter.WriteHeader(status)
}

func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	return x.ResponseWriter.Write(p)
}

// fail answers with the problem that an error is, if an answer has not begun.
func (x *exchange) fail(err error) {
	x.err = err
	if x.status == 0 {
		problemFor(err).write(x)
	}
}

// adapt turns a handler into what the mux takes. Everything it serves has
// passed outermost.
func (a *API) adapt(name string, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := w.(*exchange)
		x.route = name
		x.remember(r)
		if err := h(x, r); err != nil {
			x.fail(err)
		}
	})
}

// outermost is around all endpoints: it gives the request its id, sets the
// headers that all answers have, refuses foreign hosts, and logs and counts
// what came of it.
func (a *API) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{ResponseWriter: w, id: rand.Text()}
		h := w.Header()
		h.Set("X-Request-Id", x.id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		if a.demo {
			h.Set("Phoneacs-Demo", "true")
		}
		began := a.clock.Now()
		defer func() {
			v, begun := recover(), x.status != 0
			if v != nil && v != http.ErrAbortHandler { // that one is meant
				x.fail(fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
			}
			a.finish(r, x, a.clock.Since(began))
			if v != nil && begun {
				panic(http.ErrAbortHandler) // the client must not take what it has for whole
			}
		}()
		if err := a.checkHost(r); err != nil {
			x.fail(err)
			return
		}
		next.ServeHTTP(x, r)
	})
}

// failed reports whether the server is to blame for the answer: not for a phone
// that could not be woken, not for a client that left, and not for saying that
// it is not ready when that is the question.
func (x *exchange) failed() bool {
	return x.status >= http.StatusInternalServerError && x.status != http.StatusBadGateway &&
		x.route != readyRoute && !errors.Is(x.err, context.Canceled)
}

// finish writes the request's only log line: failures of ours are errors, what
// was meant to change something is told, the rest is for debugging.
func (a *API) finish(r *http.Request, x *exchange, took time.Duration) {
	a.metrics.observe(x, took)
	a.note(r, x)
	level := slog.LevelDebug
	switch {
	case x.failed():
		level = slog.LevelError
	case r.Method != http.MethodGet && r.Method != http.MethodHead && x.user != "":
		level = slog.LevelInfo
	}
	attrs := []slog.Attr{
		slog.String(logkey.Request, x.id),
		slog.String(logkey.Method, r.Method),
		slog.String(logkey.Path, r.URL.EscapedPath()),
		slog.String(logkey.Route, x.route),
		slog.String(logkey.User, x.user),
		slog.Int(logkey.Status, x.status),
		slog.Duration(logkey.Duration, took),
	}
	if x.err != nil {
		attrs = append(attrs, slog.Any(logkey.Err, x.err))
	}
	a.log.LogAttrs(r.Context(), level, "admin request", attrs...)
}
