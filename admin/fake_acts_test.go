package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"phoneacs/db"
)

// A fakeOrders accepts every order into its store.
type fakeOrders struct {
	store *fakeStore
	last  db.NewJob
	unfit map[db.PhoneID]string
	// checked is what CheckOrder was asked last.
	checked db.NewJob
	err     error         // what every method returns instead
	begun   chan struct{} // if set: Order tells that it began, and
	goOn    chan struct{} // waits for this
}

func (o *fakeOrders) Order(_ context.Context, n db.NewJob) (db.JobStatus, bool, error) {
	if o.begun != nil {
		o.begun <- struct{}{}
		<-o.goOn
	}
	if o.err != nil {
		return db.JobStatus{}, false, o.err
	}
	defer o.store.lock()()
	o.last = n
	if j, again, err := o.store.byKey(n.Idempotency); err != nil || again {
		return j, again, err
	}
	j := db.JobStatus{Job: n.Job}
	j.ID, j.State = db.JobID(len(o.store.jobs)+1), db.JobExpanding
	o.store.jobs = append(o.store.jobs, j)
	o.store.keys[tokenKey{n.Idempotency.Token, n.Idempotency.Key}] = fakeAnswer{n.Idempotency.Body, j}
	return j, false, nil
}

func (o *fakeOrders) change(id db.JobID, do func(*db.JobStatus)) (db.JobStatus, error) {
	defer o.store.lock()()
	for i := range o.store.jobs {
		if j := &o.store.jobs[i]; j.ID == id {
			if o.err != nil {
				return db.JobStatus{}, o.err
			}
			do(j)
			return *j, nil
		}
	}
	return db.JobStatus{}, fmt.Errorf("job: %w", db.ErrNotFound)
}

func (o *fakeOrders) Cancel(_ context.Context, id db.JobID) (db.JobStatus, error) {
	return o.change(id, func(j *db.JobStatus) { j.Sweep = db.SweepCancel })
}

func (o *fakeOrders) Pause(_ context.Context, id db.JobID) (db.JobStatus, error) {
	return o.change(id, func(j *db.JobStatus) { j.Paused = true })
}

func (o *fakeOrders) Resume(_ context.Context, id db.JobID) (db.JobStatus, error) {
	return o.change(id, func(j *db.JobStatus) { j.Paused = false })
}

func (o *fakeOrders) Retry(_ context.Context, id db.JobID) (db.JobStatus, error) {
	return o.change(id, func(j *db.JobStatus) { j.Sweep = db.SweepRetry })
}

// HeldBy has every hold stop one task or more of each job that has not ended.
func (o *fakeOrders) HeldBy(_ context.Context, j *db.JobStatus) (held []db.HeldTasks, err error) {
	if j.State == db.JobEnded {
		return nil, o.err
	}
	for _, h := range o.store.holds {
		held = append(held, db.HeldTasks{Hold: h, Tasks: 1, More: true})
	}
	return held, o.err
}

func (o *fakeOrders) Explain(_ context.Context, t db.Task) string {
	return "explained: " + string(t.State)
}

// A fakeWaker fails if told to, and leaves why in the phone's record.
type fakeWaker struct {
	store *fakeStore
	woken []db.PhoneID
	err   error
	why   string
}

func (w *fakeWaker) Wake(_ context.Context, id db.PhoneID) error {
	defer w.store.lock()()
	w.woken = append(w.woken, id)
	if p, err := w.store.phone(id); err == nil && w.why != "" {
		p.LastWake, p.WakeError = now, w.why
	}
	return w.err
}

// A fakeCatalogue keeps no bytes, only what they were.
type fakeCatalogue struct {
	store *fakeStore
	err   error
}

func (c *fakeCatalogue) Add(_ context.Context, f db.File, body io.Reader) (db.File, error) {
	b, err := io.ReadAll(body)
	if err != nil {
		return db.File{}, errors.New("copy: something that hides the cause")
	}
	if c.err != nil {
		return db.File{}, c.err
	}
	defer c.store.lock()()
	sum := sha256.Sum256(b)
	f.ID, f.SHA256, f.Size, f.Created = db.FileID(len(c.store.files)+1), hex.EncodeToString(sum[:]), int64(len(b)), now
	c.store.files = append(c.store.files, f)
	return f, nil
}

func (c *fakeCatalogue) Delete(ctx context.Context, id db.FileID) error {
	if c.err != nil {
		return c.err
	}
	_, err := c.store.File(ctx, id)
	return err
}
