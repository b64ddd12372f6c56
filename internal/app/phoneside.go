package app

import (
	"net/http"
	"strings"

	"phoneacs/internal/sim"
	"phoneacs/provision"
)

// phoneServer serves what phones reach.
func (a *App) phoneServer() *http.Server {
	srv := a.server(a.phoneSide())
	srv.ConnContext = a.acs.ConnContext
	srv.WriteTimeout = answerTime
	return srv
}

// phoneSide is what phones reach: CWMP at /acs, and by POST at the root; files
// below their prefix. GET at the root, and all other names there, stay free for
// what vendors' phones ask for. Slashes too many, as come of an ACS URL that
// was typed or put together, are forgiven to CWMP: a phone that is redirected
// is a phone that does not come. A router would cost a copy of every request.
func (a *App) phoneSide() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.demo != nil {
			w.Header().Set(sim.DemoHeader, "true")
		}
		name := strings.Trim(r.URL.Path, "/")
		switch {
		case name == "acs", name == "" && r.Method == http.MethodPost:
			a.acs.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, provision.Prefix):
			a.files.ServeHTTP(w, r)
		default:
			http.Error(w, "not found", http.StatusNotFound)
		}
	})
}
