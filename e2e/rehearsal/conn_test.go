package rehearsal

import (
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// streamRoom is how much may be on its way in one direction.
const streamRoom = 64 << 10

// A stream is one direction of a connection: bytes that were written and not
// yet read. Who waits for it waits on a condition.
type stream struct {
	mu      sync.Mutex
	change  sync.Cond
	bytes   []byte
	ended   bool // no more will be written
	deaf    bool // nobody will read
	readBy  time.Time
	writeBy time.Time
}

func newStream() *stream {
	s := new(stream)
	s.change.L = &s.mu
	return s
}

// await waits for a change, at most until a deadline, zero being none; the
// stream is locked. It reports whether there is any use in looking again.
func (s *stream) await(by time.Time) bool {
	if by.IsZero() {
		s.change.Wait()
		return true
	}
	left := time.Until(by)
	if left <= 0 {
		return false
	}
	t := time.AfterFunc(left, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.change.Broadcast()
	})
	s.change.Wait()
	t.Stop()
	return true
}

func (s *stream) read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.deaf:
			return 0, net.ErrClosed
		case !s.readBy.IsZero() && !time.Now().Before(s.readBy):
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		case len(s.bytes) > 0:
			n := copy(b, s.bytes)
			if s.bytes = s.bytes[n:]; len(s.bytes) == 0 {
				s.bytes = nil
			}
			s.change.Broadcast()
			return n, nil
		case s.ended:
			return 0, io.EOF
		}
		if !s.await(s.readBy) {
			return 0, os.ErrDeadlineExceeded
		}
	}
}

func (s *stream) write(b []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.ended:
			return n, net.ErrClosed
		case s.deaf:
			return n, syscall.EPIPE
		case !s.writeBy.IsZero() && !time.Now().Before(s.writeBy):
			return n, os.ErrDeadlineExceeded
		}
		if room := streamRoom - len(s.bytes); room > 0 && len(b) > 0 {
			part := b[:min(room, len(b))]
			s.bytes = append(s.bytes, part...)
			b, n = b[len(part):], n+len(part)
			s.change.Broadcast()
		}
		if len(b) == 0 {
			return n, nil
		}
		if !s.await(s.writeBy) {
			return n, os.ErrDeadlineExceeded
		}
	}
}

// set changes a stream and tells who waits for it.
func (s *stream) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	s.change.Broadcast()
}

// A conn is one end of a connection.
type conn struct {
	in, out    *stream
	near, peer net.Addr
}

// newConns makes a connection and gives its two ends.
func newConns(from, to netip.AddrPort) (near, far net.Conn) {
	a, b := newStream(), newStream()
	here, there := net.TCPAddrFromAddrPort(from), net.TCPAddrFromAddrPort(to)
	return &conn{a, b, here, there}, &conn{b, a, there, here}
}

func (c *conn) Read(b []byte) (int, error)  { return c.in.read(b) }
func (c *conn) Write(b []byte) (int, error) { return c.out.write(b) }
func (c *conn) LocalAddr() net.Addr         { return c.near }
func (c *conn) RemoteAddr() net.Addr        { return c.peer }

// CloseWrite ends our side alone.
func (c *conn) CloseWrite() error {
	c.out.set(func() { c.out.ended = true })
	return nil
}

func (c *conn) Close() error {
	c.in.set(func() { c.in.deaf, c.in.bytes = true, nil })
	return c.CloseWrite()
}

func (c *conn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t) // which never fails
	return c.SetWriteDeadline(t)
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.set(func() { c.in.readBy = t })
	return nil
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.out.set(func() { c.out.writeBy = t })
	return nil
}
