package admin

import (
	"strings"
	"testing"

	"phoneacs/db"
)

func TestCreateSite(t *testing.T) {
	h := newHarness(t)
	a := h.do("POST", "/api/v1/sites", `{"name":"Süd","zone":"Asia/Tokyo","networks":["10.2.0.0/16","2001:db8::/32"],"url":"http://10.2.0.1:7547","ways":["udp","schedule-inform","schedule-download"]}`).is(201)
	if a.header.Get("Location") != "/api/v1/sites/s3" {
		t.Errorf("Location = %q", a.header.Get("Location"))
	}
	var got db.Site
	h.do("GET", a.header.Get("Location"), "").is(200).into(&got)
	if got.Name != "Süd" || got.Zone != "Asia/Tokyo" || len(got.Networks) != 2 || got.URL != "http://10.2.0.1:7547" || len(got.Ways) != 3 {
		t.Errorf("site is %+v", got)
	}
	h.do("GET", "/api/v1/sites/HQ%20%2F%20North", "").is(200).into(&got)
	if got.ID != 2 {
		t.Errorf("found by name: %+v", got)
	}
	if ids, next := h.do("GET", "/api/v1/sites?limit=2", "").is(200).ids(); len(ids) != 2 || next != "2" {
		t.Errorf("page %v, next %q", ids, next)
	}
}

func TestSiteErrors(t *testing.T) {
	h := newHarness(t)
	h.do("GET", "/api/v1/sites/Mars", "").refuses(kindNotFound, "")
	h.do("GET", "/api/v1/sites?filter=x", "").refuses(kindUnknownField, "filter")
	h.do("GET", "/api/v1/sites?limit=0", "").refuses(kindInvalid, "limit")
	for _, tt := range []struct {
		name, body string
		kind       kind
		field      string
	}{
		{"no name", `{}`, kindInvalid, "name"},
		{"long name", `{"name":"` + strings.Repeat("n", maxSiteName+1) + `"}`, kindInvalid, "name"},
		{"name taken", `{"name":"default"}`, kindExists, "name"},
		{"no zone", `{"name":"x","zone":"Mars/Olympus"}`, kindInvalid, "zone"},
		{"Local", `{"name":"x","zone":"Local"}`, kindInvalid, "zone"},
		{"no network", `{"name":"x","networks":["10.0.0.1"]}`, kindInvalid, "networks"},
		{"host bits", `{"name":"x","networks":["10.0.0.1/8"]}`, kindInvalid, "networks"},
		{"many networks", `{"name":"x","networks":["10.0.0.0/8"` + strings.Repeat(`,"10.0.0.0/8"`, maxNetworks) + `]}`, kindInvalid, "networks"},
		{"no scheme", `{"name":"x","url":"acs.example.net"}`, kindInvalid, "url"},
		{"other scheme", `{"name":"x","url":"ftp://acs.example.net"}`, kindInvalid, "url"},
		{"user", `{"name":"x","url":"http://a:b@acs.example.net"}`, kindInvalid, "url"},
		{"path", `{"name":"x","url":"http://acs.example.net/acs"}`, kindInvalid, "url"},
		{"no host", `{"name":"x","url":"http://:80"}`, kindInvalid, "url"},
		{"no way", `{"name":"x","ways":["http","smoke"]}`, kindInvalid, "ways"},
		{"a way twice", `{"name":"x","ways":["http","udp","http"]}`, kindInvalid, "ways"},
		{"id", `{"name":"x","id":"s9"}`, kindUnknownField, "id"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.do("POST", "/api/v1/sites", tt.body).refuses(tt.kind, tt.field)
		})
	}
	h.store.err = db.ErrNoSpace
	h.do("POST", "/api/v1/sites", `{"name":"x"}`).refuses(kindNoSpace, "")
}
