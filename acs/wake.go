package acs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
	"phoneacs/phones"
)

// Bounds of connection requests.
const (
	wakeTime = 10 * time.Second // for one, with all it takes
	maxWakes = 64               // at a time
)

// A WakeError says why a phone could not be woken. Its text is a sentence for
// an operator.
type WakeError struct {
	Result   string // stable token; the label of phoneacs_wakes_total
	Sentence string
	Err      error // detail for the log; may be nil
}

func (e *WakeError) Error() string { return e.Sentence }

// Unwrap returns the detail.
func (e *WakeError) Unwrap() error { return e.Err }

// wakeOK and wakeTalking are the results that are no error.
const (
	wakeOK      = "ok"
	wakeTalking = "talking" // a session of the phone is open, or has just been
	wakeAsked   = "asked"   // the last request is so young that it stands for this one
)

// wakeLater is the result of a request that was not made yet, since the last
// one is too young.
const wakeLater = "later"

// Wake asks a phone to begin a session (TR-069 3.2.2). Nil says that it was
// asked, or is talking to us already; that it comes is only shown by its
// Inform. The error is a *[WakeError] that is also noted with the phone, or one
// of ctx or the store; a *[db.LaterError] around it says that the phone is to be
// asked again from a time on: it said that it is busy, or the last request to it,
// or too many to its address, were made just now. Callers for the same phone share one request.
func (s *Server) Wake(ctx context.Context, phone db.PhoneID) error {
	for {
		if s.sessions.talking(phone) {
			return nil
		}
		call, first := s.waker.join(phone)
		if first {
			return s.lead(ctx, call, phone)
		}
		select {
		case <-call.done:
		case <-ctx.Done():
			return fmt.Errorf("wake %s: %w", phone, ctx.Err())
		}
		if !call.left {
			return call.err
		}
	}
}

// lead makes the request that others wait for.
func (s *Server) lead(ctx context.Context, call *wakeCall, phone db.PhoneID) error {
	call.left = true // should the request panic
	defer s.waker.part(phone, call)
	call.err = s.wake(ctx, phone)
	call.left = ctx.Err() != nil
	return call.err
}

func (s *Server) wake(ctx context.Context, id db.PhoneID) error {
	select {
	case s.waker.slots <- struct{}{}:
		defer func() { <-s.waker.slots }()
	case <-ctx.Done():
		return fmt.Errorf("wake %s: %w", id, ctx.Err())
	}
	if s.sessions.talking(id) {
		return nil // it came while we waited
	}
	phone, err := s.opts.Store.Phone(ctx, id)
	if err != nil {
		return fmt.Errorf("wake %s: %w", id, err)
	}
	logins, err := s.opts.Store.Credentials(ctx, id)
	if err != nil {
		return fmt.Errorf("wake %s: %w", id, err)
	}
	site, err := s.opts.Store.Site(ctx, phone.Site)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("wake %s: %w", id, err)
	}
	began := s.opts.Clock.Now()
	switch ok, done, later := s.waker.pace.may(began, &phone); {
	case done:
		s.metrics.wakes.WithLabelValues(wakeAsked).Inc()
		return nil
	case !ok:
		s.metrics.wakes.WithLabelValues(wakeLater).Inc()
		return later
	}
	w := &waking{
		phone: &phone, logins: &logins, site: &site, began: began,
		quirks: s.opts.Quirks.Of(ctx, &phone.Phone), last: s.waker.pace.lastWay(id),
	}
	if failure := mayWake(&phone); failure != nil {
		s.wakeDone(id, "", failure.Result, failure)
		return failure
	}
	return s.ask(ctx, w)
}

