package bolt

import (
	"bytes"
	"context"
	"sync"
	"time"

	"phoneacs/db"
)

// auditLag is how many entries wait in memory before who adds one more waits.
const auditLag = 1024

// softAudit holds entries of the audit trail that are not on disk yet.
type softAudit struct {
	mu      sync.Mutex
	entries []db.AuditEntry
}

func (f *softAudit) add(e db.AuditEntry) (waiting int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.entries = append(f.entries, e)
	return len(f.entries)
}

func (f *softAudit) waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.entries)
}

// take takes all out, for a step that writes them.
func (f *softAudit) take() (entries []db.AuditEntry, putBack func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	entries = f.entries
	f.entries = nil
	return entries, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.entries = append(entries, f.entries...)
		if over := len(f.entries) - db.AuditKept; over > 0 { // while nothing can be written
			f.entries = f.entries[over:]
		}
	}
}

// NoteAudit adds an entry to the audit trail.
func (s *Store) NoteAudit(ctx context.Context, e db.AuditEntry) error {
	e.Object = e.Object[:min(len(e.Object), db.MaxAuditText)]
	if s.audit.waiting() >= auditLag && s.Waited() >= db.StuckAfter {
		return db.ErrStuck // lost, and said: what is noted then was refused as well
	}
	if s.audit.add(e) < auditLag {
		return nil
	}
	return s.flushAudit(ctx)
}

// flushAudit writes the entries that wait, and drops the oldest beyond db.AuditKept.
func (s *Store) flushAudit(ctx context.Context) error {
	if s.audit.waiting() == 0 {
		return nil
	}
	return s.update(ctx, func(t *tx) error {
		entries, putBack := s.audit.take()
		t.undo(putBack)
		for _, e := range entries {
			n, err := t.next(bAudit)
			if err != nil {
				return err
			}
			if err := t.putJSON(bAudit, be8(n), e); err != nil {
				return err
			}
		}
		t.number("audit", int64(len(entries)))
		return t.trimAudit(func(left int64, _ db.AuditEntry) bool { return left > db.AuditKept })
	})
}

// trimAudit removes the oldest entries while drop says so; left counts those
// that there are.
func (t *tx) trimAudit(drop func(left int64, e db.AuditEntry) bool) error {
	left := t.readNumber("audit")
	var keys [][]byte
	c := t.Bucket(bAudit).Cursor()
	for k, v := c.First(); k != nil && len(keys) < db.AuditKept; k, v = c.Next() {
		var e db.AuditEntry
		if err := decode(bAudit, v, &e); err != nil {
			return err
		}
		if !drop(left-int64(len(keys)), e) {
			break
		}
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		if err := t.del(bAudit, k); err != nil {
			return err
		}
	}
	t.number("audit", -int64(len(keys)))
	return nil
}

// pruneAudit removes entries that are past their keeping.
func (s *Store) pruneAudit(ctx context.Context, before time.Time) error {
	for old := true; old; {
		err := s.view(ctx, func(t *tx) error {
			old = false
			_, v := t.Bucket(bAudit).Cursor().First()
			if v == nil {
				return nil
			}
			var e db.AuditEntry
			err := decode(bAudit, v, &e)
			old = err == nil && e.Time.Before(before)
			return err
		})
		if err == nil && old {
			err = s.update(ctx, func(t *tx) error {
				return t.trimAudit(func(_ int64, e db.AuditEntry) bool { return e.Time.Before(before) })
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ListAudit returns entries, newest first. What waits is written first; where
// that fails, or the disk is stuck, what is on disk is still told.
func (s *Store) ListAudit(ctx context.Context, q db.Query) (page db.Page[db.AuditEntry], err error) {
	if s.Waited() < db.StuckAfter {
		_ = s.flushAudit(ctx)
	}
	err = s.view(ctx, func(t *tx) error {
		l := list[db.AuditEntry]{name: "audit", q: q, c: t.Bucket(bAudit).Cursor(), reverse: true, field: (*db.AuditEntry).Field}
		l.load = func(_, v []byte) (e db.AuditEntry, err error) { err = decode(bAudit, v, &e); return e, err }
		page, err = l.page()
		return err
	})
	return page, err
}

// audits checks that the audit trail can be read, and is within its bound.
func (c *checker) audits() error {
	n := 0
	err := c.each(bAudit, func(k, v []byte) error {
		n++
		var e db.AuditEntry
		if err := decode(bAudit, v, &e); err != nil || e.Route == "" {
			c.faultf("entry %d of the audit trail cannot be read", num(k))
		}
		return nil
	})
	if n > db.AuditKept {
		c.faultf("%d entries of the audit trail, %d are kept", n, db.AuditKept)
	}
	if n > 0 {
		c.numbers["audit"] = int64(n)
	}
	return err
}
