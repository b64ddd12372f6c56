package admin

import "net/http"

// health says that the server answers, and which it is.
type health struct {
	Status  string `json:"status"`
	Version string `json:"version,omitempty"`
	Demo    bool   `json:"demo,omitempty"` // the phones are simulated
}

// getHealth serves GET /healthz.
func (a *API) getHealth(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, health{Status: "ok", Version: a.version, Demo: a.demo})
}

func (a *API) draining() bool {
	select {
	case <-a.drain:
		return true
	default:
		return false
	}
}

// getMetrics serves GET /metrics.
func (a *API) getMetrics(w http.ResponseWriter, r *http.Request) error {
	a.scrape.ServeHTTP(w, r)
	return nil
}

// getOpenAPI serves GET /api/v1/openapi.json.
func (a *API) getOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	return writeBody(w, http.StatusOK, a.openAPI)
}

// getCA serves GET /api/v1/ca: what a phone must trust to trust this server.
func (a *API) getCA(w http.ResponseWriter, _ *http.Request) error {
	if len(a.ca) == 0 {
		return newProblem(kindNotFound, "the server has no certificate authority of its own")
	}
	w.Header().Set("Content-Disposition", `attachment; filename="phoneacs-ca.crt"`)
	return writeAs(w, http.StatusOK, "application/x-pem-file", a.ca)
}
