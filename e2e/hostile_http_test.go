package e2e

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// hostileHTTP is what is no proper HTTP, or asks phones' side for what is not
// there, with the status of the answer.
var hostileHTTP = []struct {
	name, raw string
	status    int
}{
	{"not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n", 400},
	{"no host", "POST /acs HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400},
	{"two lengths", "POST /acs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
	{"negative length", "POST /acs HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
	{"unknown transfer coding", "POST /acs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
	{"head without end", "POST /acs HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-A: "+strings.Repeat("b", 1000)+"\r\n", 100), 431},
	{"line without end", strings.Repeat("P", 100_000), 431},
	{"another path", "POST /cgi-bin/luci HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 404},
	{"out of the files", "GET /files/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 404},
	{"a link that is none", "GET /files/" + strings.Repeat("a", 26) + "/x.z HTTP/1.1\r\nHost: x\r\n\r\n", 404},
	{"the admin API", "GET /api/v1/phones HTTP/1.1\r\nHost: x\r\n\r\n", 404},
}

// TestHostileHTTP sends what is no proper HTTP: net/http answers, or hangs up.
func TestHostileHTTP(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open")
	for _, tt := range hostileHTTP {
		t.Run(tt.name, func(t *testing.T) {
			if r, err := s.wire(t).raw(tt.raw).read(); err != nil || r.status != tt.status {
				t.Errorf("status %d, %v; want %d; body %.100q", r.status, err, tt.status, r.body)
			}
		})
	}
	t.Run("hangs up", func(t *testing.T) {
		m := inform("B1", firstBoot)
		whole := head("Content-Length: "+strconv.Itoa(len(m))) + m
		for i := range 200 {
			w := s.wire(t).raw(whole[:i*len(whole)/200])
			if err := w.conn.(*net.TCPConn).SetLinger(0); err != nil { // a reset instead of an end
				t.Fatal(err)
			}
			w.conn.Close()
		}
	})
	s.wire(t).inform("A1", firstBoot).post("").must(http.StatusNoContent, "")
}

// TestTolerated sends what looks hostile and is only what real phones send.
func TestTolerated(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open")
	m := inform("A1", informOptions{})
	for _, tt := range []struct {
		name, body string
		header     []string
	}{
		{"plain", m, nil},
		{"packed", packed(m), []string{gzipped}},
		{"in chunks of one byte", strings.Join(strings.Split(m, ""), "\r\n1\r\n"), []string{chunked}},
		{"byte order mark", "\xef\xbb\xbf" + m, nil},
		{"another declared encoding", `<?xml version="1.0" encoding="windows-31j"?>` + m, nil},
		{"Latin-1, not declared", strings.Replace(m, "Fanvil", "Fanv\xefl", 1), nil},
		{"control characters", strings.Replace(m, "Fanvil", "Fan\x00vil\x07", 1), nil},
		{"stray ampersand", strings.Replace(m, "Fanvil", "Fan & vil", 1), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := s.wire(t)
			if slices.Contains(tt.header, chunked) {
				w.raw(head(chunked), "1\r\n", tt.body, "\r\n0\r\n\r\n")
			} else {
				w.post(tt.body, tt.header...)
			}
			w.must(http.StatusOK, "InformResponse")
			w.post("").must(http.StatusNoContent, "")
		})
	}
	t.Run("nothing but white space", func(t *testing.T) {
		w := s.wire(t).inform("A1", informOptions{})
		w.post(" \r\n\t").must(http.StatusNoContent, "")
	})
}
