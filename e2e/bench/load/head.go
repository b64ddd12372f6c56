package load

import (
	"bytes"
	"fmt"
	"strconv"
)

// A replyHead is what the head of an answer says of the rest.
type replyHead struct {
	status  int
	length  int // of the body; -1 when it is not told
	chunked bool
	close   bool
}

// parseHead reads status line and headers, up to and with the empty line, and
// puts the cookies they set into the jar.
func parseHead(head []byte, cookies *jar) (replyHead, error) {
	h := replyHead{length: -1}
	line, rest, _ := bytes.Cut(head, []byte("\r\n"))
	// HTTP/1.1 200 OK
	version, ok := bytes.CutPrefix(line, []byte("HTTP/1."))
	if !ok || len(version) < 5 || version[1] != ' ' {
		return h, fmt.Errorf("read status line %.40q: %w", line, errReplyForm)
	}
	status, err := strconv.ParseUint(string(version[2:5]), 10, 10)
	if err != nil || status < 100 {
		return h, fmt.Errorf("read status line %.40q: %w", line, errReplyForm)
	}
	h.status = int(status)
	h.close = version[0] == '0'

	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			n, err := strconv.ParseUint(string(value), 10, 31)
			if err != nil {
				return h, fmt.Errorf("read length %.40q: %w", value, errReplyForm)
			}
			h.length = int(n)
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			h.chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("Connection")):
			h.close = h.close || bytes.EqualFold(value, []byte("close"))
		case bytes.EqualFold(name, []byte("Set-Cookie")):
			cookies.set(value)
		}
	}
	return h, nil
}

// A jar holds the cookies of one session, as the next request sends them
// back: "a=b; c=d". Domain, path and age are ignored: a session speaks to one
// URL and is over in seconds.
type jar struct {
	line []byte
}

// maxJar bounds the cookies of a session, in bytes.
const maxJar = 4 << 10

// set takes the value of a Set-Cookie header. A cookie of the same name is
// replaced (RFC 6265 5.3).
func (j *jar) set(header []byte) {
	pair, _, _ := bytes.Cut(header, []byte(";"))
	pair = bytes.TrimSpace(pair)
	name, _, ok := bytes.Cut(pair, []byte("="))
	if !ok || len(name) == 0 || len(j.line)+len(pair) > maxJar {
		return
	}
	var kept []byte
	if len(j.line) > 0 {
		for old := range bytes.SplitSeq(j.line, []byte("; ")) {
			if other, _, _ := bytes.Cut(old, []byte("=")); !bytes.Equal(other, name) {
				kept = append(append(kept, old...), "; "...)
			}
		}
	}
	j.line = append(append(j.line[:0], kept...), pair...)
}

// empty begins a new session.
func (j *jar) empty() { j.line = j.line[:0] }
