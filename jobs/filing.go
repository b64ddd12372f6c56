package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
	"phoneacs/jobs/window"
)

// release makes waiting tasks ready, and their phones due to be woken. Those
// of jobs with a window are filed: their slot is found anew.
func (s *Service) release(ctx context.Context, due []db.Due) error {
	windowed := make(map[db.JobID]*db.Job)
	var plain, slots []db.Due
	var files []db.Filing
	var errs []error
	for _, d := range due {
		j, known := windowed[d.Job]
		if !known {
			st, err := s.store.Job(ctx, d.Job)
			if err == nil && st.When.Windowed() {
				j = &st.Job
			} else if err != nil && !errors.Is(err, db.ErrNotFound) {
				errs = append(errs, fmt.Errorf("job of what is due: %w", err))
				continue
			}
			windowed[d.Job] = j
		}
		if j == nil {
			plain = append(plain, d)
		} else {
			slots = append(slots, d)
		}
	}
	x := s.slotter() // reads windows and zones after all of their jobs: see [db.Filing]
	for _, d := range slots {
		f, err := s.fileDue(ctx, x, windowed[d.Job], d)
		if err != nil {
			errs = append(errs, err)
		} else if f != nil {
			files = append(files, *f)
		}
	}
	now := s.clock.Now()
	if len(plain) > 0 {
		if err := s.store.ReleaseTasks(ctx, plain, now, true); err != nil {
			errs = append(errs, fmt.Errorf("release %d tasks: %w", len(plain), err))
		}
	}
	if len(files) > 0 {
		if err := s.store.FileTasks(ctx, files, now); err != nil {
			errs = append(errs, fmt.Errorf("file %d tasks: %w", len(files), err))
		}
	}
	kick(s.wakes)
	return errors.Join(errs...)
}

// closeWindows takes ready tasks whose window has closed to the next period.
func (s *Service) closeWindows(ctx context.Context, due []db.Due) error { return s.release(ctx, due) }

// fileDue finds where a task belongs whose slot has come or whose window has
// closed; nil if it has moved on.
func (s *Service) fileDue(ctx context.Context, x *slotter, j *db.Job, d db.Due) (*db.Filing, error) {
	t, err := s.store.Task(ctx, db.TaskID{Job: d.Job, Phone: d.Phone})
	if errors.Is(err, db.ErrNotFound) {
		return nil, s.dropDue(ctx, d)
	} else if err != nil {
		return nil, fmt.Errorf("task that is due: %w", err)
	}
	if d.Kind == db.DueRelease && t.State != db.TaskWaiting || d.Kind == db.DueClose && t.State != db.TaskReady {
		return nil, s.dropDue(ctx, d)
	}
	return s.fileAs(ctx, x, j, &t, func(o *slots, now time.Time) (db.Place, string) {
		if t.State == db.TaskWaiting {
			return o.taken(&t, s.serving.since(), now)
		}
		p, why := o.closed(now)
		if t.Busy != nil && p.State != db.TaskReady {
			why = fmt.Sprintf("%s, from %s on, and %s", t.Busy.What, at(t.Busy.Since), why)
		}
		return p, why
	})
}

// dropDue drops an entry that nothing stands behind; what has moved on has
// taken its entry with it.
func (s *Service) dropDue(ctx context.Context, d db.Due) error {
	if err := s.store.DropDue(ctx, []db.Due{d}); err != nil && !errors.Is(err, db.ErrConflict) {
		return fmt.Errorf("drop due entry: %w", err)
	}
	return nil
}

// fileAs files a task as place says; nil if it stands there already.
func (s *Service) fileAs(ctx context.Context, x *slotter, j *db.Job, t *db.Task, place func(*slots, time.Time) (db.Place, string)) (*db.Filing, error) {
	phone, err := s.store.Phone(ctx, t.ID.Phone)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil // its tasks went with it
	} else if err != nil {
		return nil, fmt.Errorf("phone of %v: %w", t.ID, err)
	}
	o, err := x.of(ctx, j, &phone.Phone)
	if err != nil || o == nil {
		return nil, err
	}
	f := db.Filing{Task: t.ID, Round: j.Refile, From: t.Place(), Wake: t.State == db.TaskWaiting}
	if f.To, f.Why = place(o, s.clock.Now()); f.To.Same(f.From) {
		return nil, nil
	}
	return &f, nil
}

// refile takes the filing anew of a job's tasks, after its window or the zone
// of a site was changed, one chunk further. What is changed from here on asks
// for another round of it, by which the store refuses this chunk.
func (s *Service) refile(ctx context.Context, j *db.Job) error {
	x := s.slotter()
	tasks, last, done, err := s.store.UnsentTasks(ctx, j.ID, j.RefileAt, chunk)
	if err != nil {
		return fmt.Errorf("tasks of %v to file anew: %w", j.ID, err)
	}
	var files []db.Filing
	for i := range tasks {
		t := &tasks[i]
		if t.Closes.IsZero() {
			continue // it is filed when it is taken
		}
		f, err := s.fileAs(ctx, x, j, t, func(o *slots, now time.Time) (db.Place, string) { return o.refiled(t, now) })
		if err != nil {
			return err
		}
		if f != nil {
			files = append(files, *f)
		}
	}
	if err := s.store.RefileTasks(ctx, j.ID, j.Refile, j.RefileAt, last, done, files, s.clock.Now()); err != nil {
		return fmt.Errorf("file tasks of %v anew: %w", j.ID, err)
	}
	if done {
		s.log.InfoContext(ctx, "job filed anew", logkey.Job, j.ID.String())
	}
	kick(s.wakes)
	return nil
}

// An opening is the open span of a task's window that a session is in. slots is
// nil for a job without a window.
type opening struct {
	slots *slots
	slot  window.Slot
}

// inWindow finds the open span of a task that its session may take, by what the
// window and the phone are now. One whose window is not open is filed anew, and
// moved is true; in is nil then.
func (s *Service) inWindow(ctx context.Context, f *facts) (in *opening, moved bool, err error) {
	o, err := s.slotter().of(ctx, f.job, f.phone)
	if err != nil {
		return nil, false, err
	}
	if o == nil {
		return &opening{}, false, nil
	}
	slot, open := o.open(f.now)
	if !open {
		p, why := o.refiled(f.task, f.now)
		moved, err := s.fileHere(ctx, f, p, why)
		return nil, moved, err
	}
	return &opening{o, slot}, false, nil
}

// fileHere files the task of a session elsewhere, unless it stands there, and
// reports whether it did.
func (s *Service) fileHere(ctx context.Context, f *facts, to db.Place, why string) (bool, error) {
	file := db.Filing{Task: f.task.ID, Round: f.job.Refile, From: f.task.Place(), To: to, Why: why}
	if to.Same(file.From) {
		return false, nil
	}
	if err := s.store.FileTasks(ctx, []db.Filing{file}, f.now); err != nil {
		return false, fmt.Errorf("file %v anew: %w", f.task.ID, err)
	}
	return true, nil
}
