package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// readFrom reads one answer, the bytes of which come one at a time.
func readFrom(rr *replyReader, wire string) (reply, error) {
	rr.reset(iotest.OneByteReader(strings.NewReader(wire)))
	return rr.read()
}

func TestReadReply(t *testing.T) {
	for _, tt := range []struct {
		name, wire string
		status     int
		body       string
		close      bool
		cookies    string
	}{
		{"empty", "HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n", 204, "", false, ""},
		{"with length", "HTTP/1.1 200 OK\r\ncontent-LENGTH: 3\r\n\r\nabc", 200, "abc", false, ""},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nTrailer: 1\r\n\r\n", 200, "abc", false, ""},
		{"until the end", "HTTP/1.1 200 OK\r\n\r\nabc", 200, "abc", true, ""},
		{"nothing until the end", "HTTP/1.1 200 OK\r\n\r\n", 200, "", true, ""},
		{"last of its connection", "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 503, "", true, ""},
		{"old version", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", true, ""},
		{"after an interim answer", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, "", false, ""},
		{"cookies", "HTTP/1.1 204 x\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\nSet-Cookie: a=3\r\nSet-Cookie: =4\r\nSet-Cookie: none\r\n\r\n", 204, "", false, "b=2; a=3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rr replyReader
			got, err := readFrom(&rr, tt.wire)
			if err != nil {
				t.Fatal(err)
			}
			if got.status != tt.status || string(got.body) != tt.body || got.close != tt.close {
				t.Errorf("read = %d %q close %t; want %d %q %t", got.status, got.body, got.close, tt.status, tt.body, tt.close)
			}
			if string(rr.jar.line) != tt.cookies {
				t.Errorf("cookies %q; want %q", rr.jar.line, tt.cookies)
			}
		})
	}
}

func TestReadReplyRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, wire string
		want       error
	}{
		{"nothing", "", io.EOF},
		{"cut head", "HTTP/1.1 200 O", io.ErrUnexpectedEOF},
		{"cut body", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", io.ErrUnexpectedEOF},
		{"another protocol", "SSH-2.0-x\r\n\r\n", errReplyForm},
		{"no status", "HTTP/1.1 abc OK\r\n\r\n", errReplyForm},
		{"status out of range", "HTTP/1.1 099 OK\r\n\r\n", errReplyForm},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", errReplyForm},
		{"long body", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", errReplySize},
		{"long head", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", maxReply), errReplySize},
		{"chunk without a size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", errReplyForm},
		{"long chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n", errReplySize},
		{"chunk longer than its size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", errReplyForm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rr replyReader
			rr.reset(strings.NewReader(tt.wire))
			if re, err := rr.read(); !errors.Is(err, tt.want) {
				t.Errorf("read = %+v, %v; want %v", re, err, tt.want)
			}
		})
	}
}

// FuzzReadReply holds two promises: bytes of any kind neither panic nor pass
// maxReply, and two answers written as a server does come back one by one.
func FuzzReadReply(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), []byte("body"), 3)
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n"), []byte(""), 0)
	f.Add([]byte("HTTP/1.1 100\r\n\r\nHTTP/1.0 200\r\nSet-Cookie: a=b;\r\n\r\n"), bytes.Repeat([]byte("\r\n"), 3000), 1000)
	f.Fuzz(func(t *testing.T, raw, body []byte, chunk int) {
		var rr replyReader
		rr.reset(bytes.NewReader(raw))
		for range 10 {
			re, err := rr.read()
			if err != nil {
				break
			}
			if len(re.body) > maxReply+2 || re.status < 200 || len(rr.jar.line) > maxJar+2 {
				t.Fatalf("read %d bytes, status %d, %d bytes of cookies", len(re.body), re.status, len(rr.jar.line))
			}
		}

		if len(body) > maxReply {
			return
		}
		var wire bytes.Buffer
		fmt.Fprintf(&wire, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		wire.WriteString("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		for rest := body; len(rest) > 0; {
			n := min(len(rest), 1+max(0, chunk%5000))
			fmt.Fprintf(&wire, "%x\r\n%s\r\n", n, rest[:n])
			rest = rest[n:]
		}
		wire.WriteString("0\r\n\r\n")
		rr.reset(iotest.HalfReader(&wire))
		for range 2 {
			re, err := rr.read()
			if err != nil || !bytes.Equal(re.body, body) {
				t.Fatalf("read %d bytes, %v; want %d as written", len(re.body), err, len(body))
			}
		}
		if _, err := rr.read(); err != io.EOF {
			t.Fatalf("read past the end = %v; want EOF", err)
		}
	})
}
