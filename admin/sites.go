package admin

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"phoneacs/db"
)

// maxNetworks is how many networks a site may have.
const maxNetworks = 256

// listSites serves GET /api/v1/sites.
func (a *API) listSites(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, nil)
	if err != nil {
		return err
	}
	page, err := a.store.ListSites(r.Context(), q)
	if err != nil {
		return about(err, "sites")
	}
	return writePage(w, page, asIs[db.Site])
}

// getSite serves GET /api/v1/sites/{id}.
func (a *API) getSite(w http.ResponseWriter, r *http.Request) error {
	ref, err := pathRef(r)
	if err != nil {
		return err
	}
	id, err := a.store.FindSite(r.Context(), ref)
	if err != nil {
		return about(err, "site %q", ref)
	}
	s, err := a.store.Site(r.Context(), id)
	if err != nil {
		return about(err, "site %q", ref)
	}
	return writeJSON(w, http.StatusOK, s)
}

// newSite is the body of POST /api/v1/sites.
type newSite struct {
	Name     string   `json:"name"`
	Zone     string   `json:"zone"`
	Networks []string `json:"networks"`
	URL      string   `json:"url"`
	Ways     []string `json:"ways"`
}

// createSite serves POST /api/v1/sites.
func (a *API) createSite(w http.ResponseWriter, r *http.Request) error {
	var in newSite
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	s, err := a.store.CreateSite(r.Context(), db.Site{Name: in.Name, Zone: in.Zone, Networks: in.Networks, URL: in.URL, Ways: in.Ways})
	if errors.Is(err, db.ErrExists) {
		return newProblem(kindExists, "a site is called %q already", in.Name).at("name").because(err)
	}
	if err != nil {
		return about(err, "site %q", in.Name)
	}
	return writeCreated(w, v1+"/sites/"+s.ID.String(), s)
}

func (in *newSite) check() error {
	if in.Name == "" {
		return invalid("name", "want 1 to %d characters", maxSiteName)
	}
	return in.checkGiven()
}

// checkGiven is check for a change, which need not give a name.
func (in *newSite) checkGiven() error {
	if err := checkText("name", in.Name, maxSiteName); err != nil {
		return err
	}
	if err := checkSiteWord(in.Name); err != nil {
		return invalid("name", "%v", err)
	}
	if err := checkZone(in.Zone); err != nil {
		return err
	}
	if len(in.Networks) > maxNetworks {
		return invalid("networks", "more than %d", maxNetworks)
	}
	for _, n := range in.Networks {
		if p, err := netip.ParsePrefix(n); err != nil || p != p.Masked() {
			return invalid("networks", "%q is no network: want CIDR without host bits, as in 10.1.0.0/16", n)
		}
	}
	if err := db.CheckWays("ways", in.Ways); err != nil {
		return err
	}
	return checkSiteURL(in.URL)
}

// checkZone refuses what is no IANA zone; "Local" is a name only to Go.
func checkZone(zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return invalid("zone", "%q is no IANA zone that is known here, as in Europe/Berlin", zone)
	}
	return nil
}

// checkSiteURL refuses what phones could not reach us by: links are made by
// putting a path behind it.
func checkSiteURL(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return invalid("url", "want scheme and host without a path, as in https://acs.example.net:7548")
	}
	return nil
}
