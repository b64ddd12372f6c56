package admin

import (
	"net/http"
	"unicode/utf8"

	"phoneacs/db"
)

const maxPrefix = 256 // characters of a parameter name

// listPhoneParameters serves GET /api/v1/phones/{id}/parameters.
func (a *API) listPhoneParameters(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, nil)
	if err != nil {
		return err
	}
	prefix := r.URL.Query().Get("prefix")
	if utf8.RuneCountInString(prefix) > maxPrefix {
		return invalid("prefix", "longer than %d characters", maxPrefix)
	}
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	page, err := a.store.Parameters(r.Context(), id, prefix, q)
	if err != nil {
		return about(err, "phone %s", id)
	}
	view, err := a.parameterViewer(r.Context(), id, page.Items)
	if err != nil {
		return about(err, "phone %s", id)
	}
	return writePage(w, page, view)
}

// listPhoneHistory serves GET /api/v1/phones/{id}/history.
func (a *API) listPhoneHistory(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, nil)
	if err != nil {
		return err
	}
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	page, err := a.store.History(r.Context(), id, q)
	if err != nil {
		return about(err, "phone %s", id)
	}
	return writePage(w, page, asIs[db.Change])
}

// listPhoneTasks serves GET /api/v1/phones/{id}/tasks.
func (a *API) listPhoneTasks(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, db.TaskFields)
	if err != nil {
		return err
	}
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	page, err := a.store.PhoneTasks(r.Context(), id, q)
	if err != nil {
		return about(err, "phone %s", id)
	}
	return writePage(w, page, a.taskViewer(r.Context()))
}
