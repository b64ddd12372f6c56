package admin

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
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
					t.Errorf("status = %d; want %d", resp.StatusCode, tt.status)
				}
			})
		})
	}
}

// TestConnectionIsReused: no deadline of one request is left for the next, not
// even for the go-ahead that an upload waits for.
func TestConnectionIsReused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHarness(t, realTime)
		conn := h.dial(func(s *http.Server) { s.ReadTimeout, s.WriteTimeout = 0, 0 })
		for range 2 {
			send(t, conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
			if resp := answerOn(t, conn); resp.StatusCode != 200 {
				t.Fatalf("status = %d", resp.StatusCode)
			}
			<-time.After(2 * answerTime)
		}
		send(t, conn, "POST /api/v1/files?name=a&kind=config HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "+secret+
			"\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
		if resp := answerOn(t, conn); resp.StatusCode != 100 {
			t.Fatalf("status = %d; want to go ahead", resp.StatusCode)
		}
		send(t, conn, "file")
		if resp := answerOn(t, conn); resp.StatusCode != 201 {
			t.Fatalf("status = %d", resp.StatusCode)
		}
	})
}

// TestAnswerNotTaken: a client that does not read its answer loses the
// connection, whatever the server's own timeouts.
func TestAnswerNotTaken(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHarness(t, realTime)
		conn := h.dial(func(s *http.Server) { s.ReadTimeout, s.WriteTimeout = 0, 0 })
		send(t, conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
		<-time.After(answerTime + time.Second)
		if n, err := conn.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("read %d bytes, %v; want the connection closed", n, err)
		}
	})
}

func send(t *testing.T, conn net.Conn, s string) {
	t.Helper()
	if _, err := io.WriteString(conn, s); err != nil {
		t.Fatal(err)
	}
}

// answerOn reads one answer, and its body to the end.
func answerOn(t *testing.T, conn net.Conn) *http.Response {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode >= 400 {
		t.Logf("answer: %s", body)
	}
	return resp
}
