package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"phoneacs/db"
)

// A readiness says whether requests may be sent here, and if not, why.
type readiness struct {
	Status  string   `json:"status"` // ok, starting, stopping, full, stuck or failed
	Reasons []string `json:"reasons,omitempty"`
	Version string   `json:"version,omitempty"`
	Warning string   `json:"warning,omitempty"` // sentences: what is refused, or will soon be wrong
	Demo    bool     `json:"demo,omitempty"`    // the phones are simulated
}

// getReadiness serves GET /readyz: whether to send requests here. Who wants a
// plain text gets a line.
func (a *API) getReadiness(w http.ResponseWriter, r *http.Request) error {
	h := readiness{Status: "ok", Version: a.version, Demo: a.demo}
	refuse := func(status, why string) {
		if h.Status == "ok" {
			h.Status = status
		}
		h.Reasons = append(h.Reasons, why)
	}
	err := a.store.Ready()
	switch {
	case err == nil:
	case errors.Is(err, db.ErrStuck):
		refuse("stuck", fmt.Sprintf("the disk has not answered for %v: phones and changes are refused until it does", a.store.Waited().Round(time.Second)))
	case errors.Is(err, db.ErrNoSpace):
		refuse("full", "the store takes no writes: the disk is full")
	case errors.Is(err, db.ErrFailed):
		refuse("failed", "the store takes no writes: it is not known what is on the disk, and the server ends")
	default:
		refuse("failed", "the store takes no writes")
	}
	if a.draining() {
		refuse("stopping", "the server is stopping")
	}
	var warnings []string
	switch {
	case errors.Is(err, db.ErrStuck): // it is not asked how much room it has
	case a.store.RoomFor(0) != nil:
		warnings = append(warnings, "little room on the disk: large orders, files and backups are refused")
	case a.warning != nil:
		if text := a.warning(r.Context()); text != "" {
			warnings = append(warnings, text)
		}
	}
	h.Warning = strings.Join(warnings, "; ")
	return h.write(w, r)
}

func (h *readiness) write(w http.ResponseWriter, r *http.Request) error {
	status := http.StatusOK
	if h.Status != "ok" {
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "1")
	}
	if !prefersText(r.Header.Values("Accept")) {
		return writeJSON(w, status, h)
	}
	line := h.Status
	if len(h.Reasons) > 0 {
		line += ": " + strings.Join(h.Reasons, "; ")
	}
	if h.Warning != "" {
		line += " (warning: " + h.Warning + ")"
	}
	return writeAs(w, status, "text/plain; charset=utf-8", []byte(line+"\n"))
}

// Starting answers in the place of an [API] that is not made yet: /healthz that
// the server works, /readyz and all else that it is starting. doing is a
// sentence: with what.
func Starting(version string, doing func() string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		why := "the server is starting: " + doing()
		switch r.URL.Path {
		case "/healthz":
			_ = writeJSON(w, http.StatusOK, health{Status: "ok", Version: version}) // marshals
		case "/readyz":
			_ = (&readiness{Status: "starting", Reasons: []string{why}, Version: version}).write(w, r)
		default:
			h.Set("Retry-After", "1")
			p := newProblem(kindUnavailable, "%s", why)
			p.Request = "starting"     // there is no log of requests yet
			body, _ := json.Marshal(p) // strings and numbers
			_ = writeAs(w, p.Status, "application/problem+json", body)
		}
	})
}
