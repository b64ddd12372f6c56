package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// nightly is open each night from 2 to 3, in the zone of the site.
func nightly() window.Window {
	end := window.Dial(3 * 60)
	return window.Window{Flexible: &window.Flexible{Interval: 1, Begin: 2 * 60, End: &end}}
}

func (s *fakeStore) window(id db.WindowID) (*db.Window, error) {
	for i := range s.windows {
		if s.windows[i].ID == id {
			return &s.windows[i], s.err
		}
	}
	return nil, fmt.Errorf("window in bucket 7: %w", db.ErrNotFound)
}

func (s *fakeStore) CreateWindow(_ context.Context, w db.Window) (db.Window, error) {
	defer s.lock()()
	if _, err := s.named(w); err != nil {
		return w, err
	}
	w.ID, w.Edition, w.Changed = db.WindowID(len(s.windows)+1), 1, w.Created
	s.windows = append(s.windows, w)
	return w, s.err
}

func (s *fakeStore) named(w db.Window) (bool, error) {
	for _, have := range s.windows {
		if strings.EqualFold(have.Name, w.Name) && have.ID != w.ID {
			return false, &db.FieldError{Field: "name", Err: fmt.Errorf("window %q: %w", w.Name, db.ErrExists)}
		}
	}
	return true, nil
}

func (s *fakeStore) Window(_ context.Context, id db.WindowID) (db.Window, error) {
	defer s.lock()()
	w, err := s.window(id)
	if err != nil {
		return db.Window{}, err
	}
	return *w, nil
}

func (s *fakeStore) FindWindow(_ context.Context, ref string) (db.WindowID, error) {
	defer s.lock()()
	for _, w := range s.windows {
		if strings.EqualFold(ref, w.Name) || ref == w.ID.String() {
			return w.ID, s.err
		}
	}
	return 0, fmt.Errorf("window in bucket 7: %w", db.ErrNotFound)
}

func (s *fakeStore) WindowJobs(_ context.Context, id db.WindowID, most int) (n int, err error) {
	defer s.lock()()
	for _, j := range s.jobs {
		if j.When.Window == id && j.State != db.JobEnded && n < most {
			n++
		}
	}
	return n, s.err
}

func (s *fakeStore) ListWindows(_ context.Context, q db.Query) (db.Page[db.Window], error) {
	defer s.lock()()
	if s.err != nil {
		return db.Page[db.Window]{}, s.err
	}
	return pageOf(s.windows, q, noField[db.Window])
}

func (s *fakeStore) UpdateWindow(_ context.Context, w db.Window, now time.Time) (db.Window, error) {
	defer s.lock()()
	old, err := s.window(w.ID)
	if err == nil {
		_, err = s.named(w)
	}
	if err != nil {
		return w, err
	}
	w.Created, w.By, w.Edition, w.Changed = old.Created, old.By, old.Edition+1, now
	*old = w
	return w, nil
}

// DeleteWindow refuses for the window called "busy".
func (s *fakeStore) DeleteWindow(_ context.Context, id db.WindowID) error {
	defer s.lock()()
	w, err := s.window(id)
	if err != nil {
		return err
	}
	if w.Name == "busy" {
		return fmt.Errorf("delete: %w", &db.InUseError{What: "window", By: "job j7"})
	}
	s.windows = slices.DeleteFunc(s.windows, func(w db.Window) bool { return w.ID == id })
	return nil
}

func (s *fakeStore) UpdateSite(_ context.Context, in db.Site) (db.Site, error) {
	defer s.lock()()
	for i := range s.sites {
		if s.sites[i].ID != in.ID && s.sites[i].Name == in.Name {
			return in, &db.FieldError{Field: "name", Err: db.ErrExists}
		}
	}
	for i := range s.sites {
		if s.sites[i].ID == in.ID {
			s.sites[i] = in
			return in, s.err
		}
	}
	return in, errors.Join(s.err, db.ErrNotFound)
}

// DeleteSite refuses for the default site.
func (s *fakeStore) DeleteSite(_ context.Context, id db.SiteID) error {
	defer s.lock()()
	if id == db.DefaultSite {
		return fmt.Errorf("delete: %w", &db.InUseError{What: "site", By: "phone p2"})
	}
	s.sites = slices.DeleteFunc(s.sites, func(have db.Site) bool { return have.ID == id })
	return s.err
}

// Unfit knows what o.unfit says.
func (o *fakeOrders) Unfit(_ context.Context, _ *db.File, p *db.PhoneStatus) (string, error) {
	return o.unfit[p.ID], o.err
}

func (s *fakeStore) Runs(_ context.Context, id db.PhoneID) ([]db.Run, error) {
	defer s.lock()()
	return s.runs[id], s.err
}
