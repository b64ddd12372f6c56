package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"phoneacs/e2e/bench/load"
)

func TestAdminTellsWhatWentWrong(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		status       int
		want         string
	}{
		{"problem", `{"type":"x","title":"busy"}`, http.StatusServiceUnavailable, "503 Service Unavailable: {\"type\":\"x\""},
		{"lines that failed", `{"failed":2,"errors":[{"line":7,"detail":"no mac"}]}`, http.StatusOK, "2 of 3 failed: [{Line:7 Detail:no mac}]"},
		{"failed, and does not say where", `{"failed":2}`, http.StatusOK, "2 of 3 failed: []"},
		{"not JSON", "<html>", http.StatusOK, "decode answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.answer)
			}))
			defer srv.Close()
			a := &admin{base: srv.URL, token: "t"}
			err := a.importPhones(t.Context(), load.Fleet(3), 10)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("importPhones = %v; want an error with %q", err, tt.want)
			}
		})
	}
}
