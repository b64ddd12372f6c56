package app

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestPhoneSide asks for paths and looks at who answers.
func TestPhoneSide(t *testing.T) {
	a := newApp(t, testConfig(t), t.Output(), nil)
	defer closeApp(t, a)
	side := a.phoneSide()
	if got := a.phoneServer().WriteTimeout; got != answerTime {
		t.Errorf("a phone may take %v for an answer; want %v", got, answerTime)
	}
	const cwmp, files, nobody = "cwmp", "files", "nobody"
	for _, tt := range []struct{ method, path, who string }{
		{http.MethodPost, "/acs", cwmp},
		{http.MethodPost, "/", cwmp},
		{http.MethodPost, "/acs/", cwmp},
		{http.MethodPost, "//acs", cwmp},
		{http.MethodPost, "//", cwmp},
		{http.MethodGet, "/acs", cwmp}, // which says that it takes POST
		{http.MethodPut, "/acs", cwmp},

		{http.MethodGet, "/", nobody}, // free for the names that vendors' phones ask for
		{http.MethodHead, "/", nobody},
		{http.MethodPut, "/", nobody},
		{http.MethodGet, "//", nobody},
		{http.MethodGet, "/cfg.txt", nobody},
		{http.MethodGet, "/0c383e000001.cfg", nobody},
		{http.MethodPost, "/acs/x", nobody},
		{http.MethodPost, "/ACS", nobody},
		{http.MethodGet, "/files", nobody},
		{http.MethodGet, "//files/x/y", nobody},
		{http.MethodGet, "/api/v1/phones", nobody}, // the operators' side is elsewhere
		{http.MethodGet, "/healthz", nobody},
		{http.MethodGet, "/metrics", nobody},
		{http.MethodGet, "/debug/pprof/", nobody},

		{http.MethodGet, "/files/", files},
		{http.MethodGet, "/files/secret/x.z", files},
		{http.MethodPost, "/files/secret/x.z", files},
		{http.MethodGet, "/files//x", files},
		{http.MethodGet, "/files/../acs", files}, // as it is written: nothing is cleaned
	} {
		w := httptest.NewRecorder()
		side.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
		who := nobody
		switch h := w.Header(); {
		case h.Get("WWW-Authenticate") != "", h.Get("Allow") == http.MethodPost: // an empty POST is challenged
			who = cwmp
		case w.Code == http.StatusNotFound && h.Get("Cache-Control") != "", h.Get("Allow") == "GET, HEAD":
			who = files
		case w.Code != http.StatusNotFound || w.Body.String() != "not found\n":
			t.Errorf("%s %s: status %d, header %v, body %q", tt.method, tt.path, w.Code, h, w.Body)
		}
		if who != tt.who {
			t.Errorf("%s %s: %s answers with %d; want %s", tt.method, tt.path, who, w.Code, tt.who)
		}
		if w.Header().Get("Location") != "" {
			t.Errorf("%s %s: a phone is sent elsewhere", tt.method, tt.path)
		}
	}
}
