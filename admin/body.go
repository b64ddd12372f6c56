package admin

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Bounds of what is read.
const (
	maxJSON   = 64 << 10 // bytes of an ordinary JSON body
	maxOrder  = 4 << 20  // bytes of an order, which may name 200,000 phones
	maxImport = 64 << 20 // bytes of a list of rules
	maxMove   = 1 << 30  // bytes of any other list: a million lines and more

	bodyTime  = 30 * time.Second // for a JSON body to arrive
	pieceTime = 60 * time.Second // for the next piece of a long body to arrive
)

// checkType refuses a body that is not of one of the media types.
func checkType(r *http.Request, types ...string) error {
	if enc := r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return newProblem(kindMediaType, "send the body without a Content-Encoding").at("Content-Encoding")
	}
	if len(types) == 0 {
		return nil
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || !slices.Contains(types, media) || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return newProblem(kindMediaType, "send %s, in UTF-8", strings.Join(types, " or ")).
			at("Content-Type").with("Accept", strings.Join(types, ", "))
	}
	return nil
}

// readBody reads a short body to its end.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.Body != http.NoBody {
		// Not every connection has deadlines; the server's own then hold.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return nil, bodyProblem(err)
	}
	return body, nil
}

// A stream reads a long body, of which each piece may take its time. It keeps
// the error that ended it, as those who read it may wrap it or not.
type stream struct {
	rc   *http.ResponseController
	body io.Reader
	err  error

	stopped atomic.Bool // it is to be read no further
}

func openStream(w http.ResponseWriter, r *http.Request, limit int64) *stream {
	s := &stream{body: http.MaxBytesReader(w, r.Body, limit)}
	if r.Body != http.NoBody {
		s.rc = http.NewResponseController(w)
	}
	return s
}

func (s *stream) Read(p []byte) (int, error) {
	if s.rc != nil {
		_ = s.rc.SetReadDeadline(time.Now().Add(pieceTime))
	}
	if s.stopped.Load() { // after the deadline: stop may have come in between
		s.expire()
	}
	n, err := s.body.Read(p)
	if err == io.EOF && s.rc != nil {
		// From here on the server listens for whether the client goes: a
		// deadline would look like that.
		_ = s.rc.SetReadDeadline(time.Time{})
	}
	if err != nil && err != io.EOF {
		s.err = bodyProblem(err)
		err = s.err
	}
	return n, err
}

// bodyProblem says why a body could not be read.
func bodyProblem(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return newProblem(kindTooLarge, "the body may have %d bytes", large.Limit).because(err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return newProblem(kindTimeout, "the body did not arrive in time").because(err)
	}
	return newProblem(kindMalformed, "the body ended early or is not well framed").because(err)
}
