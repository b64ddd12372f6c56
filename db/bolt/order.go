package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
)

type filterValue = filter.Value

// Bounds of an order, and how its frozen selection is cut: chunkPhones ids a
// value, and so many chunks with the commit that accepts the order.
const (
	maxSelection = 1_000_000
	chunkPhones  = 4096
	maxChunks    = 32
)

// CreateJob freezes the selection and accepts the order.
func (s *Store) CreateJob(ctx context.Context, n db.NewJob) (st db.JobStatus, again bool, err error) {
	err = s.view(ctx, func(t *tx) error { st, again, err = t.answered(&n); return err })
	if err != nil || again {
		return st, again, err
	}
	err = s.frozen(ctx, &n, func(t *tx, id db.JobID, selected int, chunks [][]db.PhoneID) (bool, error) {
		if st, again, err = t.answered(&n); err != nil || again {
			return false, err
		}
		st, err = t.accept(&n, id, selected, chunks)
		return err == nil, err
	})
	return st, again, err
}

// frozen freezes the selection of an order and calls accept within the commit
// that may take it. What is written ahead of a large one is taken back unless
// accept says that it took it.
func (s *Store) frozen(ctx context.Context, n *db.NewJob, accept func(t *tx, id db.JobID, selected int, chunks [][]db.PhoneID) (took bool, err error)) error {
	phones, err := s.freeze(ctx, n)
	if err == nil {
		err = s.roomForTasks(len(phones))
	}
	if err != nil {
		return err
	}
	var id db.JobID
	chunks := slices.Collect(slices.Chunk(phones, chunkPhones))
	if len(chunks) > maxChunks {
		if id, err = s.freezeAhead(ctx, chunks); err != nil {
			return err
		}
		chunks = nil
	}
	took := false
	err = s.update(ctx, func(t *tx) error {
		took, err = accept(t, id, len(phones), chunks)
		return err
	})
	if id != 0 && (err != nil || !took) {
		err = errors.Join(err, s.update(ctx, func(t *tx) error { return t.delPrefix(bSelection, be8(uint64(id))) }))
	}
	return err
}

// freeze lists the phones of a selection, in order of their ids, in short reads.
func (s *Store) freeze(ctx context.Context, n *db.NewJob) ([]db.PhoneID, error) {
	sel := &n.Job.Selection
	if !sel.All && n.Filter == nil && len(n.Phones) == 0 {
		return nil, &db.FieldError{Field: "selection", Err: errors.New("names no phone")}
	}
	if len(n.Phones) > 0 {
		phones := slices.Clone(n.Phones)
		slices.Sort(phones)
		return slices.Compact(phones), nil
	}
	var phones []db.PhoneID
	var after []byte
	for more := true; more; {
		err := s.view(ctx, func(t *tx) (err error) {
			phones, after, more, err = t.freezeSome(n.Filter, phones, after)
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(phones) > maxSelection {
			return nil, fmt.Errorf("the selection is over %d phones: %w", maxSelection, db.ErrTooMany)
		}
	}
	return phones, nil
}

// freezeSome adds phones until the time for one read is over.
func (t *tx) freezeSome(f *filter.Filter, phones []db.PhoneID, after []byte) ([]db.PhoneID, []byte, bool, error) {
	bucket, prefix := bPhones, []byte(nil)
	if p := phoneIndexFor(f); p != nil {
		bucket, prefix = bIndex, p
	}
	until := time.Now().Add(maxScanTime)
	l := list[struct{}]{c: t.Bucket(bucket).Cursor(), prefix: prefix}
	k, _ := l.first(after)
	for n := 1; k != nil && bytes.HasPrefix(k, prefix); n++ {
		id := db.PhoneID(num(k[len(prefix):]))
		if f != nil {
			st, err := t.phoneStatus(id)
			if err != nil {
				return nil, nil, false, err
			}
			if !f.Match(func(name string) filterValue { return st.Field(name) }) {
				id = 0
			}
		}
		if id != 0 {
			phones = append(phones, id)
		}
		if n%256 == 0 && time.Now().After(until) {
			return phones, slices.Clone(k), true, nil
		}
		k, _ = l.step()
	}
	return phones, nil, false, nil
}

// freezeAhead writes a large selection in several commits, under a job number
// that no order has yet. What a crash leaves of it is removed at start.
func (s *Store) freezeAhead(ctx context.Context, chunks [][]db.PhoneID) (id db.JobID, err error) {
	err = s.update(ctx, func(t *tx) error {
		n, err := t.next(bJobs)
		id = db.JobID(n)
		return err
	})
	for i := 0; err == nil && i < len(chunks); i += maxChunks {
		err = s.update(ctx, func(t *tx) error {
			return t.putChunks(id, i, chunks[i:min(i+maxChunks, len(chunks))])
		})
	}
	return id, err
}

func (t *tx) putChunks(id db.JobID, from int, chunks [][]db.PhoneID) error {
	for i, chunk := range chunks {
		v := make([]byte, 0, 8*len(chunk))
		for _, p := range chunk {
			v = binary.BigEndian.AppendUint64(v, uint64(p))
		}
		if err := t.put(bSelection, chunkKey(id, from+i), v); err != nil {
			return err
		}
	}
	return nil
}

func chunkKey(id db.JobID, chunk int) []byte {
	return binary.BigEndian.AppendUint32(be8(uint64(id)), uint32(chunk))
}

// accept writes the order: job, selection, expiry and idempotency key together.
func (t *tx) accept(n *db.NewJob, id db.JobID, selected int, chunks [][]db.PhoneID) (st db.JobStatus, err error) {
	j := n.Job
	j.ID, j.Selected, j.State = id, selected, db.JobExpanding
	if j.Args.File != 0 {
		if _, err := t.loadFile(j.Args.File); err != nil {
			return st, &db.FieldError{Field: "args.file", Err: err}
		}
	}
	if j.When.Window != 0 {
		if _, err := t.loadWindow(j.When.Window); err != nil {
			return st, &db.FieldError{Field: "when.window", Err: err}
		}
	}
	if j.ID == 0 {
		num, err := t.next(bJobs)
		if err != nil {
			return st, err
		}
		j.ID = db.JobID(num)
	}
	if err := t.putChunks(j.ID, 0, chunks); err != nil {
		return st, err
	}
	if err := t.addDue(expiryOf(&j)); err != nil {
		return st, err
	}
	if err := t.keepNeeds(&j); err != nil {
		return st, err
	}
	if t.jobs == nil {
		t.jobs = make(map[db.JobID]*db.Job)
	}
	t.jobs[j.ID] = &j
	t.touch(&j)
	t.event(db.Event{Type: "job.created", Job: j.ID})
	if err := t.settleJob(&j); err != nil { // an order for nobody ends here
		return st, err
	}
	st = t.jobStatus(&j)
	if n.Idempotency.Key == "" {
		return st, nil
	}
	return st, t.putIdem(idemKey(&n.Idempotency), idemRecord{Body: t.s.digest(n.Idempotency.Body), At: j.Created, Job: st})
}
