package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxReply bounds the head and the body of an answer, each, in bytes.
const maxReply = 1 << 20

var (
	errReplySize = errors.New("answer too long")
	errReplyForm = errors.New("answer not HTTP/1")
)

// A reply is one HTTP answer. Its body is valid until the next one is read.
type reply struct {
	status int
	body   []byte
	close  bool // the server closes the connection after this answer
}

// A replyReader reads the answers that come on one connection (RFC 9112).
// Its buffers are kept from one connection to the next.
type replyReader struct {
	conn    io.Reader
	jar     jar
	buf     []byte // what was read of the connection
	r, w    int    // the part of buf that is not used up
	chunked []byte // the body of a chunked answer
}

// reset begins a new connection. Cookies stay: they are the session's.
func (rr *replyReader) reset(conn io.Reader) {
	rr.conn, rr.r, rr.w = conn, 0, 0
	if rr.buf == nil {
		rr.buf = make([]byte, 4<<10)
	}
}

// read reads one answer, skipping interim ones, and puts its cookies into the
// jar.
func (rr *replyReader) read() (reply, error) {
	for {
		end, err := rr.until("\r\n\r\n")
		if err != nil {
			return reply{}, err
		}
		head := rr.buf[rr.r:end]
		rr.r = end
		h, err := parseHead(head, &rr.jar)
		if err != nil {
			return reply{}, err
		}
		if h.status >= 200 {
			return rr.readBody(h)
		}
	}
}

func (rr *replyReader) readBody(h replyHead) (reply, error) {
	re := reply{status: h.status, close: h.close}
	var err error
	switch {
	case h.status == 204 || h.status == 304:
	case h.chunked:
		re.body, err = rr.readChunks()
	case h.length >= 0:
		if err = rr.fill(h.length); err == nil {
			re.body = rr.buf[rr.r : rr.r+h.length]
			rr.r += h.length
		}
	default: // the end of the connection is the end of the body
		re.close = true
		for err == nil {
			err = rr.fill(rr.w - rr.r + 1)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			err = nil
		}
		re.body, rr.r = rr.buf[rr.r:rr.w], rr.w
	}
	return re, err
}

// readChunks reads a chunked body and its trailer.
func (rr *replyReader) readChunks() ([]byte, error) {
	rr.chunked = rr.chunked[:0]
	for {
		line, err := rr.line()
		if err != nil {
			return nil, err
		}
		digits, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 31)
		if err != nil {
			return nil, fmt.Errorf("read chunk size: %w", errReplyForm)
		}
		if n == 0 {
			break
		}
		if n > maxReply || len(rr.chunked)+int(n) > maxReply {
			return nil, errReplySize
		}
		if err := rr.fill(int(n) + 2); err != nil {
			return nil, err
		}
		rr.chunked = append(rr.chunked, rr.buf[rr.r:rr.r+int(n)]...)
		if rr.r += int(n) + 2; string(rr.buf[rr.r-2:rr.r]) != "\r\n" {
			return nil, fmt.Errorf("read end of chunk: %w", errReplyForm)
		}
	}
	for {
		line, err := rr.line()
		if err != nil || len(line) == 0 {
			return rr.chunked, err
		}
	}
}

// line reads one line and returns it without its end.
func (rr *replyReader) line() ([]byte, error) {
	end, err := rr.until("\r\n")
	if err != nil {
		return nil, err
	}
	line := rr.buf[rr.r : end-2]
	rr.r = end
	return line, nil
}

// until reads as far as mark and returns where in buf it ends.
func (rr *replyReader) until(mark string) (int, error) {
	seen := 0
	for {
		from := max(0, seen-len(mark)+1)
		if i := bytes.Index(rr.buf[rr.r+from:rr.w], []byte(mark)); i >= 0 {
			return rr.r + from + i + len(mark), nil
		}
		seen = rr.w - rr.r
		if err := rr.fill(seen + 1); err != nil {
			return 0, err
		}
	}
}

// fill reads until buf holds n unused bytes.
func (rr *replyReader) fill(n int) error {
	if n > maxReply+2 {
		return errReplySize
	}
	if rr.r+n > len(rr.buf) {
		to := rr.buf
		if n > len(to) {
			to = make([]byte, max(n, 2*len(to)))
		}
		rr.w = copy(to, rr.buf[rr.r:rr.w])
		rr.buf, rr.r = to, 0
	}
	for rr.w-rr.r < n {
		k, err := rr.conn.Read(rr.buf[rr.w:])
		rr.w += k
		if err != nil && rr.w-rr.r < n {
			if err == io.EOF && rr.w > rr.r {
				return io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}
