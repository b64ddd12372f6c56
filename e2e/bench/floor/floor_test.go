package floor

import (
	"context"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- Serve(ctx, ln) }()
	url := "http://" + ln.Addr().String() + "/any"

	for _, tt := range []struct {
		method, body string
		status       int
		response     string // name of the answer's body element
	}{
		{http.MethodPost, "<Inform/>", http.StatusOK, "InformResponse"},
		{http.MethodPost, "", http.StatusNoContent, ""},
		{http.MethodGet, "", http.StatusMethodNotAllowed, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, url, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != tt.status {
			t.Errorf("%s with %d bytes: status %d, %v; want %d", tt.method, len(tt.body), res.StatusCode, err, tt.status)
		}
		if tt.response == "" {
			continue
		}
		var m struct {
			Body struct {
				Content struct{ XMLName xml.Name } `xml:",any"`
			}
		}
		if err := xml.Unmarshal(body, &m); err != nil || m.Body.Content.XMLName.Local != tt.response {
			t.Errorf("answer holds %q, %v; want %q", m.Body.Content.XMLName.Local, err, tt.response)
		}
	}

	cancel()
	if err := <-done; err != nil {
		t.Errorf("Serve ended by its context = %v; want nil", err)
	}
}

func TestServeFails(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if err := Serve(t.Context(), ln); err == nil {
		t.Error("Serve on a closed listener = nil; want an error")
	}
}
