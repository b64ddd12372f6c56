package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	maxFile      = 1 << 30 // bytes of one file
	maxFetchTime = time.Hour
	maxTries     = 5 // of one fetch, cuts included
	maxHead      = 2048
)

var chunks = sync.Pool{New: func() any { b := make([]byte, 16<<10); return &b }}

// fetchFile gets a transfer's file and fills in its result: times, size and
// digest, or a fault. It holds no more than a chunk of the file, and goes on
// where a broken connection left off if the server lets it.
func (p *Phone) fetchFile(ctx context.Context, t *transfer, conduct *Behaviour) {
	t.start = time.Now()
	defer func() { t.complete = time.Now() }()
	if t.orderedFault != 0 {
		t.fault = t.orderedFault
		return
	}
	ctx, cancel := context.WithTimeout(ctx, maxFetchTime)
	defer cancel()
	p.mu.Lock()
	agent := p.agent()
	p.mu.Unlock()
	f := fetch{
		c: &client{
			opts: &p.fleet.opts, agent: agent, to: t.to,
			auth: authoriser{user: t.user, password: t.password, cnonce: p.cnonce},
		},
		sum: sha256.New(), cut: conduct.CutFetch,
	}
	defer f.c.close()
	defer func() { p.fleet.stats.fetched.Add(f.moved) }()
	if t.fault = f.run(ctx); t.fault == 0 {
		t.bytes, t.head, t.digest = f.got, f.head, hex.EncodeToString(f.sum.Sum(nil))
	}
}

// fetch is one file on its way.
type fetch struct {
	c     *client
	sum   hash.Hash
	got   int64 // bytes of the file so far
	moved int64 // bytes received, repeated ones too
	head  []byte
	etag  string
	cut   int64 // where to break off once, 0 for nowhere
}

// errCut reports that the phone broke off as its Behaviour said.
var errCut = errors.New("fetch cut on purpose")

// run gives 0 or the fault code of TransferComplete.
func (f *fetch) run(ctx context.Context) int {
	for range maxTries {
		fault, again := f.try(ctx)
		if !again {
			return fault
		}
		f.c.close()
	}
	return 9017
}

// try makes one request and reports whether another may go on where it ended.
func (f *fetch) try(ctx context.Context) (fault int, again bool) {
	req := request{method: "GET"}
	if f.got > 0 {
		req.header = fmt.Sprintf("Range: bytes=%d-\r\n", f.got)
		if f.etag != "" {
			req.header += "If-Range: " + f.etag + "\r\n"
		}
	}
	r, err := f.c.do(ctx, req)
	var dial *dialError
	switch {
	case errors.Is(err, ErrAuth):
		return 9012, false
	case errors.As(err, &dial) && f.got == 0:
		return 9015, false
	case err != nil:
		return 9017, ended(ctx) == nil
	case r.status == 206 && f.got > 0 && strings.HasPrefix(r.contentRange, fmt.Sprintf("bytes %d-", f.got)):
	case r.status == 200:
		f.restart()
	default:
		return 9016, false
	}
	if strings.HasPrefix(r.etag, `"`) { // If-Range takes strong ones only
		f.etag = r.etag
	}
	if err := f.read(r.body); err != nil {
		return 9017, ended(ctx) == nil && f.got <= maxFile
	}
	f.c.finish(r)
	return 0, false
}

func (f *fetch) restart() {
	f.sum.Reset()
	f.got, f.head, f.etag = 0, nil, ""
}

func (f *fetch) read(body io.Reader) error {
	pooled := chunks.Get().(*[]byte)
	defer chunks.Put(pooled)
	buf := *pooled
	for {
		if err := f.c.conn.SetDeadline(time.Now().Add(f.c.opts.Timeout)); err != nil {
			return err
		}
		part := buf
		if f.cut > 0 {
			if f.cut <= f.got {
				f.cut = 0
				return errCut
			}
			part = buf[:min(int64(len(buf)), f.cut-f.got)]
		}
		n, err := body.Read(part)
		f.sum.Write(part[:n])
		if room := maxHead - len(f.head); room > 0 {
			f.head = append(f.head, part[:min(n, room)]...)
		}
		f.got += int64(n)
		f.moved += int64(n)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case f.got > maxFile:
			return fmt.Errorf("%w: file of more than %d bytes", errHTTP, int64(maxFile))
		}
	}
}
