package app

import (
	"context"
	"net"
	"os"
	"strings"

	"phoneacs/internal/logkey"
)

// notify tells the service manager, if there is one that wants to know, how the
// server is: READY=1, RELOADING=1 or STOPPING=1 (sd_notify(3), whose protocol is
// a datagram to the socket that NOTIFY_SOCKET names).
func (a *App) notify(ctx context.Context, state string) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return
	}
	if strings.HasPrefix(name, "@") { // in the abstract namespace
		name = "\x00" + name[1:]
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err == nil {
		_, err = conn.Write([]byte(state))
		_ = conn.Close() // a datagram has gone or not by then
	}
	if err != nil {
		a.log.WarnContext(ctx, "service manager not told", logkey.State, state, logkey.Err, err)
	}
}
