package admin

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"phoneacs/db"
	"phoneacs/db/filter"
	"phoneacs/internal/record"
)

// recordFor is how long a phone is recorded where an order does not say.
const recordFor = day

// Recordings are the parts of [db.Recordings] that read.
type Recordings interface {
	RecordingOrder(ctx context.Context, phone db.PhoneID) (db.RecordingOrder, error)
	Recording(ctx context.Context, id db.RecordingID) (db.Recording, error)
	ListRecordings(ctx context.Context, phone db.PhoneID, q db.Query) (db.Page[db.Recording], error)
	ListUnreadable(ctx context.Context, q db.Query) (db.Page[db.Unreadable], error)
}

// A Recorder has sessions recorded. It is safe for concurrent use.
type Recorder interface {
	// Record has the sessions of a phone recorded from now on; db.ErrNotFound,
	// or db.ErrTooMany when as many phones are recorded as may be.
	Record(ctx context.Context, o db.RecordingOrder) error
	// Stop ends that; db.ErrNotFound if the phone is not recorded.
	Stop(ctx context.Context, phone db.PhoneID) error
}

// newRecording is the body of PUT /api/v1/phones/{id}/recording.
type newRecording struct {
	Until *string `json:"until"`
	For   *string `json:"for"`
}

// recordPhone serves PUT /api/v1/phones/{id}/recording.
func (a *API) recordPhone(w http.ResponseWriter, r *http.Request) error {
	var in newRecording
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return err
	}
	now := a.clock.Now().UTC()
	until, err := recordUntil(in, now)
	if err != nil {
		return err
	}
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	o := db.RecordingOrder{Phone: id, Until: until, Since: now, By: caller(r).Name}
	if err := a.recorder.Record(r.Context(), o); err != nil {
		return about(err, "phone %s", id)
	}
	return writeJSON(w, http.StatusOK, o)
}

// recordUntil reads until when a phone is to be recorded.
func recordUntil(in newRecording, now time.Time) (time.Time, error) {
	field, until := "for", now.Add(recordFor)
	switch {
	case in.Until != nil && in.For != nil:
		return now, invalid("for", "give until or for, not both")
	case in.Until != nil:
		t, err := time.Parse(time.RFC3339, *in.Until)
		if err != nil {
			return now, invalid("until", "want a time such as 2026-03-02T08:00:00Z")
		}
		field, until = "until", t.UTC()
	case in.For != nil:
		d, err := parseDuration(*in.For)
		if err != nil {
			return now, invalid("for", "%v", err)
		}
		until = now.Add(d)
	}
	if !until.After(now) || until.Sub(now) > db.MaxRecording {
		return now, invalid(field, "want a time to come, at most %s from now", formatDuration(db.MaxRecording))
	}
	return until, nil
}

// getPhoneRecording serves GET /api/v1/phones/{id}/recording. An order that is
// over may not be removed yet, and is none.
func (a *API) getPhoneRecording(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	o, err := a.store.RecordingOrder(r.Context(), id)
	if err != nil {
		return about(err, "recording of phone %s", id)
	}
	if !o.Until.After(a.clock.Now()) {
		return about(db.ErrNotFound, "recording of phone %s", id)
	}
	return writeJSON(w, http.StatusOK, o)
}

// stopRecordingPhone serves DELETE /api/v1/phones/{id}/recording.
func (a *API) stopRecordingPhone(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	if err := a.recorder.Stop(r.Context(), id); err != nil {
		return about(err, "recording of phone %s", id)
	}
	return writeGone(w)
}

// listPhoneRecordings serves GET /api/v1/phones/{id}/recordings.
func (a *API) listPhoneRecordings(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, db.RecordingFields)
	if err != nil {
		return err
	}
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	return a.answerRecordings(w, r, id, q)
}

// listRecordings serves GET /api/v1/recordings.
func (a *API) listRecordings(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, db.RecordingFields)
	if err != nil {
		return err
	}
	values := r.URL.Query()
	if values.Has("failed") {
		failed := values.Get("failed")
		if failed == "" {
			failed = "true"
		}
		if failed != "true" && failed != "false" {
			return invalid("failed", "want true or false")
		}
		src := "failed = " + failed
		if f := values.Get("filter"); strings.TrimSpace(f) != "" {
			src += " AND (" + f + ")" // which has been read on its own
		}
		if q.Filter, err = filter.Parse(src, db.RecordingFields); err != nil {
			return err
		}
	}
	return a.answerRecordings(w, r, 0, q)
}

func (a *API) answerRecordings(w http.ResponseWriter, r *http.Request, phone db.PhoneID, q db.Query) error {
	page, err := a.store.ListRecordings(r.Context(), phone, q)
	if err != nil {
		return about(err, "recordings")
	}
	return writePage(w, page, asIs[db.Recording])
}

// getRecording serves GET /api/v1/phones/{id}/recordings/{recording}.
func (a *API) getRecording(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	ref, err := url.PathUnescape(mux.Vars(r)["recording"])
	if err != nil || len(ref) > maxReference {
		return newProblem(kindNotFound, "no id has this form")
	}
	wanted, err := db.ParseRecordingID(ref)
	if err != nil || wanted == 0 {
		return newProblem(kindNotFound, "recording %q: not known here", ref)
	}
	rec, err := a.store.Recording(r.Context(), wanted)
	if err != nil || rec.Phone != id {
		return about(orNotFound(err), "recording %s of phone %s", wanted, id)
	}
	if prefersText(r.Header.Values("Accept")) {
		return writeAs(w, http.StatusOK, "text/plain; charset=utf-8", record.Text(&rec))
	}
	return writeJSON(w, http.StatusOK, rec)
}

func orNotFound(err error) error {
	if err == nil {
		return db.ErrNotFound
	}
	return err
}

// prefersText reports whether a reader names text/plain before JSON.
func prefersText(accept []string) bool {
	for item := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		media, params, _ := strings.Cut(item, ";")
		switch strings.ToLower(strings.TrimSpace(media)) {
		case "text/plain", "text/*":
			return strings.ReplaceAll(params, " ", "") != "q=0"
		case "application/json", "application/*":
			return false
		}
	}
	return false
}
