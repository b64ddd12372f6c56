package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
)

// maxDeed bounds the name of a deed, in bytes.
const maxDeed = 64

func runKey(phone db.PhoneID, w db.Deed) []byte { return append(be8(uint64(phone)), w...) }

// Runs returns the last runs of a phone.
func (s *Store) Runs(ctx context.Context, phone db.PhoneID) (runs []db.Run, err error) {
	err = s.view(ctx, func(t *tx) error {
		prefix := be8(uint64(phone))
		c := t.Bucket(bRuns).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if len(v) != 8 {
				return fmt.Errorf("run of phone %s: %w", phone, errCorrupt)
			}
			runs = append(runs, db.Run{Deed: db.Deed(k[8:]), At: time.UnixMilli(int64(num(v))).UTC()})
		}
		return nil
	})
	return runs, err
}

// noteRun keeps that a task has succeeded, unless it was given at a slot of a
// flexible window; what waits for such a slot by the same deed is filed anew.
func (t *tx) noteRun(task *db.Task, j *db.Job, v *db.Verdict) error {
	deed, err := t.deedOf(j)
	if err != nil || deed == "" {
		return err
	}
	if own, err := t.flexible(j); err != nil || own {
		return err
	}
	at := task.Attempts[v.Attempt-1].Sent.Add(j.Args.Delay)
	if at.After(v.Now) {
		at = v.Now
	}
	key := runKey(task.ID.Phone, deed)
	if old := t.get(bRuns, key); len(old) == 8 && num(old) >= millis(at) && !(db.Run{At: fromMillis(num(old))}).Ahead(v.Now) {
		return nil // a late proof of what was long ago
	}
	if err := t.put(bRuns, key, be8(millis(at))); err != nil {
		return err
	}
	return t.unfileSome(task.ID.Phone, v.Now, func(j *db.Job) (bool, error) {
		w, err := t.deedOf(j)
		if err != nil || w != deed {
			return false, err
		}
		return t.flexible(j)
	})
}

// deedOf is the deed of a job; "" if its file is gone, as it may be once the
// job has ended.
func (t *tx) deedOf(j *db.Job) (db.Deed, error) {
	switch {
	case j.Kind == db.KindDownload:
		f, err := t.loadFile(j.Args.File)
		if errors.Is(err, db.ErrNotFound) {
			return "", nil
		} else if err != nil {
			return "", err
		}
		return db.DeedOf(j.Kind, f.Kind), nil
	case j.Kind == db.KindUpload && j.Args.Upload != nil:
		return db.DeedOf(j.Kind, j.Args.Upload.Kind), nil
	}
	return db.DeedOf(j.Kind, ""), nil
}

// flexible reports whether the tasks of a job are given at slots of a flexible
// window. Of a window that is gone, since the job had ended, it is not known
// any more: it is taken for one, so that no count begins anew by mistake.
func (t *tx) flexible(j *db.Job) (bool, error) {
	switch {
	case j.When.Inline != nil:
		return j.When.Inline.Flexible != nil, nil
	case j.When.Window == 0:
		return false, nil
	}
	w, err := t.loadWindow(j.When.Window)
	if errors.Is(err, db.ErrNotFound) {
		return true, nil
	}
	return w.Window.Flexible != nil, err
}

// runs checks that each run is of a phone, and can be read.
func (c *checker) runs() error {
	return c.each(bRuns, func(k, v []byte) error {
		if len(k) <= 8 || len(k) > 8+maxDeed || len(v) != 8 {
			c.faultf("run %x of phone cannot be read", k)
		} else if !c.has(bPhones, k[:8]) {
			c.faultf("a run is kept of phone %d, which does not exist", num(k))
		}
		return nil
	})
}
