package provision

import (
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// chunk is how much is handed to the network under one deadline.
const chunk = 128 << 10

// errBudget stops a transfer that the budget does not cover, before it begins.
var errBudget = errors.New("budget of the link is used up")

var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// A meter is a ResponseWriter that counts what went out, has it paid for first,
// and moves the write deadline on with every chunk that went: a slow phone gets
// its file, a dead one does not hold a slot. It keeps the way open on which the
// kernel copies a file to a socket by itself.
type meter struct {
	http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
	head    bool
	reserve func(n int64) bool // nil: what is written is free

	status   int
	reserved int64
	bytes    int64 // of the file that went out, not of other answers
	refused  bool  // the budget did not cover it; nothing was written
	err      error // the first failure to write
}

func newMeter(w http.ResponseWriter, r *http.Request, stall time.Duration) *meter {
	return &meter{
		ResponseWriter: w, control: http.NewResponseController(w),
		stall: stall, head: r.Method == http.MethodHead,
	}
}

// Unwrap lets http.ResponseController through.
func (m *meter) Unwrap() http.ResponseWriter { return m.ResponseWriter }

// WriteHeader pays for the body that the header announces, or writes nothing.
func (m *meter) WriteHeader(status int) {
	if m.status != 0 || m.refused {
		return
	}
	if m.reserve != nil && !m.head && carriesFile(status) {
		n, err := strconv.ParseInt(m.Header().Get("Content-Length"), 10, 64)
		if err != nil || !m.reserve(n) {
			m.refused = true
			return
		}
		m.reserved = n
	}
	m.status = status
	m.extend()
	m.ResponseWriter.WriteHeader(status)
}

func (m *meter) Write(p []byte) (int, error) {
	if err := m.begin(); err != nil {
		return 0, err
	}
	m.extend()
	n, err := m.ResponseWriter.Write(p)
	m.count(int64(n), err)
	return n, err
}

// ReadFrom copies in chunks. io.CopyN gives a LimitedReader round the file, and
// the kernel's copy knows exactly that form: so each chunk is one again, and not
// one inside another.
func (m *meter) ReadFrom(src io.Reader) (total int64, err error) {
	if err := m.begin(); err != nil {
		return 0, err
	}
	all, ok := src.(*io.LimitedReader)
	if !ok {
		all = &io.LimitedReader{R: src, N: math.MaxInt64}
	}
	buf := buffers.Get().(*[32 << 10]byte)
	defer buffers.Put(buf)
	part := &io.LimitedReader{R: all.R}
	for all.N > 0 {
		want := min(all.N, chunk)
		part.N = want
		m.extend()
		n, err := io.CopyBuffer(m.ResponseWriter, part, buf[:])
		all.N -= n
		total += n
		m.count(n, err)
		if err != nil || n < want {
			return total, err
		}
	}
	return total, nil
}

func (m *meter) begin() error {
	m.WriteHeader(http.StatusOK) // does nothing if it was called before
	if m.refused {
		return errBudget
	}
	return m.err
}

func (m *meter) count(n int64, err error) {
	if carriesFile(m.status) && !m.head {
		m.bytes += n
	}
	if m.err == nil {
		m.err = err
	}
}

// extend gives the next chunk its time. A writer that knows no deadlines is a
// recorder in a test, or the server's own business.
func (m *meter) extend() { _ = m.control.SetWriteDeadline(time.Now().Add(m.stall)) }

// finish sends what is still in a buffer and takes the deadline away: the next
// request on this connection, perhaps of a CWMP session, is none of ours. After
// a failure the deadline stays, so that closing does not wait for a dead peer.
func (m *meter) finish() {
	if m.err == nil && m.bytes < m.reserved {
		m.err = io.ErrUnexpectedEOF // the stored bytes ended early
	}
	if m.err != nil {
		return
	}
	if err := m.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		m.err = err
		return
	}
	_ = m.control.SetWriteDeadline(time.Time{})
}

// start is where in the file the answer begins.
func (m *meter) start() int64 {
	if m.status != http.StatusPartialContent {
		return 0
	}
	span, _ := strings.CutPrefix(m.Header().Get("Content-Range"), "bytes ")
	from, _, _ := strings.Cut(span, "-")
	n, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		return math.MaxInt64
	}
	return n
}

func carriesFile(status int) bool {
	return status == http.StatusOK || status == http.StatusPartialContent
}
