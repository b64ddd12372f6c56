package sim

import (
	"bytes"
	"net"
	"sync"
)

// maxHeard is what is kept of a connection; connection requests are shorter.
const maxHeard = 4 << 10

// heardListener keeps what its connections hear, for phones that understand
// only one way to write a header: net/http tells none from another.
type heardListener struct{ net.Listener }

func (l heardListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &heardConn{Conn: c}, nil
}

type heardConn struct {
	net.Conn
	mu    sync.Mutex
	heard []byte
}

func (c *heardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = append(c.heard, p[:min(n, maxHeard-len(c.heard))]...)
	return n, err
}

// has reports whether a text was heard.
func (c *heardConn) has(text string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Contains(c.heard, []byte(text))
}
