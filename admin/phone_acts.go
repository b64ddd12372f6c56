package admin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"phoneacs/db"
)

// approvePhone serves POST /api/v1/phones/{id}/approve.
func (a *API) approvePhone(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	approved := db.PhoneApproved
	p, err := a.store.UpdatePhone(r.Context(), id, db.PhonePatch{State: &approved}, caller(r).Name)
	if err != nil {
		return about(err, "phone %s", id)
	}
	return writeJSON(w, http.StatusOK, a.showPhone(&p))
}

// wakePhone serves POST /api/v1/phones/{id}/wake.
func (a *API) wakePhone(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	began := a.clock.Now()
	if err := a.waker.Wake(r.Context(), id); err != nil {
		return a.wakeProblem(r.Context(), id, began, err)
	}
	return a.answerPhone(w, r, http.StatusAccepted, id)
}

// wakeProblem says why a phone could not be woken: the sentence that the waker
// left in the phone's record since began, never the error itself, which may
// hold addresses and credentials.
func (a *API) wakeProblem(ctx context.Context, id db.PhoneID, began time.Time, err error) error {
	if p := problemFor(about(err, "phone %s", id)); p.Status != http.StatusInternalServerError {
		return p.because(err) // the phone was not the reason
	}
	p, perr := a.store.Phone(ctx, id)
	if perr != nil {
		return about(errors.Join(err, perr), "phone %s", id)
	}
	if later := (*db.LaterError)(nil); errors.As(err, &later) {
		why := "the phone was woken a short while ago"
		if p.WakeError != "" {
			why = p.WakeError
		}
		return newProblem(kindWake, "%s; the next connection request may be made at %s", why, later.At.UTC().Format(time.RFC3339)).because(err)
	}
	if p.WakeError != "" && !p.LastWake.Before(began) {
		return newProblem(kindWake, "%s", p.WakeError).because(err)
	}
	return newProblem(kindWake, "the connection request failed; the server's log tells more under the request's id").
		because(err)
}
