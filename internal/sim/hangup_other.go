//go:build !unix

package sim

import "net"

// hungUp cannot tell here; a connection closed in mid-session then fails it.
func hungUp(net.Conn) bool { return false }
