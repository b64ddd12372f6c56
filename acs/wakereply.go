package acs

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

const (
	// maxReply is how much of an answer is read.
	maxReply = 8 << 10
	// quietTime is how long a server may be silent after its status line. Some
	// end their headers with no empty line and wait.
	quietTime = 3 * time.Second
)

// errNotHTTP reports an answer that does not begin as HTTP does.
var errNotHTTP = errors.New("not HTTP")

// reply is the answer to a connection request.
type reply struct {
	status       int
	authenticate []string // values of WWW-Authenticate
	open         bool     // the connection can be used again
}

// readReply reads an answer as phones write them: lines that end in LF alone,
// folded headers, no empty line before the end. It fails only without a status
// line; begun is called when that has come.
func readReply(in *bufio.Reader, begun func()) (reply, error) {
	r := lineReader{in: in, left: maxReply}
	line := ""
	for line == "" { // some send an empty line first
		var err error
		if line, err = r.line(); err != nil {
			return reply{}, err
		}
	}
	var got reply
	if got.status, got.open = parseStatus(line); got.status == 0 {
		return reply{}, errNotHTTP
	}
	begun()
	got.headers(&r)
	return got, nil
}

// headers reads the headers, and the body if that frees the connection.
func (got *reply) headers(r *lineReader) {
	length := int64(-1)
	var name, value string
	take := func() {
		switch {
		case strings.EqualFold(name, "WWW-Authenticate"):
			got.authenticate = append(got.authenticate, value)
		case strings.EqualFold(name, "Content-Length"):
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				length = n
			}
		case strings.EqualFold(name, "Connection") && strings.EqualFold(value, "close"),
			strings.EqualFold(name, "Transfer-Encoding"):
			got.open = false
		}
		name, value = "", ""
	}
	for {
		line, err := r.line()
		if err == nil && line != "" && (line[0] == ' ' || line[0] == '\t') {
			value += " " + strings.TrimSpace(line)
			continue
		}
		take()
		if err != nil {
			got.open = false // the end came before the empty line
			return
		}
		if line == "" {
			break
		}
		name, value, _ = strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	}
	if length < 0 || length > int64(r.left) {
		got.open = false
	}
	if got.open {
		_, err := r.in.Discard(int(length))
		got.open = err == nil
	}
}

// parseStatus reads "HTTP/1.1 401 Unauthorized". status is 0 if it is none.
func parseStatus(line string) (status int, keepAlive bool) {
	proto, rest, _ := strings.Cut(line, " ")
	if !strings.HasPrefix(proto, "HTTP/") {
		return 0, false
	}
	code, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	status, err := strconv.Atoi(code)
	if err != nil || status < 100 || status > 599 {
		return 0, false
	}
	return status, proto == "HTTP/1.1"
}

// lineReader reads lines of at most left bytes in all.
type lineReader struct {
	in   *bufio.Reader
	left int
}

// line returns a line without its end. A last line that has no end is one.
func (r *lineReader) line() (string, error) {
	var b []byte
	for r.left > 0 {
		c, err := r.in.ReadByte()
		if err != nil {
			if len(b) > 0 && err == io.EOF {
				return string(b), nil
			}
			return "", err
		}
		r.left--
		if c == '\n' {
			return strings.TrimSuffix(string(b), "\r"), nil
		}
		b = append(b, c)
	}
	return "", errors.New("answer too long")
}
