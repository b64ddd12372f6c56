package provision

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

// A refusal is an answer that is not the file. What a holder of no link sees is
// the same for every status: reasons are for the log.
type refusal struct {
	status int
	rule   string // stable token: metric label, log key and test oracle
	level  slog.Level
	retry  bool // worth asking again
}

var (
	refuseMethod    = &refusal{http.StatusMethodNotAllowed, "files.method", slog.LevelDebug, false}
	refuseMalformed = &refusal{http.StatusNotFound, "link.malformed", slog.LevelDebug, false}
	refuseSend      = &refusal{http.StatusMethodNotAllowed, "link.send", slog.LevelInfo, false}  // to a link to fetch from
	refuseFetch     = &refusal{http.StatusMethodNotAllowed, "link.fetch", slog.LevelInfo, false} // from a link to send to
	refuseUnknown   = &refusal{http.StatusNotFound, "link.unknown", slog.LevelDebug, false}      // or its attempt has ended
	refuseExpired   = &refusal{http.StatusNotFound, "link.expired", slog.LevelInfo, false}
	refuseName      = &refusal{http.StatusNotFound, "link.name", slog.LevelWarn, false}
	refuseBudget    = &refusal{http.StatusTooManyRequests, "link.budget", slog.LevelWarn, false}
	refuseParallel  = &refusal{http.StatusTooManyRequests, "link.parallel", slog.LevelWarn, true}
	refuseFull      = &refusal{http.StatusServiceUnavailable, "transfers.full", slog.LevelWarn, true}
	refuseWithheld  = &refusal{http.StatusServiceUnavailable, "link.withheld", slog.LevelInfo, true} // a hold, or an order taken back
	refuseStore     = &refusal{http.StatusServiceUnavailable, "files.store", slog.LevelError, true}
	refusePart      = &refusal{http.StatusBadRequest, "upload.part", slog.LevelInfo, false}
	refuseEmpty     = &refusal{http.StatusBadRequest, "upload.empty", slog.LevelInfo, false}
	refuseCut       = &refusal{http.StatusBadRequest, "upload.cut", slog.LevelInfo, false} // nobody may be there to read it
	refuseLarge     = &refusal{http.StatusRequestEntityTooLarge, "upload.large", slog.LevelWarn, false}
	refuseSpace     = &refusal{http.StatusInsufficientStorage, "upload.space", slog.LevelError, true}
	refuseBytes     = &refusal{http.StatusInternalServerError, "files.bytes", slog.LevelError, false} // missing or damaged
)

// allow lists the methods that would do, as far as the asker may know: who
// holds no link is not told what there might be.
func (why *refusal) allow() string {
	if why == refuseFetch {
		return "PUT, POST"
	}
	return "GET, HEAD"
}

// retryAfter is how long a phone is asked to wait, in seconds.
const retryAfter = 30

// answer writes the refusal, without a trace of the file that was looked for.
func (why *refusal) answer(w http.ResponseWriter) {
	h := w.Header()
	for _, name := range []string{"Accept-Ranges", "Content-Range", "Etag"} {
		h.Del(name)
	}
	body := strings.ToLower(http.StatusText(why.status)) + "\n"
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	if why.retry {
		h.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	if why.status == http.StatusMethodNotAllowed {
		h.Set("Allow", why.allow())
	}
	w.WriteHeader(why.status)
	_, _ = w.Write([]byte(body)) // a phone that has gone needs no answer
}