// ask tries one way after the other, and takes in how that went. What the first
// one came to is the result if none has woken the phone; what the others say
// is told with it.
func (s *Server) ask(ctx context.Context, w *waking) error {
	id := w.phone.ID
	var failure *WakeError
	asked := false
	ways := s.waker.order(w)
	if len(ways) == 0 {
		failure = noWay(w.site)
		s.wakeDone(id, "", failure.Result, failure)
		return failure
	}
	for _, by := range ways {
		c, why := by.prepare(ctx, w)
		if why == nil {
			if later := s.waker.pace.crowded(w.began, c.at()); later != nil {
				s.metrics.wakes.WithLabelValues(wakeCrowded).Inc()
				return later
			}
			asked = true
			why = c.request(ctx)
		}
		if why != nil && asked && s.informedSince(ctx, w.phone) {
			s.waker.pace.made(id, w.began, nil)
			s.wakeDone(id, "", wakeTalking, nil)
			return nil
		}
		if why != nil && ctx.Err() != nil {
			return fmt.Errorf("wake %s: %w", id, ctx.Err())
		}
		s.metrics.tried(by.name(), why)
		if why == nil {
			s.waker.pace.made(id, w.began, nil)
			s.waker.pace.worked(id, by.name())
			s.wakeDone(id, by.name(), wakeOK, nil)
			return nil
		}
		failure = join(failure, why)
		if why.Result == "busy" { // it is reached, and would say so again
			break
		}
	}
	s.advise(w.phone, w.logins, w.quirks, failure)
	s.wakeDone(id, "", failure.Result, failure)
	if !asked {
		return failure
	}
	if later := s.waker.pace.made(id, w.began, failure); later != nil {
		return later
	}
	return failure
}

// informedSince reports whether the phone has come although the request
// failed: some send their Inform before they answer it, or break off instead
// of an answer.
func (s *Server) informedSince(ctx context.Context, was *db.PhoneStatus) bool {
	if s.sessions.talking(was.ID) {
		return true
	}
	now, err := s.opts.Store.Phone(ctx, was.ID)
	return err == nil && now.LastInform.After(was.LastInform)
}

// wakeDone counts, logs and records how a phone was woken, by which way if one
// worked, or why not.
func (s *Server) wakeDone(id db.PhoneID, way, result string, failure *WakeError) {
	s.metrics.wakes.WithLabelValues(result).Inc()
	sentence := ""
	if failure != nil {
		sentence = failure.Sentence
		detail := sentence
		if failure.Err != nil {
			detail = failure.Err.Error()
		}
		level := slog.LevelInfo
		if failure.Result == noURL || failure.Result == "no_way" {
			level = slog.LevelDebug // nothing was tried: of phones that have not come yet there may be thousands
		}
		s.line(level, "wake failed", slog.String(logkey.Phone, id.String()),
			slog.String(logkey.State, result), slog.String(logkey.Err, detail))
	}
	s.opts.Store.RecordWake(id, s.opts.Clock.Now(), way, sentence)
}

// request makes a connection request, within wakeTime: one, or a second as
// another user if the phone has not taken the first one's password.
func (c *caller) request(ctx context.Context) (failure *WakeError) {
	ctx, cancel := context.WithTimeout(ctx, wakeTime)
	defer cancel()
	for _, as := range c.logins {
		one := caller{waker: c.waker, target: c.target, quirks: c.quirks, user: as.User, password: as.Password}
		failure = one.call(ctx)
		one.close()
		if failure == nil || failure.Result != "unauthorised" {
			return failure
		}
	}
	return failure
}

// wakeLogins are what the phone may know us by: what it has, or the vendor's
// defaults, and what was issued to it, of which it may not have told that it
// has it.
func wakeLogins(p *db.PhoneStatus, c *db.Credentials) []db.Login {
	has := c.ConnectionRequest
	if has.IsZero() {
		if v, ok := phones.Lookup(p.Vendor); ok {
			has.User, has.Password = v.ConnectionRequestDefaults()
		}
	}
	logins := []db.Login{has}
	if next := c.ConnectionRequestNext; !next.IsZero() {
		logins = append(logins, next)
	}
	if c.ConnectionRequestTaken {
		slices.Reverse(logins)
	}
	return logins
}
