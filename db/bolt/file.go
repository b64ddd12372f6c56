package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"phoneacs/db"
)

// AddFile adds an entry to the catalogue.
func (s *Store) AddFile(ctx context.Context, f db.File) (db.File, error) {
	b, err := s.OpenBlob(ctx, f.SHA256)
	if err != nil {
		return f, err
	}
	f.Size = b.Size()
	if err := b.Close(); err != nil {
		return f, fmt.Errorf("close blob: %w", err)
	}
	err = s.update(ctx, func(t *tx) error {
		id, err := t.next(bFiles)
		if err != nil {
			return err
		}
		f.ID = db.FileID(id)
		t.event(db.Event{Type: "file.created"})
		if err := t.put(bDigests, append([]byte(f.SHA256), be8(id)...), nil); err != nil {
			return err
		}
		return t.putJSON(bFiles, be8(id), f)
	})
	return f, err
}

func (t *tx) loadFile(id db.FileID) (f db.File, err error) {
	if err := t.getJSON(bFiles, be8(uint64(id)), &f); err != nil {
		return f, fmt.Errorf("file %s: %w", id, err)
	}
	return f, nil
}

// File returns one entry.
func (s *Store) File(ctx context.Context, id db.FileID) (f db.File, err error) {
	err = s.view(ctx, func(t *tx) error { f, err = t.loadFile(id); return err })
	return f, err
}

// ListFiles returns the catalogue in the order of ids.
func (s *Store) ListFiles(ctx context.Context, q db.Query) (page db.Page[db.File], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.File]{name: "files", q: q, c: t.Bucket(bFiles).Cursor(), field: (*db.File).Field}
		l.load = func(_, v []byte) (f db.File, err error) { err = json.Unmarshal(v, &f); return f, err }
		page, err = l.page()
		return err
	})
	return page, err
}

// DeleteFile takes an entry away.
func (s *Store) DeleteFile(ctx context.Context, id db.FileID) (f db.File, last bool, err error) {
	err = s.update(ctx, func(t *tx) error {
		if f, err = t.loadFile(id); err != nil {
			return err
		}
		prefix := be8(uint64(id))
		if k, _ := t.Bucket(bFileJobs).Cursor().Seek(prefix); bytes.HasPrefix(k, prefix) {
			return fmt.Errorf("file %s is needed by job %s: %w", id, db.JobID(num(k[8:])), db.ErrInUse)
		}
		if err := errors.Join(t.standingNeeds(id), t.recurringNeeds(id)); err != nil {
			return err
		}
		if err := t.del(bDigests, append([]byte(f.SHA256), prefix...)); err != nil {
			return err
		}
		k, _ := t.Bucket(bDigests).Cursor().Seek([]byte(f.SHA256))
		last = !bytes.HasPrefix(k, []byte(f.SHA256))
		t.event(db.Event{Type: "file.deleted"})
		return t.del(bFiles, prefix)
	})
	return f, last, err
}

// LinkByHash finds a capability.
func (s *Store) LinkByHash(ctx context.Context, hash [32]byte) (l db.Link, err error) {
	err = s.view(ctx, func(t *tx) error {
		if err := t.getJSON(bLinks, hash[:], &l); err != nil {
			return fmt.Errorf("link: %w", err)
		}
		l.Hash = hash
		return nil
	})
	return l, err
}

// RecordFetch adds a fetch to its attempt's evidence, softly unless it is a
// proof. The attempt is
// looked up now: a quick phone reports the transfer complete, and so ends the
// link, before the fetch is written.
func (s *Store) RecordFetch(ctx context.Context, hash [32]byte, f db.Fetch) error {
	if s.soft.full() {
		if err := s.Flush(ctx); err != nil {
			return err
		}
	}
	l, err := s.LinkByHash(ctx, hash)
	if errors.Is(err, db.ErrNotFound) {
		if id, ok := s.soft.endedLink(hash); ok {
			s.soft.addFetch(softFetch{hash, id, f})
		}
		return nil
	} else if err != nil {
		return err
	}
	if f.Whole && l.Role == db.LinkNamed {
		return s.update(ctx, func(t *tx) error { return t.applyFetch(softFetch{hash, l.Attempt, f}) })
	}
	s.soft.addFetch(softFetch{hash, l.Attempt, f})
	return nil
}

func (t *tx) applyFetch(f softFetch) error {
	var l db.Link
	switch err := t.getJSON(bLinks, f.hash[:], &l); {
	case err == nil:
		l.Out += f.fetch.Bytes
		if err := t.putJSON(bLinks, f.hash[:], l); err != nil {
			return err
		}
	case !errors.Is(err, db.ErrNotFound):
		return err
	}
	task, err := t.loadTask(f.attempt.Task)
	if errors.Is(err, db.ErrNotFound) || err == nil && f.attempt.N > len(task.Attempts) {
		return nil
	} else if err != nil {
		return err
	}
	task.Attempts[f.attempt.N-1].AddFetch(f.fetch)
	return t.putJSON(bTasks, taskKey(task.ID), task)
}
