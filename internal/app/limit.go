package app

import (
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"phoneacs/internal/logkey"
)

// maxPhoneConns is how many connections phones may have open: three quarters
// of the files that the process may open. The rest is for the store, for files
// on their way out, and for operators, who must get in above all when phones
// are too many.
func maxPhoneConns() int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur > 1<<20 {
		return 3 << 18
	}
	return int(files.Cur/4*3) + 1
}

// A connLimit lets so many connections be open at a time, over all listeners
// that share it. Further ones wait in the system's queue until one closes: a
// phone is served late, or comes again.
type connLimit struct {
	slots  chan struct{}
	log    *slog.Logger
	warned atomic.Int64 // when it was last said, in s since 1970
}

func newConnLimit(n int, log *slog.Logger) *connLimit {
	return &connLimit{slots: make(chan struct{}, n), log: log}
}

// listener puts l under the limit.
func (c *connLimit) listener(l net.Listener) net.Listener {
	return &limitListener{Listener: l, connLimit: c, done: make(chan struct{})}
}

type limitListener struct {
	net.Listener
	*connLimit
	stop sync.Once
	done chan struct{} // closed with the listener
}

// Accept waits for a slot, then for a connection.
func (l *limitListener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	default:
		l.warn()
		select {
		case l.slots <- struct{}{}:
		case <-l.done:
			return nil, net.ErrClosed
		}
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &limitedConn{Conn: c, slots: l.slots}, nil
}

// warn says that phones have to wait, at most once a minute.
func (c *connLimit) warn() {
	now := time.Now().Unix()
	if last := c.warned.Load(); now-last >= 60 && c.warned.CompareAndSwap(last, now) {
		c.log.Warn("phones wait: as many of their connections are open as may be", logkey.Count, cap(c.slots))
	}
}

// Close ends the wait for a slot too.
func (l *limitListener) Close() error {
	l.stop.Do(func() { close(l.done) })
	return l.Listener.Close()
}

// A limitedConn gives its slot back when it is closed.
type limitedConn struct {
	net.Conn
	slots chan struct{}
	once  sync.Once
}

// ReadFrom lets files go out by the kernel alone.
func (c *limitedConn) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }

// CloseWrite ends our side alone, so that a peer which is still sending reads
// why it was refused before it is reset: net/http does so if it can.
func (c *limitedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Close closes the connection; only the first call counts.
func (c *limitedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { <-c.slots })
	return err
}
