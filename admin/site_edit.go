package admin

import (
	"net/http"

	"phoneacs/db"
)

// sitePatch is the body of PATCH /api/v1/sites/{id}; what is not given stays.
type sitePatch struct {
	Name     *string   `json:"name"`
	Zone     *string   `json:"zone"`
	Networks *[]string `json:"networks"`
	URL      *string   `json:"url"`
	Ways     *[]string `json:"ways"`
}

// updateSite serves PATCH /api/v1/sites/{id}.
func (a *API) updateSite(w http.ResponseWriter, r *http.Request) error {
	s, err := a.pathSite(r)
	if err != nil {
		return err
	}
	var in sitePatch
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return err
	}
	if in == (sitePatch{}) {
		return newProblem(kindInvalid, "nothing is to be changed; give name, zone, networks, url or ways")
	}
	if in.Name != nil && *in.Name == "" {
		return invalid("name", "want 1 to %d characters", maxSiteName)
	}
	change(&s.Name, in.Name)
	change(&s.Zone, in.Zone)
	change(&s.Networks, in.Networks)
	change(&s.URL, in.URL)
	change(&s.Ways, in.Ways)
	given := newSite{Name: s.Name, Zone: s.Zone, Networks: s.Networks, URL: s.URL, Ways: s.Ways}
	if err := given.checkGiven(); err != nil {
		return err
	}
	if s, err = a.store.UpdateSite(r.Context(), s); err != nil {
		return about(err, "site %s", s.ID)
	}
	return writeJSON(w, http.StatusOK, s)
}

// change sets what is given.
func change[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// deleteSite serves DELETE /api/v1/sites/{id}.
func (a *API) deleteSite(w http.ResponseWriter, r *http.Request) error {
	s, err := a.pathSite(r)
	if err != nil {
		return err
	}
	if err := a.store.DeleteSite(r.Context(), s.ID); err != nil {
		return needed(err, "site "+s.ID.String())
	}
	return writeGone(w)
}

// pathSite returns the site that the {id} of the path names.
func (a *API) pathSite(r *http.Request) (s db.Site, err error) {
	ref, err := pathRef(r)
	if err != nil {
		return s, err
	}
	id, err := a.store.FindSite(r.Context(), ref)
	if err == nil {
		s, err = a.store.Site(r.Context(), id)
	}
	return s, about(err, "site %q", ref)
}
