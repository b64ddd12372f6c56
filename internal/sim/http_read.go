package sim

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
	"strconv"
	"strings"
)

const (
	maxHeaderLines = 128
	maxInterim     = 16 // 1xx answers before the real one
)

// errHTTP reports an answer that is not HTTP/1.x as RFC 9112 has it.
var errHTTP = errors.New("http answer malformed")

// reply is the head of an HTTP answer, with a reader for its body.
type reply struct {
	status       int
	contentType  string
	location     string
	etag         string
	contentRange string
	cookies      []string // of Set-Cookie
	challenges   []string // of WWW-Authenticate
	length       int64    // -1 when not given
	chunked      bool
	close        bool // the connection ends with this answer
	body         io.Reader
}

// readReply reads the next final answer to a request of the given method,
// passing over 1xx ones. The body is the caller's to read to its end.
func readReply(br *bufio.Reader, method string) (*reply, error) {
	for range maxInterim {
		r, err := readHead(br)
		if err != nil {
			return nil, err
		}
		if r.status/100 == 1 && r.status != 101 {
			continue
		}
		r.body = r.reader(br, method)
		return r, nil
	}
	return nil, fmt.Errorf("%w: too many interim answers", errHTTP)
}

func readHead(br *bufio.Reader) (*reply, error) {
	line, err := readLine(br)
	if err != nil {
		return nil, err // untouched: the caller tells a closed connection from a broken one
	}
	version, rest, _ := bytes.Cut(line, []byte{' '})
	code, _, _ := bytes.Cut(rest, []byte{' '})
	status, err := strconv.Atoi(string(code))
	if !bytes.HasPrefix(version, []byte("HTTP/1.")) || err != nil || len(code) != 3 || status < 100 {
		return nil, fmt.Errorf("%w: status line", errHTTP)
	}
	r := &reply{status: status, length: -1, close: string(version) == "HTTP/1.0"}
	for range maxHeaderLines {
		line, err := readLine(br)
		if err != nil {
			return nil, fmt.Errorf("read http header: %w", noEOF(err))
		}
		if len(line) == 0 {
			return r, nil
		}
		if err := r.field(line); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: too many headers", errHTTP)
}

func (r *reply) field(line []byte) error {
	name, raw, ok := bytes.Cut(line, []byte{':'})
	if !ok || len(name) == 0 {
		return fmt.Errorf("%w: header line", errHTTP)
	}
	value := string(bytes.TrimSpace(raw))
	switch strings.ToLower(string(name)) {
	case "content-length":
		n, err := strconv.ParseUint(value, 10, 62)
		if err != nil || r.length >= 0 && r.length != int64(n) {
			return fmt.Errorf("%w: content length", errHTTP)
		}
		r.length = int64(n)
	case "transfer-encoding":
		if !strings.EqualFold(value, "chunked") {
			return fmt.Errorf("%w: transfer coding %q", errHTTP, value)
		}
		r.chunked = true
	case "connection":
		for _, option := range strings.Split(strings.ToLower(value), ",") {
			switch strings.TrimSpace(option) {
			case "close":
				r.close = true
			case "keep-alive":
				r.close = false
			}
		}
	case "content-type":
		r.contentType = value
	case "location":
		r.location = value
	case "etag":
		r.etag = value
	case "content-range":
		r.contentRange = value
	case "set-cookie":
		r.cookies = append(r.cookies, value)
	case "www-authenticate":
		r.challenges = append(r.challenges, value)
	}
	return nil
}

// reader gives the body, whose end is told apart from a connection cut short:
// the latter is [io.ErrUnexpectedEOF].
func (r *reply) reader(br *bufio.Reader, method string) io.Reader {
	switch {
	case method == "HEAD" || r.status == 204 || r.status == 304:
		r.length = 0
		return eofReader{}
	case r.chunked:
		r.length = -1
		return &chunkedBody{r: httputil.NewChunkedReader(br), br: br}
	case r.length >= 0:
		return &lengthBody{r: br, left: r.length}
	default:
		r.close = true
		return br
	}
}

// readLine reads one line without its end. A line longer than br's buffer is an
// error; the result lives until the next read.
func readLine(br *bufio.Reader) ([]byte, error) {
	line, err := br.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, fmt.Errorf("%w: line too long", errHTTP)
	}
	if err != nil {
		if len(line) > 0 {
			err = noEOF(err)
		}
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte{'\r'}), nil
}

type eofReader struct{}

func (eofReader) Read([]byte) (int, error) { return 0, io.EOF }

type lengthBody struct {
	r    io.Reader
	left int64
}

func (b *lengthBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if b.left > 0 {
		err = noEOF(err)
	} else if err == io.EOF {
		err = nil
	}
	return n, err
}

// chunkedBody reads the trailers too, so that the next answer starts clean.
type chunkedBody struct {
	r    io.Reader
	br   *bufio.Reader
	done bool
}

func (b *chunkedBody) Read(p []byte) (int, error) {
	if b.done {
		return 0, io.EOF
	}
	n, err := b.r.Read(p)
	if err != io.EOF {
		return n, err
	}
	b.done = true
	for range maxHeaderLines {
		line, err := readLine(b.br)
		if err != nil {
			return n, noEOF(err)
		}
		if len(line) == 0 {
			return n, io.EOF
		}
	}
	return n, fmt.Errorf("%w: too many trailers", errHTTP)
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
