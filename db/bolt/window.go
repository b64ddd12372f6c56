package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

func (t *tx) loadWindow(id db.WindowID) (w db.Window, err error) {
	if err := t.getJSON(bWindows, be8(uint64(id)), &w); err != nil {
		return w, fmt.Errorf("window %s: %w", id, err)
	}
	return w, nil
}

// checkWindow refuses a window that cannot be kept; it writes nothing.
func (t *tx) checkWindow(w *db.Window) error {
	if n := utf8.RuneCountInString(w.Name); n < 1 || n > 64 {
		return &db.FieldError{Field: "name", Err: fmt.Errorf("1 to 64 characters, got %d", n)}
	}
	if id, err := db.ParseWindowID(w.Name); err == nil && id != 0 {
		return &db.FieldError{Field: "name", Err: fmt.Errorf("%q looks like the id of a window", w.Name)}
	}
	if owner := t.get(bWindowNames, windowName(w.Name)); owner != nil && db.WindowID(num(owner)) != w.ID {
		return &db.FieldError{Field: "name", Err: fmt.Errorf("window %q: %w", w.Name, db.ErrExists)}
	}
	var field *window.FieldError
	if err := w.Window.Check(); errors.As(err, &field) {
		return &db.FieldError{Field: field.Field, Err: field.Err}
	} else if err != nil {
		return err
	}
	return nil
}

func windowName(name string) []byte { return []byte(strings.ToLower(name)) }

func (t *tx) saveWindow(w *db.Window) error {
	if err := t.put(bWindowNames, windowName(w.Name), be8(uint64(w.ID))); err != nil {
		return err
	}
	return t.putJSON(bWindows, be8(uint64(w.ID)), w)
}

// CreateWindow adds a window.
func (s *Store) CreateWindow(ctx context.Context, w db.Window) (db.Window, error) {
	err := s.update(ctx, func(t *tx) error {
		w.ID = 0
		if err := t.checkWindow(&w); err != nil {
			return err
		}
		if t.readNumber("windows") >= db.MaxWindows {
			return fmt.Errorf("%d windows: %w", db.MaxWindows, db.ErrTooMany)
		}
		id, err := t.next(bWindows)
		if err != nil {
			return err
		}
		w.ID, w.Edition, w.Changed = db.WindowID(id), 1, w.Created
		t.number("windows", 1)
		t.event(db.Event{Type: "window.created", Why: w.Name})
		return t.saveWindow(&w)
	})
	return w, err
}

// Window returns one window.
func (s *Store) Window(ctx context.Context, id db.WindowID) (w db.Window, err error) {
	err = s.view(ctx, func(t *tx) error { w, err = t.loadWindow(id); return err })
	return w, err
}

// FindWindow resolves an id or a name.
func (s *Store) FindWindow(ctx context.Context, ref string) (id db.WindowID, err error) {
	err = s.view(ctx, func(t *tx) error {
		if v := t.get(bWindowNames, windowName(ref)); v != nil {
			id = db.WindowID(num(v))
			return nil
		}
		if n, err := db.ParseWindowID(ref); err == nil && t.has(bWindows, be8(uint64(n))) {
			id = n
			return nil
		}
		return fmt.Errorf("window %q: %w", ref, db.ErrNotFound)
	})
	return id, err
}

// WindowJobs counts the jobs that wait for a window.
func (s *Store) WindowJobs(ctx context.Context, id db.WindowID, most int) (n int, err error) {
	err = s.view(ctx, func(t *tx) error {
		prefix := be8(uint64(id))
		c := t.Bucket(bWindowJobs).Cursor()
		n = 0
		for k, _ := c.Seek(prefix); n < most && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			n++
		}
		return nil
	})
	return n, err
}

// ListWindows returns windows in the order of their ids.
func (s *Store) ListWindows(ctx context.Context, q db.Query) (page db.Page[db.Window], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.Window]{name: "windows", q: q, c: t.Bucket(bWindows).Cursor()}
		l.load = func(_, v []byte) (w db.Window, err error) { err = json.Unmarshal(v, &w); return w, err }
		page, err = l.page()
		return err
	})
	return page, err
}

// UpdateWindow replaces a window's name and span.
func (s *Store) UpdateWindow(ctx context.Context, w db.Window, now time.Time) (db.Window, error) {
	err := s.update(ctx, func(t *tx) error {
		old, err := t.loadWindow(w.ID)
		if err != nil {
			return err
		}
		if err := t.checkWindow(&w); err != nil {
			return err
		}
		same, err := sameJSON(&old.Window, &w.Window)
		if err != nil {
			return err
		}
		w.Created, w.By, w.Edition, w.Changed = old.Created, old.By, old.Edition, now
		if !same {
			w.Edition++
			if err := errors.Join(t.refileJobs(w.ID), t.recountRecurring(w.ID, now)); err != nil {
				return err
			}
		}
		if err := t.del(bWindowNames, windowName(old.Name)); err != nil {
			return err
		}
		t.event(db.Event{Type: "window.changed", Why: w.Name})
		return t.saveWindow(&w)
	})
	return w, err
}

// sameJSON reports whether two records are stored alike.
func sameJSON(a, b any) (bool, error) {
	x, err := json.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("encode to compare: %w", err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		return false, fmt.Errorf("encode to compare: %w", err)
	}
	return bytes.Equal(x, y), nil
}

// DeleteWindow takes a window away.
func (s *Store) DeleteWindow(ctx context.Context, id db.WindowID) error {
	return s.update(ctx, func(t *tx) error {
		w, err := t.loadWindow(id)
		if err != nil {
			return err
		}
		if err := t.windowFree(id); err != nil {
			return err
		}
		t.number("windows", -1)
		t.event(db.Event{Type: "window.deleted", Why: w.Name})
		if err := t.del(bWindowNames, windowName(w.Name)); err != nil {
			return err
		}
		return t.del(bWindows, be8(uint64(id)))
	})
}

// windowFree returns a *db.InUseError if a job that has not ended waits for a
// window, or a recurring job orders in it.
func (t *tx) windowFree(id db.WindowID) error {
	c := t.Bucket(bWindowJobs).Cursor()
	if k, _ := c.Seek(be8(uint64(id))); bytes.HasPrefix(k, be8(uint64(id))) {
		return &db.InUseError{What: "window " + id.String(), By: "job " + db.JobID(num(k[8:])).String()}
	}
	return t.recurringWaits(id)
}
