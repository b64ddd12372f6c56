package provision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// receive takes the file that a phone sends to a link. The answer leaves when
// bytes and record are durable; anything less than a whole body leaves nothing
// behind. first says that the attempt had no upload before.
func (s *Service) receive(in *intake, r *http.Request, link db.Link) (*refusal, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		return refuseFull, nil
	}
	switch {
	case r.Header.Get("Content-Range") != "":
		return refusePart, nil // RFC 9110 section 14.5: rather than to take a part for all
	case r.ContentLength == 0:
		return refuseEmpty, nil
	case r.ContentLength > link.Size:
		return refuseLarge, nil
	}
	a, ok := s.ledger.open(link, s.clock.Now())
	if !ok {
		return refuseParallel, nil
	}
	reserve := r.ContentLength
	if reserve < 0 {
		reserve = link.Size // in chunks; what it does not need is given back
	}
	if !s.ledger.reserve(a, reserve) {
		s.ledger.close(a, 0, 0, s.clock.Now())
		return refuseBudget, nil
	}
	defer func() { s.ledger.close(a, reserve, in.bytes, s.clock.Now()) }()

	w, err := s.store.CreateSealedBlob(r.Context())
	if err != nil {
		return refuseWrite(err), fmt.Errorf("take upload: %w", err)
	}
	defer w.Close() // after Commit it has nothing left to remove
	in.body = io.LimitReader(r.Body, link.Size+1)
	if _, err := io.Copy(w, in); err != nil {
		if in.err != nil {
			return refuseCut, fmt.Errorf("take upload: %w", err)
		}
		// To its end, within the bound: a phone that is cut off while it sends
		// would not see the answer.
		_, _ = io.Copy(io.Discard, in)
		return refuseWrite(err), fmt.Errorf("take upload: %w", err)
	}
	switch {
	case in.bytes == 0:
		return refuseEmpty, nil
	case in.bytes > link.Size:
		return refuseLarge, nil
	}
	return s.keep(context.WithoutCancel(r.Context()), w, r, link)
}

// keep makes bytes and record durable, in this order: whoever sent all of it
// may hang up now.
func (s *Service) keep(ctx context.Context, w db.BlobWriter, r *http.Request, link db.Link) (*refusal, error) {
	s.catalogue.Lock()
	defer s.catalogue.Unlock()
	sum, size, err := w.Commit()
	if err != nil {
		return refuseWrite(err), fmt.Errorf("keep upload: %w", err)
	}
	u, gone, err := s.store.AddUpload(ctx, link.Hash, db.Upload{
		SHA256: sum, Size: size, Created: s.clock.Now().UTC(),
		Type: clean(r.Header.Get("Content-Type")), Agent: clean(r.UserAgent()),
	})
	if err != nil {
		if !errors.Is(err, db.ErrFailed) { // else the record may exist
			s.dropBytes(ctx, sum)
		}
		if errors.Is(err, db.ErrNotFound) {
			return refuseUnknown, nil // its attempt has ended meanwhile
		}
		return refuseWrite(err), fmt.Errorf("keep upload: %w", err)
	}
	for _, old := range gone {
		s.dropBytes(ctx, old)
	}
	s.metrics.uploaded.Add(float64(u.Size))
	s.log.InfoContext(ctx, "upload kept", logkey.Phone, u.Phone.String(), logkey.Attempt, s.key(link.Attempt),
		logkey.Kind, u.Kind, logkey.Bytes, u.Size)
	return nil, nil
}

// dropBytes removes bytes that nobody has; what it cannot, [Service.Tidy] will.
// The catalogue is locked.
func (s *Service) dropBytes(ctx context.Context, sum string) {
	used, err := s.store.BlobUsed(ctx, sum)
	if err == nil && !used {
		err = s.store.DeleteBlob(ctx, sum)
	}
	if err != nil {
		s.log.WarnContext(ctx, "bytes that nobody has remain", logkey.Err, err)
	}
}

// refuseWrite says why bytes could not be written.
func refuseWrite(err error) *refusal {
	if errors.Is(err, db.ErrNoSpace) {
		return refuseSpace
	}
	return refuseStore
}

// witnessed tells of what a request has shown.
func (s *Service) witnessed(ctx context.Context, link db.Link) {
	if s.opts.Witness == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	if err := s.opts.Witness.Moved(ctx, link.Attempt); err != nil {
		s.log.WarnContext(ctx, "proof not judged yet", logkey.Attempt, s.key(link.Attempt), logkey.Err, err)
	}
}

// intake reads a phone's body: it counts, and gives the phone a while for each
// part, and not for the whole. Its errors are told from those of the store.
type intake struct {
	body    io.Reader
	control *http.ResponseController
	stall   time.Duration
	bytes   int64
	err     error
}

func (in *intake) Read(p []byte) (int, error) {
	_ = in.control.SetReadDeadline(time.Now().Add(in.stall)) // as meter.extend
	n, err := in.body.Read(p)
	in.bytes += int64(n)
	if err != nil && err != io.EOF {
		in.err = err
	}
	return n, err
}

// done takes the deadline away of a body that was read to its end: what follows
// is no time of the phone's.
func (in *intake) done() { _ = in.control.SetReadDeadline(time.Time{}) }

// leave is for a body that is of no use: net/http reads on before the answer
// leaves, and is to be through with that while there is time for the answer.
func (in *intake) leave() {
	if in.body != nil {
		_ = in.control.SetReadDeadline(time.Now().Add(in.stall / 2))
	}
}
