package provision

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"phoneacs/db"
)

// ServeHTTP answers GET and HEAD below [Prefix]. A link may be fetched any
// number of times, whole or in ranges, until its attempt ends, it expires or
// its budget is used up (429). Requests beyond [Options.MaxTransfers] get 503.
// Every answer to a link that exists is recorded with it.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := s.clock.Now()
	out := newMeter(w, r, s.opts.Stall)
	link, why, err := s.find(r)
	if why == nil {
		why, err = s.deliver(out, r, link)
	}
	if why != nil {
		out.reserve, out.refused = nil, false
		why.answer(out)
	}
	out.finish()
	if err == nil {
		err = out.err
	}
	s.record(r, fetched{link, out.status, out.bytes, why, began, err})
}

// find looks for the link that a request names. A link that exists is returned
// even if it is refused; otherwise its Hash is zero.
func (s *Service) find(r *http.Request) (db.Link, *refusal, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
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
	case name != link.Name:
		return link, refuseName, nil
	}
	return link, nil, nil
}

// deliver serves the file of a link, or says why not and writes nothing.
func (s *Service) deliver(out *meter, r *http.Request, link db.Link) (*refusal, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		return refuseFull, nil
	}
	a, ok := s.ledger.open(link, s.clock.Now())
	if !ok {
		return refuseParallel, nil
	}
	defer func() { s.ledger.close(a, out.reserved, out.bytes, s.clock.Now()) }()

	blob, err := s.store.OpenBlob(r.Context(), link.SHA256)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return refuseBytes, fmt.Errorf("open bytes: %w", err)
	case err != nil:
		return refuseStore, fmt.Errorf("open bytes: %w", err)
	}
	defer blob.Close()
	if blob.Size() != link.Size {
		return refuseBytes, fmt.Errorf("stored bytes are %d, the link says %d", blob.Size(), link.Size)
	}

	h := out.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Type", s.contentType(r, link.File))
	h.Set("Etag", `"`+link.SHA256+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	out.reserve = func(n int64) bool { return s.ledger.reserve(a, n) }
	http.ServeContent(out, oneRange(r), "", time.Time{}, blob)
	if out.refused {
		return refuseBudget, nil
	}
	return nil, nil
}

// contentType follows the kind of the file. Bytes without an entry are bytes.
func (s *Service) contentType(r *http.Request, id db.FileID) string {
	if f, err := s.store.File(r.Context(), id); err == nil && f.Kind == db.FileConfig {
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
