package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"time"
)

// maxRequests bounds what a server may ask of a phone in one session.
const maxRequests = 64

// A statusError reports an HTTP status that ends a session.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("answered with status %d", int(e)) }

// isRefusal reports whether the session was turned away, rather than broken:
// the server said so, or nobody took the connection.
func isRefusal(err error) bool {
	var status statusError
	if errors.As(err, &status) {
		return status == 503 || status == 429
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// session plays one session of p from Inform to the empty answer. With a
// transfer it reports the end of the download of that CommandKey. It returns
// the CommandKey of a download that the phone put off, or nil.
func (w *worker) session(ctx context.Context, p Phone, transfer []byte, start time.Time) (key []byte, err error) {
	w.reader.jar.empty()
	deadline := start.Add(w.opts.Timeout)
	if err := w.dial(ctx, p, deadline); err != nil {
		return nil, err
	}
	defer w.hangUp()

	if transfer == nil {
		err = w.expect(ctx, p, deadline, w.form.fill(p), informResponse)
	} else {
		w.body = w.form.inform(p, transfer).append(w.body[:0])
		err = w.expect(ctx, p, deadline, w.post(w.body), informResponse)
	}
	if err != nil {
		return nil, fmt.Errorf("send inform: %w", err)
	}
	if transfer != nil {
		w.body = appendTransferComplete(w.body[:0], transfer, start)
		if err := w.expect(ctx, p, deadline, w.post(w.body), transferCompleteResponse); err != nil {
			return nil, fmt.Errorf("send transfer complete: %w", err)
		}
		w.result.Downloads++
	}
	return w.obey(ctx, p, deadline)
}

// obey tells the server that the phone has nothing more, and answers what it
// then asks, until it asks nothing.
func (w *worker) obey(ctx context.Context, p Phone, deadline time.Time) (key []byte, err error) {
	request := w.post(nil)
	for range maxRequests {
		re, err := w.exchange(ctx, p, deadline, request)
		if err != nil {
			return nil, fmt.Errorf("ask for requests: %w", err)
		}
		switch {
		case re.status == 204 || re.status == 200 && len(re.body) == 0:
			return key, nil
		case re.status != 200:
			return nil, fmt.Errorf("ask for requests: %w", statusError(re.status))
		}
		m, ok := scan(re.body)
		if !ok {
			return nil, fmt.Errorf("no request in answer %.80q", re.body)
		}
		w.result.RPCs[string(m.name)]++
		status := 0
		if string(m.name) == download {
			if w.opts.DownloadStatus != nil {
				status = w.opts.DownloadStatus(p)
			}
			if status == 0 {
				w.result.Downloads++
			} else {
				key = append([]byte{}, m.commandKey...) // never nil
			}
		}
		w.body = appendAnswer(w.body[:0], m, status, time.Now())
		request = w.post(w.body)
	}
	return nil, fmt.Errorf("server made more than %d requests in one session", maxRequests)
}

// expect sends a request of the phone and wants the response of that name.
func (w *worker) expect(ctx context.Context, p Phone, deadline time.Time, request []byte, name string) error {
	re, err := w.exchange(ctx, p, deadline, request)
	if err != nil {
		return err
	}
	if re.status != 200 {
		return statusError(re.status)
	}
	// Searched, not scanned: this is in every session.
	if !bytes.Contains(re.body, []byte(name)) {
		return fmt.Errorf("no %s in answer %.300q", name, re.body)
	}
	return nil
}

// post returns a request with that envelope, or none, and the cookies so far.
func (w *worker) post(envelope []byte) []byte {
	w.out = w.form.appendPost(w.out[:0], w.reader.jar.line, envelope)
	return w.out
}

// exchange sends one request and reads its answer, on a new connection where
// the server closed the last one.
func (w *worker) exchange(ctx context.Context, p Phone, deadline time.Time, request []byte) (reply, error) {
	if w.conn == nil {
		if err := w.dial(ctx, p, deadline); err != nil {
			return reply{}, err
		}
	}
	if _, err := w.conn.Write(request); err != nil {
		return reply{}, fmt.Errorf("write request: %w", err)
	}
	re, err := w.reader.read()
	if err != nil {
		return reply{}, fmt.Errorf("read answer: %w", err)
	}
	if re.close {
		w.hangUp()
	}
	return re, nil
}

func (w *worker) dial(ctx context.Context, p Phone, deadline time.Time) error {
	var from netip.AddrPort
	if w.opts.Spread {
		from = p.source()
	}
	conn, err := w.dialer.DialTCP(ctx, "tcp4", from, w.opts.Addr)
	if err != nil {
		return err // says "dial" and the addresses by itself
	}
	if err := conn.SetDeadline(deadline); err != nil {
		conn.Close()
		return fmt.Errorf("set deadline of session: %w", err)
	}
	w.conn = conn
	w.unhook = context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	w.reader.reset(conn)
	return nil
}

func (w *worker) hangUp() {
	if w.conn != nil {
		w.unhook()
		w.conn.Close()
		w.conn = nil
	}
}
