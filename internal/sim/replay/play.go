package replay

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// ErrDiffers reports that the other side did something else than was recorded.
var ErrDiffers = errors.New("not as recorded")

const (
	maxAnswer = 8 << 20
	// DefaultTimeout is how long an answer, or the phone's next message, is waited for.
	DefaultTimeout = 30 * time.Second
)

// PlayOptions say where the phone's side is played, and how.
type PlayOptions struct {
	URL     string        // of the server
	Timeout time.Duration // for an answer; 0: DefaultTimeout
	TLS     *tls.Config   // nil: the defaults
	Out     io.Writer     // a line a message; nil: none
}

// Play posts what the phone sent, in its order, over one connection. What the
// server named is named as it names it now: its cookie, ids of its requests,
// CommandKeys. It returns an error that wraps [ErrDiffers] at the first answer of
// another kind: what the phone said then answers something else.
func Play(ctx context.Context, rec *Recording, o PlayOptions) error {
	turns, err := rec.turns()
	if err != nil {
		return err
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	transport := &http.Transport{MaxConnsPerHost: 1, DisableCompression: true, TLSClientConfig: o.TLS}
	defer transport.CloseIdleConnections()
	p := player{o: &o, client: &http.Client{
		Transport: transport, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if p.client.Timeout <= 0 {
		p.client.Timeout = DefaultTimeout
	}
	for _, t := range turns {
		if err := p.turn(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// player is one session that is played.
type player struct {
	o      *PlayOptions
	client *http.Client
	cookie string
	swaps  swaps
	began  time.Time
}

// turn posts one message and compares the answer.
func (p *player) turn(ctx context.Context, t turn) error {
	body := t.phone.bytes(p.swaps.in(t.phone.Body))
	if p.began.IsZero() {
		p.began = time.Now()
	}
	p.line(t.n, "phone", kind(body), "")
	status, answer, err := p.post(ctx, t.phone, body)
	if err != nil {
		return fmt.Errorf("post message #%d: %w", t.n+1, err)
	}
	got := answerKind(status, answer)
	if t.server == nil {
		p.line(t.n+1, "server", got, "not recorded: the session was cut off")
		return nil
	}
	if want := answerKind(t.server.Status, []byte(t.server.Body)); got != want {
		p.line(t.n+1, "server", got, "DIFFERS: recorded was "+want)
		return fmt.Errorf("%w: message #%d is %s, recorded was %s", ErrDiffers, t.n+2, got, want)
	}
	p.line(t.n+1, "server", got, "as recorded")
	p.learn([]byte(t.server.Body), answer)
	return nil
}

// learn notes what the server calls its requests now.
func (p *player) learn(recorded, answer []byte) {
	was, is := read(recorded), read(answer)
	if was.request() && is.request() {
		p.swaps.note(was.id, is.id)
	}
	for i := range min(len(was.keys), len(is.keys)) {
		p.swaps.note(was.keys[i], is.keys[i])
	}
}

func (p *player) post(ctx context.Context, m *Message, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.o.URL, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	for key, value := range m.Header {
		switch key {
		case "Content-Type", "User-Agent":
			req.Header.Set(key, value)
		case "SOAPAction":
			req.Header["SOAPAction"] = []string{value} // as phones write it
		case "Cookie":
			if p.cookie != "" {
				req.Header.Set(key, p.cookie)
			}
		}
	}
	res, err := p.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(answer) > maxAnswer {
		err = fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	}
	if set := res.Header.Get("Set-Cookie"); set != "" {
		p.cookie, _, _ = strings.Cut(set, ";")
	}
	return res.StatusCode, answer, err
}

func (p *player) line(n int, from, what, verdict string) {
	writeLine(p.o.Out, p.began, n, from, what, verdict)
}

// writeLine says a message in a line; nobody may be there to read it.
func writeLine(w io.Writer, began time.Time, n int, from, what, verdict string) {
	text := fmt.Sprintf("#%-3d +%.3fs  %-6s  %-40s  %s", n+1, time.Since(began).Seconds(), from, what, verdict)
	_, _ = fmt.Fprintln(w, strings.TrimRight(text, " "))
}
