package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"phoneacs/db"
)

// maxReference is more than any id, MAC or OUI-ProductClass-Serial has, in bytes.
const maxReference = 512

// pathRef returns the {id} of the path as it was before it was encoded.
func pathRef(r *http.Request) (string, error) {
	ref, err := url.PathUnescape(mux.Vars(r)["id"])
	if err != nil || len(ref) > maxReference {
		return "", newProblem(kindNotFound, "no id has this form")
	}
	return ref, nil
}

// pathID returns the {id} of the path as an id. What has not the form of one
// names nothing.
func pathID[T ~uint64](r *http.Request, what string, parse func(string) (T, error)) (T, error) {
	ref, err := pathRef(r)
	if err != nil {
		return 0, err
	}
	id, err := parse(ref)
	if err != nil || id == 0 {
		return 0, newProblem(kindNotFound, "%s %q: not known here", what, ref)
	}
	return id, nil
}

// pathPhone resolves the {id} of the path to a phone.
func (a *API) pathPhone(r *http.Request) (db.PhoneID, error) {
	ref, err := pathRef(r)
	if err != nil {
		return 0, err
	}
	id, err := a.store.FindPhone(r.Context(), ref)
	if errors.Is(err, db.ErrConflict) {
		return 0, newProblem(kindConflict, "phone %q: several have this OUI and serial; give the id", ref).because(err)
	}
	return id, about(err, "phone %q", ref)
}

// findPhone resolves a reference that a field holds. There, a phone that is
// not known makes the field invalid.
func (a *API) findPhone(ctx context.Context, field, ref string) (db.PhoneID, error) {
	if ref == "" || len(ref) > maxReference {
		return 0, invalid(field, "want a phone's id, MAC, OUI-ProductClass-Serial or OUI-Serial")
	}
	id, err := a.store.FindPhone(ctx, ref)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return 0, invalid(field, "phone %q is not known here", ref).because(err)
	case errors.Is(err, db.ErrConflict):
		return 0, invalid(field, "phone %q: several have this OUI and serial; give the id", ref).because(err)
	}
	return id, about(err, "phone %q", ref)
}

// findSite resolves a site's id or name that a field holds.
func (a *API) findSite(ctx context.Context, field, ref string) (db.SiteID, error) {
	if ref == "" || len(ref) > maxReference {
		return 0, invalid(field, "want a site's id or name")
	}
	id, err := a.store.FindSite(ctx, ref)
	if errors.Is(err, db.ErrNotFound) {
		return 0, invalid(field, "site %q is not known here", ref).because(err)
	}
	return id, about(err, "site %q", ref)
}
