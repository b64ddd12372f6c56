package acs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"phoneacs/db"
	"phoneacs/phones/quirks"
)

// A caller makes one connection request: a GET, answered by a challenge, and
// the same GET with the answer to it. The servers of phones are small and odd:
// some take the second request only over the first one's connection, some only
// over a new one.
type caller struct {
	*waker
	target
	quirks         *quirks.Quirks
	logins         []db.Login // to be tried one after the other; each is a caller of its own
	user, password string

	again bool // what is answered came over the connection of an earlier answer

	conn net.Conn // nil: none
	in   *bufio.Reader
	stop func() bool // no longer closes conn with ctx
}

// call asks, and asks again with credentials; a third time if the nonce of the
// challenge had become stale meanwhile, or over a new connection if they were
// refused over the first.
func (c *caller) call(ctx context.Context) *WakeError {
	got, err := c.ask(ctx, "")
	for tries := 0; err == nil && got.status == 401; tries++ {
		challenge, failure := got.challenge()
		if failure != nil {
			return failure
		}
		if tries == 1 && !challenge.Stale && !c.again || tries == 2 {
			return c.unauthorised()
		}
		if c.quirks.WakeWithoutQOP {
			challenge.QOP = nil
		}
		var authorization string
		if authorization, err = answerChallenge(challenge, c.uri, c.user, c.password); err != nil {
			return &WakeError{"challenge", "the phone asks for an authentication that cannot be given", err}
		}
		if !got.open || c.quirks.WakeNewSocket || c.again {
			c.close()
		}
		got, err = c.ask(ctx, authorization)
	}
	if err != nil {
		return c.unreachable(err)
	}
	return c.verdict(got.status)
}

// ask sends one GET and reads the answer. If the connection of an earlier one
// turns out to be closed, it is made anew, once.
func (c *caller) ask(ctx context.Context, authorization string) (reply, error) {
	if c.conn != nil {
		if got, err := c.exchange(authorization); err == nil {
			c.again = true
			return got, nil
		}
		c.close()
	}
	c.again = false
	conn, err := c.dial(ctx, "tcp", netip.AddrPortFrom(c.addr, c.port).String())
	if err != nil {
		return reply{}, err
	}
	c.conn, c.in = conn, bufio.NewReaderSize(conn, 1<<10)
	c.stop = context.AfterFunc(ctx, func() { conn.Close() })
	got, err := c.exchange(authorization)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return got, err
}

func (c *caller) exchange(authorization string) (reply, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", c.uri, c.text)
	if authorization != "" {
		b.WriteString("Authorization: " + authorization + "\r\n")
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(c.conn, b.String()); err != nil {
		return reply{}, err
	}
	_ = c.conn.SetReadDeadline(time.Time{})
	return readReply(c.in, func() { _ = c.conn.SetReadDeadline(time.Now().Add(quietTime)) })
}

func (c *caller) close() {
	if c.conn != nil {
		c.stop()
		c.conn.Close()
		c.conn = nil
	}
}

func (c *caller) unauthorised() *WakeError {
	if c.user == "" && c.password == "" {
		return &WakeError{"unauthorised", "the phone answered 401, and no connection-request password of it is known", errNotOurs}
	}
	return &WakeError{"unauthorised", "the phone answered 401: its connection-request password is not ours", errNotOurs}
}

// verdict says what the last status means (TR-069 3.2.2).
func (c *caller) verdict(status int) *WakeError {
	said := fmt.Sprintf("the phone answered %d: ", status)
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 300 && status < 400:
		return &WakeError{"redirect", said + "redirects are not followed", nil}
	case status == 403:
		return &WakeError{"unauthorised", said + "it takes no connection request from us", nil}
	case status == 404:
		return &WakeError{"not_found", said + "its connection request URL has changed; its next Inform will tell the new one", nil}
	case status == 503:
		return &WakeError{"busy", said + "it is busy, or has been asked too often", nil}
	}
	return &WakeError{"status", said + "that is no answer to a connection request", nil}
}

// unreachable says what an error of the network means.
func (c *caller) unreachable(err error) *WakeError {
	at := netip.AddrPortFrom(c.addr, c.port).String()
	switch {
	case isTimeout(err):
		return &WakeError{"timeout", "no answer from " + at + ": the phone is off, or a NAT or firewall is in the way; its tasks wait for its next Inform", err}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &WakeError{"refused", "nothing takes connection requests at " + at + ": the phone is starting, or the port is not forwarded to it", err}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return &WakeError{"unreachable", "there is no way to " + at + " from here", err}
	case errors.Is(err, errNotHTTP):
		return &WakeError{"not_http", "what answers at " + at + " is no connection request server", err}
	}
	return &WakeError{"broken", "the phone at " + at + " broke off without an answer", err}
}

// isTimeout reports whether an error of the network says that time ran out.
func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
