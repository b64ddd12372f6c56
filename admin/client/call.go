package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxAnswer bounds what is read of an answer in JSON, in bytes.
const maxAnswer = 64 << 20

// A call is what one request adds to its operation.
type call struct {
	path   []string // what stands for {…} in the path, in order
	query  url.Values
	body   any       // sent as JSON
	stream io.Reader // sent as it is, of the type media
	size   int64     // of stream; 0: not known
	media  string
	header http.Header
	wait   time.Duration // for the answer; 0: answerTime
}

// send makes a request and returns the answer if it is a good one, with a body
// that the caller closes.
func (c *Client) send(ctx context.Context, name string, in call) (*http.Response, error) {
	op, ok := operations[name]
	if !ok {
		return nil, fmt.Errorf("no operation %s", name)
	}
	local := &source{Reader: in.stream}
	body, media := io.Reader(local), in.media
	if in.stream == nil {
		body = nil
	}
	if in.body != nil {
		b, err := json.Marshal(in.body)
		if err != nil {
			return nil, fmt.Errorf("%s: encode: %w", name, err)
		}
		body, media = bytes.NewReader(b), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, op.method, c.base.String()+op.fill(in.path), body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	req.URL.RawQuery = in.query.Encode()
	if in.size > 0 {
		req.ContentLength = in.size
	}
	for key, values := range in.header {
		req.Header[key] = values
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	if c.o.Token != "" && strings.HasPrefix(op.path, "/api/") {
		req.Header.Set("Authorization", "Bearer "+c.o.Token)
	}
	if c.o.Agent != "" {
		req.Header.Set("User-Agent", c.o.Agent)
	}
	res, err := c.client.Do(req)
	if broken := local.failed(); broken != nil && ctx.Err() == nil {
		if err == nil {
			_ = res.Body.Close()
		}
		return nil, fmt.Errorf("read what is to be sent: %w", broken)
	}
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	if res.StatusCode/100 != 2 {
		defer res.Body.Close()
		return nil, readProblem(res)
	}
	return res, nil
}

// A source is what is sent. That it cannot be read is no fault of the server,
// which is told of it as a body that ends early.
type source struct {
	io.Reader
	mu  sync.Mutex
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
	}
	return n, err
}

func (s *source) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// unreachable leaves out what errors of http repeat: the URL and the method.
func (c *Client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled) {
		return context.Cause(ctx)
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &Unreachable{c.base.String(), err}
}

// readProblem makes an error of whatever a server, or what stands before it, says.
func readProblem(res *http.Response) error {
	p := new(Problem)
	body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	var r Readiness
	if res.StatusCode == http.StatusServiceUnavailable && media == "application/json" && json.Unmarshal(body, &r) == nil && len(r.Reasons) > 0 {
		return &Problem{Type: problemBase + "unavailable", Status: res.StatusCode, Detail: strings.Join(r.Reasons, "; ")}
	}
	if media != "application/problem+json" || json.Unmarshal(body, p) != nil || p.Status != res.StatusCode {
		return &Problem{Status: res.StatusCode, Detail: fmt.Sprintf("the answer %s is none of phoneacs; is this its admin API?", res.Status)}
	}
	return p
}

// do makes a request and reads its answer into out, unless that is nil.
func (c *Client) do(ctx context.Context, name string, in call, out any) error {
	if in.stream == nil { // how long a stream takes is not known
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, max(answerTime, in.wait))
		defer cancel()
	}
	res, err := c.send(ctx, name, in)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if out == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return c.unreachable(ctx, err)
	case len(body) > maxAnswer:
		return fmt.Errorf("%s: the answer is longer than %d bytes", name, maxAnswer)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if c.o.Strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(out); err != nil {
		return fmt.Errorf("%s: read the answer: %w", name, err)
	}
	return nil
}

// get is do for an answer of type T.
func get[T any](ctx context.Context, c *Client, name string, in call) (T, error) {
	var out T
	err := c.do(ctx, name, in, &out)
	return out, err
}

// A Page is a part of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // the Cursor of the page after; empty: there is none
}

// A Query says which part of a list is wanted. What is zero is left to the server.
type Query struct {
	Filter string // AIP-160, where the list has filters
	Cursor string
	Limit  int // 1 to 1000
}

func (q Query) values() url.Values {
	v := url.Values{}
	if q.Filter != "" {
		v.Set("filter", q.Filter)
	}
	if q.Cursor != "" {
		v.Set("cursor", q.Cursor)
	}
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return v
}
