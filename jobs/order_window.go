package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// checkWindow checks the window that an order waits for. An order that does not
// say when it expires is given two periods from the window's next opening, and
// no less than any other: a phone's slot may be at the end of a second one.
func (s *Service) checkWindow(ctx context.Context, j *db.Job, now time.Time) error {
	bad := func(field, format string, args ...any) error {
		return &db.FieldError{Field: field, Err: fmt.Errorf(format, args...)}
	}
	w := &j.When
	if !w.Windowed() {
		if w.Missed != "" {
			return bad("when.missed", "needs a window")
		}
		if w.From != nil || w.Until != nil {
			return bad("when", "days need a window")
		}
		return nil
	}
	switch {
	case w.Now || !w.At.IsZero() || w.Window != 0 && w.Inline != nil:
		return bad("when", "want exactly one of now, at and window")
	case w.Missed != "" && w.Missed != db.MissedNext && w.Missed != db.MissedRest:
		return bad("when.missed", "%q: want next or rest", clip(string(w.Missed)))
	}
	span := w.Inline
	if span == nil {
		named, err := s.store.Window(ctx, w.Window)
		if errors.Is(err, db.ErrNotFound) {
			return &db.FieldError{Field: "when.window", Err: err}
		} else if err != nil {
			return fmt.Errorf("window of the order: %w", err)
		}
		span = &named.Window
	}
	var field *window.FieldError
	if err := span.Check(); errors.As(err, &field) {
		return &db.FieldError{Field: "when.window." + field.Field, Err: field.Err}
	} else if err != nil {
		return &db.FieldError{Field: "when.window", Err: err}
	}
	opens, ok, err := s.opening(ctx, periodOf(w, span), now)
	switch {
	case err != nil:
		return err
	case !ok:
		return bad("when.window", "does not open again")
	case j.Expires.IsZero():
		periods := 2 * time.Duration(span.Period()) * 24 * time.Hour
		from := later(opens, now)
		j.Expires = from.Add(max(DefaultExpiry, periods))
		if most := now.Add(MaxExpiry); j.Expires.After(most) && opens.Before(most) {
			j.Expires = most
		}
	case !opens.Before(j.Expires):
		return bad("expires", "%s is before the window opens next, at %s", at(j.Expires), at(opens))
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// opening is when a window is next open for any phone. One without a zone of
// its own opens at each site by the clocks there.
func (s *Service) opening(ctx context.Context, w *window.Window, now time.Time) (first time.Time, ok bool, err error) {
	zones := map[string]*time.Location{"": s.zone}
	for q := (db.Query{Limit: 500}); w.Zone == ""; {
		page, err := s.store.ListSites(ctx, q)
		if err != nil {
			return first, false, fmt.Errorf("zones of sites: %w", err)
		}
		for i := range page.Items {
			if z, err := window.LoadZone(page.Items[i].Zone); err == nil {
				zones[page.Items[i].Zone] = z
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	for _, z := range zones {
		if opens, _, opensHere := w.Opening(z, now); opensHere && (!ok || opens.Before(first)) {
			first, ok = opens, true
		}
	}
	return first, ok, nil
}

// checkSlots refuses an order for phones that were named one by one if none of
// them has a slot before it expires. The slots of a window of the job's own are
// drawn from its number, which it has yet to be given: their tasks expire.
func (s *Service) checkSlots(ctx context.Context, n *db.NewJob) error {
	if n.Job.When.Window == 0 || len(n.Phones) == 0 || len(n.Phones) > maxAsked {
		return nil
	}
	x := s.slotter()
	var first time.Time
	for _, id := range n.Phones {
		p, err := s.store.Phone(ctx, id)
		if errors.Is(err, db.ErrNotFound) {
			return &db.FieldError{Field: "selection.phones", Err: fmt.Errorf("%v: %w", id, db.ErrNotFound)}
		} else if err != nil {
			return fmt.Errorf("listed phone: %w", err)
		}
		o, err := x.of(ctx, &n.Job, &p.Phone)
		if err != nil {
			return err
		}
		if place, _ := o.fresh(n.Job.Created); place.State != db.TaskExpired {
			return nil
		}
		if slot, ok := o.next(n.Job.Created); ok && (first.IsZero() || slot.At.Before(first)) {
			first = slot.At
		}
	}
	if first.IsZero() {
		return &db.FieldError{Field: "when.window", Err: errors.New("does not open again for these phones")}
	}
	return &db.FieldError{Field: "expires", Err: fmt.Errorf("%s is before the first slot of these phones, at %s", at(n.Job.Expires), at(first))}
}
