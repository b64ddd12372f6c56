package acs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// bodyTime is how long a body may take on its way, however it trickles.
	bodyTime = 30 * time.Second
	// smallBody is the largest body without a session, and what needs no place
	// among the large ones within one. It leaves room for any Inform seen.
	smallBody = 512 << 10
	// maxLarge bounds the bodies above that which are in memory at a time,
	// since decoding takes a multiple of them.
	maxLarge = 8
	// largeWait is how long one waits for its place.
	largeWait = 10 * time.Second
	// keptBody is the largest buffer that goes back to the pool.
	keptBody = 64 << 10
	// maxHeld bounds what buffers above that take together: a body that is slow
	// to come holds its own for as long. Those without a session have half of it.
	maxHeld = 128 << 20
)

// buffer is a pooled byte slice.
type buffer struct {
	b    []byte
	held int64         // of what is held of all, which free gives back
	of   *atomic.Int64 // all
}

var buffers = sync.Pool{New: func() any { return &buffer{b: make([]byte, 0, 8<<10)} }}

func newBuffer() *buffer { return buffers.Get().(*buffer) }

// hold counts a buffer that has grown, unless as much as may be is held.
func (b *buffer) hold(all *atomic.Int64, most int64) error {
	size := int64(cap(b.b))
	if size <= keptBody {
		return nil
	}
	grown := size - b.held
	b.held, b.of = size, all
	if all.Add(grown) > most {
		return &breach{rule: ruleBusy}
	}
	return nil
}

func (b *buffer) free() {
	if b.held > 0 {
		b.of.Add(-b.held)
		b.held, b.of = 0, nil
	}
	if cap(b.b) <= keptBody {
		b.b = b.b[:0]
		buffers.Put(b)
	}
}

// body is what a POST carried. Its bytes are void after free.
type body struct {
	*buffer
	large chan struct{} // holds a place that free gives back
}

func (b *body) free() {
	b.buffer.free()
	if b.large != nil {
		<-b.large
	}
}

// readBody reads all of a body, inflated, of at most limit bytes. The error is
// a *breach. The read deadline stands until net/http has seen the end of the
// body, which it waits for no longer than we do.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, limit int64) (body, error) {
	if r.ContentLength > limit {
		return body{}, &breach{rule: ruleTooLarge}
	}
	// The kernel keeps this deadline, so it is of the machine's clock. Writers
	// of tests may know no deadlines; net/http's do.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
	src, err := inflate(r, limit)
	if err != nil {
		return body{}, err
	}
	b := body{buffer: newBuffer()}
	if err := s.fill(&b, src, r, limit); err != nil {
		b.free()
		return body{}, bodyBreach(err)
	}
	return b, nil
}

// fill reads src into b, growing it with what has arrived, never with what was
// announced.
func (s *Server) fill(b *body, src io.Reader, r *http.Request, limit int64) error {
	for {
		if len(b.b) == cap(b.b) {
			if cap(b.b) >= smallBody && b.large == nil {
				if err := s.takeLarge(r.Context()); err != nil {
					return err
				}
				b.large = s.large
			}
			b.b = append(b.b, 0)[:len(b.b)]
			most := int64(maxHeld)
			if limit <= smallBody {
				most /= 2
			}
			if err := b.hold(&s.held, most); err != nil {
				return err
			}
		}
		n, err := src.Read(b.b[len(b.b):cap(b.b)])
		b.b = b.b[:len(b.b)+n]
		if int64(len(b.b)) > limit {
			return &breach{rule: ruleTooLarge}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// takeLarge waits for a place among the large bodies.
func (s *Server) takeLarge(ctx context.Context) error {
	select {
	case s.large <- struct{}{}:
		return nil
	default:
	}
	patience := s.opts.Clock.NewTimer(largeWait)
	defer patience.Stop()
	select {
	case s.large <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-patience.Chan():
		return &breach{rule: ruleBusy}
	}
}

// bodyBreach gives an error of reading its rule.
func bodyBreach(err error) error {
	if b := (*breach)(nil); errors.As(err, &b) {
		return b
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &breach{ruleSlow, err}
	}
	return &breach{ruleBody, err}
}
