package sim

import (
	"context"
	"errors"
	"strconv"
	"time"
)

// chunkSize is what a chunking phone puts into one chunk.
const chunkSize = 1000

// send writes a request. Head and body leave in one write, unless the phone
// dribbles its body byte by byte.
func (c *client) send(ctx context.Context, req request) error {
	b := c.out[:0]
	b = append(b, req.method...)
	b = append(b, ' ')
	b = append(b, c.to.uri...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, c.to.host...)
	b = append(b, "\r\nUser-Agent: "...)
	b = append(b, c.agent...)
	b = append(b, "\r\n"...)
	b = append(b, req.header...)
	if len(c.jar) > 0 && !c.noCookie {
		b = append(b, "Cookie: "...)
		b = append(b, c.http.cookieHeader(c.jar)...)
		b = append(b, "\r\n"...)
	}
	if auth := c.auth.header(req.method, c.to.uri); auth != "" {
		b = append(b, "Authorization: "...)
		b = append(b, auth...)
		b = append(b, "\r\n"...)
	}
	if c.http.closing {
		b = append(b, "Connection: close\r\n"...)
	}
	switch {
	case c.chunked && req.body != nil:
		b = append(b, "Transfer-Encoding: chunked\r\n\r\n"...)
	case req.method == "POST" || req.method == "PUT":
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(len(req.body)), 10)
		b = append(b, "\r\n\r\n"...)
	default:
		b = append(b, "\r\n"...)
	}
	head := len(b)
	if c.chunked && req.body != nil {
		b = appendChunks(b, req.body)
	} else {
		b = append(b, req.body...)
	}
	c.out = b
	if req.cut > 0 && int64(len(b)-head) > req.cut {
		if err := c.write(b[:head+int(req.cut)]); err != nil {
			return err
		}
		return errCut
	}
	if c.http.expect && req.body != nil {
		c.held = b[head:]
		return c.write(b[:head])
	}
	if c.byteEvery == 0 {
		return c.write(b)
	}
	return c.dribble(ctx, head)
}

// errUnsent marks a request of which nothing was sent.
var errUnsent = errors.New("connection closed before the request")

// write sends the first part of a request.
func (c *client) write(b []byte) error {
	n, err := c.conn.Write(b)
	if err != nil && n == 0 {
		return errors.Join(errUnsent, err)
	}
	return err
}

func appendChunks(b, body []byte) []byte {
	for len(body) > 0 {
		n := min(len(body), chunkSize)
		b = strconv.AppendInt(b, int64(n), 16)
		b = append(b, "\r\n"...)
		b = append(b, body[:n]...)
		b = append(b, "\r\n"...)
		body = body[n:]
	}
	return append(b, "0\r\n\r\n"...)
}

// dribble sends the head at once and the rest of c.out byte by byte. The
// deadline moves along: the server is the one to lose patience.
func (c *client) dribble(ctx context.Context, head int) error {
	if err := c.write(c.out[:head]); err != nil {
		return err
	}
	for i := head; i < len(c.out); i++ {
		if err := pause(ctx, c.byteEvery); err != nil {
			return err
		}
		if err := c.conn.SetDeadline(time.Now().Add(c.opts.Timeout)); err != nil {
			return err
		}
		if _, err := c.conn.Write(c.out[i : i+1]); err != nil {
			return err
		}
	}
	return nil
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
