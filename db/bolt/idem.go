package bolt

import (
	"context"
	"slices"
	"time"

	"phoneacs/db"
)

// idemRecord is the first answer to an idempotency key.
type idemRecord struct {
	Body   [32]byte     `json:"body"` // see Store.digest
	At     time.Time    `json:"at"`
	Job    db.JobStatus `json:"job"`
	Sealed []byte       `json:"sealed,omitempty"` // as of storedJob
}

func idemKey(i *db.Idempotency) []byte { return append(be8(uint64(i.Token)), i.Key...) }

// JobByKey returns the job that was first answered to an idempotency key.
func (s *Store) JobByKey(ctx context.Context, i db.Idempotency, now time.Time) (st db.JobStatus, ok bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		st, ok, err = t.answered(&db.NewJob{Job: db.Job{Created: now}, Idempotency: i})
		return err
	})
	return st, ok, err
}

// answered finds the first answer to the order's idempotency key.
func (t *tx) answered(n *db.NewJob) (st db.JobStatus, again bool, err error) {
	if n.Idempotency.Key == "" {
		return st, false, nil
	}
	key := idemKey(&n.Idempotency)
	v := t.get(bIdem, key)
	if v == nil {
		return st, false, nil
	}
	var r idemRecord
	if err := decode(bIdem, v, &r); err != nil {
		return st, false, err
	}
	switch {
	case n.Job.Created.Sub(r.At) >= db.IdempotencyKept:
		return st, false, nil
	case r.Body != t.s.digest(n.Idempotency.Body):
		return st, false, db.ErrIdempotencyMismatch
	}
	return r.Job, true, t.s.openArgs(idemContext(key), &r.Job.Args, r.Sealed)
}

// Prune removes what is past its keeping.
func (s *Store) Prune(ctx context.Context, now time.Time) error {
	if err := s.pruneRecordings(ctx, now); err != nil {
		return err
	}
	if err := s.pruneKeys(ctx, now); err != nil {
		return err
	}
	if err := s.pruneAudit(ctx, now.Add(-db.AuditTime)); err != nil {
		return err
	}
	if err := s.pruneUploads(ctx, now); err != nil {
		return err
	}
	if err := s.pruneJobs(ctx, now); err != nil {
		return err
	}
	return s.pruneHistory(ctx, now)
}

// pruneKeys removes idempotency keys that are past their keeping.
func (s *Store) pruneKeys(ctx context.Context, now time.Time) error {
	var after []byte
	for {
		var old [][]byte
		more := false
		err := s.view(ctx, func(t *tx) error {
			old = nil
			c := t.Bucket(bIdem).Cursor()
			n := 0
			for k, v := c.Seek(after); k != nil; k, v = c.Next() {
				if n++; n > maxScan {
					after, more = slices.Clone(k), true
					return nil
				}
				var r struct {
					At time.Time `json:"at"`
				}
				if err := decode(bIdem, v, &r); err != nil {
					return err
				}
				if now.Sub(r.At) >= db.IdempotencyKept {
					old = append(old, slices.Clone(k))
				}
			}
			return nil
		})
		if err == nil && len(old) > 0 {
			err = s.update(ctx, func(t *tx) error {
				for _, k := range old {
					if err := t.del(bIdem, k); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err != nil || !more {
			return err
		}
	}
}
