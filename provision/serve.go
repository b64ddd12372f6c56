package provision

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"phoneacs/db"
)

// ServeHTTP answers below [Prefix]: GET and HEAD of links to fetch from, PUT and
// POST of links to send to. A link may be used any number of times, to fetch
// whole or in ranges, until its attempt ends, it expires or its budget is used
// up (429). Requests beyond [Options.MaxTransfers] get 503, and so does what the
// [Witness] withholds. Every answer to a link that exists is recorded with it.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := s.clock.Now()
	out := newMeter(w, r, s.opts.Stall)
	in := &intake{control: out.control, stall: s.opts.Stall}
	link, why, err := s.find(r)
	whole := false
	switch {
	case why != nil:
	case link.Role == db.LinkUpload:
		if why, err = s.receive(in, r, link); why == nil {
			whole = true
			out.Header().Set("Cache-Control", "private, no-store")
			out.WriteHeader(http.StatusCreated)
			in.done()
		}
	default:
		whole, why, err = s.deliver(out, r, link)
	}
	if why != nil {
		out.reserve, out.refused = nil, false
		in.leave()
		if in.err != nil {
			out.Header().Set("Connection", "close") // the rest of its body is of no use
		}
		why.answer(out)
	}
	out.finish()
	if err == nil {
		err = out.err
	}
	f := fetched{link, out.status, out.bytes, whole && (out.err == nil || link.Role == db.LinkUpload), why, began, err}
	if link.Role == db.LinkUpload {
		f.bytes = in.bytes
	}
	if s.record(r, f) && f.whole && link.Role != db.LinkLead {
		s.witnessed(r.Context(), link)
	}
}

// sends reports whether a method brings a file along.
func sends(method string) bool { return method == http.MethodPut || method == http.MethodPost }

// find looks for the link that a request names. A link that exists is returned
// even if it is refused; otherwise its Hash is zero.
func (s *Service) find(r *http.Request) (db.Link, *refusal, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && !sends(r.Method) {
		return db.Link{}, refuseMethod, nil
	}
	secret, name, ok := parsePath(r.URL.EscapedPath())
	if !ok {
		return db.Link{}, refuseMalformed, nil
	}
	hash := hashSecret(secret)
	link, err := s.store.LinkByHash(r.Context(), hash)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return db.Link{}, refuseUnknown, nil
	case err != nil:
		return db.Link{}, refuseStore, fmt.Errorf("find link: %w", err)
	}
	link.Hash = hash
	switch {
	case !s.clock.Now().Before(link.Expires):
		return link, refuseExpired, nil
	case sends(r.Method) && link.Role != db.LinkUpload:
		return link, refuseSend, nil
	case !sends(r.Method) && link.Role == db.LinkUpload:
		return link, refuseFetch, nil
	case name != link.Name && link.Role != db.LinkUpload: // what a phone sends it may name as it likes
		return link, refuseName, nil
	}
	return link, nil, nil
}

// deliver serves the file of a link, or says why not and writes nothing. whole
// says that with this answer all of the file has gone out.
func (s *Service) deliver(out *meter, r *http.Request, link db.Link) (whole bool, why *refusal, err error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		return false, refuseFull, nil
	}
	a, ok := s.ledger.open(link, s.clock.Now())
	if !ok {
		return false, refuseParallel, nil
	}
	defer func() { s.ledger.close(a, out.reserved, out.bytes, s.clock.Now()) }()

	if link.Out == 0 && s.opts.Witness != nil {
		if no, err := s.opts.Witness.Withhold(r.Context(), link.Attempt); err != nil {
			return false, refuseStore, fmt.Errorf("ask for the attempt: %w", err)
		} else if no {
			return false, refuseWithheld, nil
		}
	}
	body, why, err := s.openLink(r, link)
	if why != nil {
		return false, why, err
	}
	defer body.Close()

	h := out.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Type", s.contentType(r, link))
	h.Set("Etag", `"`+link.SHA256+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	out.reserve = func(n int64) bool { return s.ledger.reserve(a, n) }
	http.ServeContent(out, oneRange(r), "", time.Time{}, body)
	if out.refused {
		return false, refuseBudget, nil
	}
	return s.ledger.reach(a, out.start(), out.bytes) >= link.Size, nil, nil
}

// openLink opens what a link is to: stored bytes, or a config that is written now.
func (s *Service) openLink(r *http.Request, link db.Link) (io.ReadSeekCloser, *refusal, error) {
	if link.Lead != nil {
		secret, _, _ := parsePath(r.URL.EscapedPath())
		config, err := writeLead(link.Lead, secret)
		if err != nil {
			return nil, refuseBytes, fmt.Errorf("write lead: %w", err)
		}
		if sum := sha256.Sum256(config); hex.EncodeToString(sum[:]) != link.SHA256 {
			return nil, refuseBytes, errors.New("write lead: it is not what it was when it was sent")
		}
		return rendered{bytes.NewReader(config)}, nil, nil
	}
	blob, err := s.store.OpenBlob(r.Context(), link.SHA256)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return nil, refuseBytes, fmt.Errorf("open bytes: %w", err)
	case err != nil:
		return nil, refuseStore, fmt.Errorf("open bytes: %w", err)
	}
	if blob.Size() != link.Size {
		return nil, refuseBytes, errors.Join(fmt.Errorf("stored bytes are %d, the link says %d", blob.Size(), link.Size), blob.Close())
	}
	return blob, nil, nil
}

// rendered is a file that is not stored.
type rendered struct{ *bytes.Reader }

func (rendered) Close() error { return nil }

// contentType follows the kind of the file. Bytes without an entry are bytes.
func (s *Service) contentType(r *http.Request, link db.Link) string {
	if link.Lead != nil {
		return "text/plain; charset=utf-8"
	}
	if f, err := s.store.File(r.Context(), link.File); err == nil && f.Kind == db.FileConfig {
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// oneRange takes a request for several ranges as one for the whole file, as RFC
// 9110 section 14.2 allows: no phone asks so, and a list of thousands is cheap
// to send and dear to answer.
func oneRange(r *http.Request) *http.Request {
	if len(r.Header.Values("Range")) <= 1 && !strings.Contains(r.Header.Get("Range"), ",") {
		return r
	}
	r = r.Clone(r.Context())
	r.Header.Del("Range")
	return r
}
