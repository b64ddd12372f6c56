package admin

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestSlowBodies: a long body may take its time as long as it moves, beyond
// the server's own timeouts; a short one may not, and one that stops is
// given up.
func TestSlowBodies(t *testing.T) {
	const file, job = "/api/v1/files?name=a&kind=config", "/api/v1/jobs"
	for _, tt := range []struct {
		name, path, media string
		pause             time.Duration
		pieces, status    int
	}{
		{"upload", file, "text/plain", pieceTime - time.Second, 20, 201},
		{"upload that stops", file, "text/plain", pieceTime + time.Second, 20, 408},
		{"import", "/api/v1/phones/import", "text/csv", pieceTime - time.Second, 3, 200},
		{"order in time", job, "application/json", bodyTime/3 - time.Second, 3, 400},
		{"order that trickles", job, "application/json", bodyTime / 3, 5, 408},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHarness(t, realTime)
				conn := h.dial()
				const piece = "mac\n"
				sent := make(chan struct{})
				go func() {
					defer close(sent)
					fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
						tt.path, secret, tt.media, tt.pieces*len(piece))
					for range tt.pieces {
						<-time.After(tt.pause)
						if _, err := io.WriteString(conn, piece); err != nil {
							return
						}
					}
				}()
				defer func() { _ = conn.Close(); <-sent }()
				resp := answerOn(t, conn)
				if resp.StatusCode != tt.status {
					body, _ := io.ReadAll(resp.Body)
					t.Fatalf("status = %d; want %d: %s", resp.StatusCode, tt.status, body)
				}
			})
		})
	}
}

// TestConnectionIsReused: no deadline of one request is left for the next.
func TestConnectionIsReused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHarness(t, realTime)
		conn := h.dial()
		for range 3 {
			if _, err := fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			resp := answerOn(t, conn)
			if body, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(body), "ok") || resp.StatusCode != 200 {
				t.Fatalf("%d %s, %v", resp.StatusCode, body, err)
			}
			<-time.After(4 * time.Second) // the server closes idle connections after 5
		}
		<-time.After(answerTime)
	})
}

func answerOn(t *testing.T, conn net.Conn) *http.Response {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}
