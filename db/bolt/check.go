package bolt

import (
	"context"
	"encoding/hex"
	"fmt"

	"phoneacs/db"
)

// maxFaults bounds what Check reports: a damaged store has them in masses.
const maxFaults = 100

// Check proves the invariants of the store. Writers wait while it looks at the
// pages; all else it reads in one transaction: writers go on, but the file grows
// meanwhile.
func (s *Store) Check(ctx context.Context) (faults []string, err error) {
	if faults, err = s.checkPages(ctx); err != nil {
		return faults, err
	}
	err = s.view(ctx, func(t *tx) error {
		c := &checker{tx: t, ctx: ctx, faults: faults, numbers: map[string]int64{}, fileJobs: map[string]bool{}, windowJobs: map[string]bool{}}
		for _, part := range []func() error{
			c.phones, c.phoneIndexes, c.secrets, c.jobs, c.tasks, c.taskEntries, c.dues, c.openLinks, c.files, c.told, c.quirks, c.uploads, c.recordings, c.unreadable,
			c.enrolments, c.admissions, c.tokens, c.audits, c.replacements, c.windows, c.recurring, c.runs, c.totals,
		} {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := part(); err != nil {
				return err
			}
		}
		faults = c.faults
		return nil
	})
	return faults, err
}

type checker struct {
	*tx
	ctx        context.Context
	faults     []string
	numbers    map[string]int64 // counters as recounted
	counts     map[db.JobID]*[9]int64
	fileJobs   map[string]bool
	windowJobs map[string]bool
	busy       int
	open       int
	links      int
	waiting    int
	closes     int
	expiries   int
	deadline   int
	recurs     int
}

func (c *checker) faultf(format string, args ...any) {
	if len(c.faults) < maxFaults {
		c.faults = append(c.faults, fmt.Sprintf(format, args...))
	}
}

func (c *checker) each(bucket []byte, fn func(k, v []byte) error) error {
	n := 0
	return c.Bucket(bucket).ForEach(func(k, v []byte) error {
		if n++; n%1024 == 0 && c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		return fn(k, v)
	})
}

// checkPages has the place of the writer, and writes nothing: bbolt holds the
// pages against the list of free ones as it is now, not as the transaction
// found it.
func (s *Store) checkPages(ctx context.Context) (faults []string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, db.ErrClosed
	}
	t, err := s.bolt.Begin(true)
	if err != nil {
		return nil, fmt.Errorf("begin to check pages: %w", err)
	}
	c := &checker{}
	for fault := range t.Check() {
		c.faultf("file: %v", fault)
	}
	return c.faults, t.Rollback()
}

func (c *checker) phones() error {
	return c.each(bPhones, func(k, v []byte) error {
		p, err := decodePhone(v)
		if err != nil {
			c.faultf("phone %d: %v", num(k), err)
			return nil
		}
		if uint64(p.ID) != num(k) {
			c.faultf("phone %s is stored under %d", p.ID, num(k))
		}
		c.numbers["phones."+string(p.State)]++
		unique, index := indexKeys(&p)
		for _, key := range unique {
			if owner := c.get(bUnique, []byte(key)); owner == nil || num(owner) != num(k) {
				c.faultf("phone %s is not found by %q", p.ID, key)
			}
		}
		for _, key := range index {
			if !c.has(bIndex, []byte(key)) {
				c.faultf("phone %s is missing in index %q", p.ID, key[:len(key)-9])
			}
		}
		if !c.has(bSites, be8(uint64(p.Site))) {
			c.faultf("phone %s is at site %s, which does not exist", p.ID, p.Site)
		}
		return nil
	})
}

func (c *checker) phoneIndexes() error {
	check := func(key string, id db.PhoneID, unique bool) error {
		p, err := c.loadPhone(id)
		if err != nil {
			c.faultf("index %q names phone %s, which does not exist", key, id)
			return nil
		}
		u, ix := indexKeys(&p)
		if !unique {
			u = ix
		}
		for _, k := range u {
			if k == key {
				return nil
			}
		}
		c.faultf("index %q names phone %s, which has another value", key, id)
		return nil
	}
	err := c.each(bUnique, func(k, v []byte) error { return check(string(k), db.PhoneID(num(v)), true) })
	if err != nil {
		return err
	}
	return c.each(bIndex, func(k, _ []byte) error {
		return check(string(k), db.PhoneID(num(k[len(k)-8:])), false)
	})
}

func (c *checker) files() error {
	err := c.each(bFiles, func(k, v []byte) error {
		var f db.File
		if err := decode(bFiles, v, &f); err != nil {
			return err
		}
		if b, err := c.s.OpenBlob(context.Background(), f.SHA256); err != nil {
			c.faultf("file %s: %v", f.ID, err)
		} else {
			if b.Size() != f.Size {
				c.faultf("file %s is %d bytes, its entry says %d", f.ID, b.Size(), f.Size)
			}
			_ = b.Close()
		}
		if !c.has(bDigests, append([]byte(f.SHA256), k...)) {
			c.faultf("file %s is not listed under its digest", f.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.each(bFileJobs, func(k, _ []byte) error {
		if !c.fileJobs[string(k)] {
			c.faultf("file %d is kept for job %d, which has ended", num(k), num(k[8:]))
		}
		delete(c.fileJobs, string(k))
		return nil
	})
}

func (c *checker) totals() error {
	for key := range c.fileJobs {
		c.faultf("job file entry %s is missing", hex.EncodeToString([]byte(key)))
	}
	for id, n := range c.counts {
		if got := c.tx.counts(id); got != *n {
			c.faultf("job %s counts %v, its tasks are %v", id, got, *n)
		}
	}
	busy := 0
	if err := c.each(bBusy, func(_, _ []byte) error { busy++; return nil }); err != nil {
		return err
	}
	if busy != c.busy {
		c.faultf("%d busy entries, %d jobs are busy", busy, c.busy)
	}
	return c.each(bNumbers, func(k, v []byte) error {
		if got, want := int64(num(v)), c.numbers[string(k)]; got != want {
			c.faultf("counter %s is %d, counted %d", k, got, want)
		}
		return nil
	})
}
