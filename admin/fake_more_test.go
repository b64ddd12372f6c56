package admin

import (
	"context"
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
)

func (s *fakeStore) CreateSite(_ context.Context, in db.Site) (db.Site, error) {
	defer s.lock()()
	if s.err != nil {
		return db.Site{}, s.err
	}
	if id, err := db.ParseSiteID(in.Name); err == nil && id != 0 {
		return db.Site{}, &db.FieldError{Field: "name", Err: fmt.Errorf("looks like the id of a site")}
	}
	for _, have := range s.sites {
		if have.Name == in.Name {
			return db.Site{}, fmt.Errorf("create site: %w", db.ErrExists)
		}
	}
	in.ID = db.SiteID(len(s.sites) + 1)
	s.sites = append(s.sites, in)
	return in, nil
}

func (s *fakeStore) Site(_ context.Context, id db.SiteID) (db.Site, error) {
	defer s.lock()()
	for _, have := range s.sites {
		if have.ID == id {
			return have, s.err
		}
	}
	return db.Site{}, fmt.Errorf("site: %w", db.ErrNotFound)
}

func (s *fakeStore) FindSite(_ context.Context, ref string) (db.SiteID, error) {
	defer s.lock()()
	for _, have := range s.sites {
		if have.ID.String() == ref || have.Name == ref {
			return have.ID, s.err
		}
	}
	return 0, fmt.Errorf("site: %w", db.ErrNotFound)
}

func (s *fakeStore) ListSites(_ context.Context, q db.Query) (db.Page[db.Site], error) {
	defer s.lock()()
	if s.err != nil {
		return db.Page[db.Site]{}, s.err
	}
	return pageOf(s.sites, q, noField[db.Site])
}

func (s *fakeStore) SetHold(_ context.Context, h db.Hold) error {
	defer s.lock()()
	if s.err != nil {
		return s.err
	}
	s.holds = slices.DeleteFunc(s.holds, func(o db.Hold) bool { return o.Site == h.Site && o.Phone == h.Phone })
	s.holds = append(s.holds, h)
	return nil
}

func (s *fakeStore) ClearHold(_ context.Context, site db.SiteID, phone db.PhoneID) error {
	defer s.lock()()
	before := len(s.holds)
	s.holds = slices.DeleteFunc(s.holds, func(o db.Hold) bool { return o.Site == site && o.Phone == phone })
	if len(s.holds) == before {
		return fmt.Errorf("clear: %w", db.ErrNotFound)
	}
	return s.err
}

func (s *fakeStore) ListHolds(_ context.Context, q db.Query) (db.Page[db.Hold], error) {
	defer s.lock()()
	if s.err != nil {
		return db.Page[db.Hold]{}, s.err
	}
	return pageOf(s.holds, q, noField[db.Hold])
}

func (s *fakeStore) Held(context.Context, db.PhoneID) (db.Hold, bool, error) {
	return db.Hold{}, false, s.err
}

func (s *fakeStore) File(_ context.Context, id db.FileID) (db.File, error) {
	defer s.lock()()
	for _, f := range s.files {
		if f.ID == id {
			return f, s.err
		}
	}
	return db.File{}, fmt.Errorf("file: %w", db.ErrNotFound)
}

func (s *fakeStore) ListFiles(_ context.Context, q db.Query) (db.Page[db.File], error) {
	defer s.lock()()
	if s.err != nil {
		return db.Page[db.File]{}, s.err
	}
	return pageOf(s.files, q, (*db.File).Field)
}

func (s *fakeStore) Job(_ context.Context, id db.JobID) (db.JobStatus, error) {
	defer s.lock()()
	for _, j := range s.jobs {
		if j.ID == id {
			return j, s.err
		}
	}
	return db.JobStatus{}, fmt.Errorf("job: %w", db.ErrNotFound)
}

// A fakeAnswer is what an idempotency key was first answered.
type fakeAnswer struct {
	body [32]byte
	job  db.JobStatus
}

// byKey finds the first answer to a key; s is locked.
func (s *fakeStore) byKey(i db.Idempotency) (db.JobStatus, bool, error) {
	was, ok := s.keys[tokenKey{i.Token, i.Key}]
	if !ok || i.Key == "" {
		return db.JobStatus{}, false, nil
	}
	if was.body != i.Body {
		return db.JobStatus{}, false, fmt.Errorf("create job: %w", db.ErrIdempotencyMismatch)
	}
	return was.job, true, nil
}

func (s *fakeStore) JobByKey(_ context.Context, i db.Idempotency, _ time.Time) (db.JobStatus, bool, error) {
	defer s.lock()()
	if s.err != nil {
		return db.JobStatus{}, false, s.err
	}
	return s.byKey(i)
}

func (s *fakeStore) ListJobs(_ context.Context, q db.Query) (db.Page[db.JobStatus], error) {
	defer s.lock()()
	if s.err != nil {
		return db.Page[db.JobStatus]{}, s.err
	}
	newest := slices.Clone(s.jobs)
	slices.Reverse(newest)
	return pageOf(newest, q, (*db.JobStatus).Field)
}

func (s *fakeStore) JobTasks(ctx context.Context, job db.JobID, q db.Query) (db.Page[db.Task], error) {
	if _, err := s.Job(ctx, job); err != nil {
		return db.Page[db.Task]{}, err
	}
	return s.tasksOf(q, func(t db.Task) bool { return t.ID.Job == job })
}

func (s *fakeStore) PhoneTasks(ctx context.Context, phone db.PhoneID, q db.Query) (db.Page[db.Task], error) {
	if _, err := s.Phone(ctx, phone); err != nil {
		return db.Page[db.Task]{}, err
	}
	return s.tasksOf(q, func(t db.Task) bool { return t.ID.Phone == phone })
}

func (s *fakeStore) tasksOf(q db.Query, of func(db.Task) bool) (db.Page[db.Task], error) {
	defer s.lock()()
	mine := slices.DeleteFunc(slices.Clone(s.tasks), func(t db.Task) bool { return !of(t) })
	return pageOf(mine, q, (*db.Task).Field)
}
