package admin

import (
	"context"
	"errors"
	"net/http"

	"phoneacs/db"
)

// Replacements is the part of [db.Replacements] that admin needs.
type Replacements interface {
	ReplacePhone(ctx context.Context, r db.Replacement) (db.Replaced, error)
}

// newReplacement is the body of POST /api/v1/phones/{id}/replace.
type newReplacement struct {
	With string `json:"with"`
}

// replacementView says what became of it.
type replacementView struct {
	Phone     phoneView `json:"phone"` // the new one
	Again     bool      `json:"again"`
	Made      bool      `json:"made"`
	Moved     int       `json:"moved"`
	Cancelled int       `json:"cancelled"`
	Unknown   int       `json:"unknown"`
	OwnTasks  int       `json:"own_tasks"`
	OwnQuirks bool      `json:"own_quirks"`
}

// replacePhone serves POST /api/v1/phones/{id}/replace. It needs no idempotency
// key: who replaced a phone is part of its record, and asking again for the
// same changes nothing.
func (a *API) replacePhone(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	var in newReplacement
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return err
	}
	rep := db.Replacement{Old: id, Now: a.clock.Now().UTC(), By: caller(r).Name}
	rep.New, err = a.findPhone(r.Context(), "with", in.With)
	if errors.Is(err, db.ErrNotFound) {
		mac, bad := parseMAC(in.With)
		if bad != nil {
			return invalid("with", "want the MAC of the new phone, or a phone that is known here").because(err)
		}
		rep.MAC, err = mac, nil
	}
	if err != nil {
		return err
	}
	out, err := a.store.ReplacePhone(r.Context(), rep)
	switch {
	case errors.Is(err, db.ErrConflict):
		return newProblem(kindConflict, "phone %s was replaced by another already; its history says by which", id).because(err)
	case err != nil:
		return about(err, "phone %s", id)
	}
	p, err := a.store.Phone(r.Context(), out.New)
	if err != nil {
		return about(err, "phone %s", out.New)
	}
	return writeJSON(w, http.StatusOK, replacementView{
		Phone: a.showPhone(&p), Again: out.Again, Made: out.Made, Moved: out.Moved, Cancelled: out.Kept, Unknown: out.Closed,
		OwnTasks: out.OwnTasks, OwnQuirks: out.OwnQuirks,
	})
}
