package admin

import (
	"context"
	"net/http"
	"time"

	"phoneacs/db"
)

// holdView is a hold as version 1 shows it: one of site, phone and all.
type holdView struct {
	Site   db.SiteID  `json:"site,omitempty"`
	Phone  db.PhoneID `json:"phone,omitempty"`
	All    bool       `json:"all,omitempty"`
	Reason string     `json:"reason,omitempty"`
	By     string     `json:"by,omitempty"`
	Since  time.Time  `json:"since"`
}

func viewHold(h *db.Hold) holdView {
	return holdView{h.Site, h.Phone, h.Site == 0 && h.Phone == 0, h.Reason, h.By, h.Since}
}

// listHolds serves GET /api/v1/hold.
func (a *API) listHolds(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, nil)
	if err != nil {
		return err
	}
	page, err := a.store.ListHolds(r.Context(), q)
	if err != nil {
		return about(err, "holds")
	}
	return writePage(w, page, viewHold)
}

// newHold is the body of POST /api/v1/hold.
type newHold struct {
	Site   *string `json:"site"`
	Phone  *string `json:"phone"`
	All    *bool   `json:"all"`
	Reason string  `json:"reason"`
}

// setHold serves POST /api/v1/hold.
func (a *API) setHold(w http.ResponseWriter, r *http.Request) error {
	var in newHold
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return err
	}
	if err := checkText("reason", in.Reason, maxReason); err != nil {
		return err
	}
	site, phone, err := a.holdScope(r.Context(), in.Site, in.Phone, in.All)
	if err != nil {
		return err
	}
	h := db.Hold{Site: site, Phone: phone, Reason: in.Reason, By: caller(r).Name, Since: a.clock.Now().UTC()}
	if err := a.store.SetHold(r.Context(), h); err != nil {
		return about(err, "hold")
	}
	return writeJSON(w, http.StatusOK, viewHold(&h))
}

// clearHold serves DELETE /api/v1/hold.
func (a *API) clearHold(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	var siteRef, phoneRef *string
	if values.Has("site") {
		siteRef = new(values.Get("site"))
	}
	if values.Has("phone") {
		phoneRef = new(values.Get("phone"))
	}
	var all *bool
	if values.Has("all") {
		all = new(values.Get("all") == "true")
	}
	site, phone, err := a.holdScope(r.Context(), siteRef, phoneRef, all)
	if err != nil {
		return err
	}
	if err := a.store.ClearHold(r.Context(), site, phone); err != nil {
		return about(err, "hold")
	}
	return writeGone(w)
}

// holdScope reads whom a hold is for; both ids zero is the fleet, which must
// be asked for by name.
func (a *API) holdScope(ctx context.Context, site, phone *string, all *bool) (db.SiteID, db.PhoneID, error) {
	given := 0
	for _, is := range []bool{site != nil, phone != nil, all != nil} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return 0, 0, newProblem(kindInvalid, "want exactly one of site, phone and all")
	case site != nil:
		id, err := a.findSite(ctx, "site", *site)
		return id, 0, err
	case phone != nil:
		id, err := a.findPhone(ctx, "phone", *phone)
		return 0, id, err
	case !*all:
		return 0, 0, invalid("all", "can only be true")
	}
	return 0, 0, nil
}
