package admin

import (
	"net/http"

	"github.com/gorilla/mux"
)

// methods are those that routes may have, in the order of an Allow header.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
}

// allowed asks the mux which methods the path of a request takes.
func (a *API) allowed(r *http.Request) []string {
	var allowed []string
	for _, m := range methods {
		try := r.Clone(r.Context())
		try.Method = m
		var match mux.RouteMatch
		if a.router.Match(try, &match) && match.MatchErr == nil {
			allowed = append(allowed, m)
		}
	}
	return allowed
}
