package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestBackupThatIsNotMade(t *testing.T) {
	for _, tt := range []struct {
		name, answer, want string
	}{
		{"failed", `{"id":"b7","state":"failed","why":"the disk is full"}`, "backup b7 is failed: the disk is full"},
		{"never ready", `{"id":"b7","state":"running"}`, "backup b7 is running: longer than -patience allows"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/api/v1/backups" && r.URL.Path != "/api/v1/backups/b7" {
					http.NotFound(w, r)
					return
				}
				io.WriteString(w, tt.answer)
			}))
			defer srv.Close()
			l := &lab{cfg: config{patience: time.Nanosecond}}
			_, err := l.backup(t.Context(), &admin{base: srv.URL, token: "t"})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("backup = %v; want an error with %q", err, tt.want)
			}
		})
	}
}
