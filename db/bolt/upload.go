package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
)

func uploadKey(u *db.Upload) []byte { return key2(uint64(u.Phone), uint64(u.ID)) }

// uploadDigest is where an upload stands among those who have some bytes.
func uploadDigest(u *db.Upload) []byte { return append([]byte(u.SHA256), uploadKey(u)...) }

// AddUpload adds what a phone has sent.
func (s *Store) AddUpload(ctx context.Context, hash [32]byte, u db.Upload) (added db.Upload, gone []string, err error) {
	b, err := s.OpenBlob(ctx, u.SHA256)
	if err != nil {
		return u, nil, err
	}
	u.Size = b.Size()
	if err := b.Close(); err != nil {
		return u, nil, fmt.Errorf("close blob: %w", err)
	}
	err = s.update(ctx, func(t *tx) error {
		added = u
		gone, err = t.addUpload(hash, &added)
		return err
	})
	return added, gone, err
}

func (t *tx) addUpload(hash [32]byte, u *db.Upload) (gone []string, err error) {
	var l db.Link
	if err := t.getJSON(bLinks, hash[:], &l); err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	if l.Role != db.LinkUpload {
		return nil, fmt.Errorf("link is not for uploads: %w", db.ErrNotFound)
	}
	id := l.Attempt
	u.Phone, u.Job, u.Attempt, u.Kind = id.Task.Phone, id.Task.Job, id.N, l.What
	n, err := t.next(bUploads)
	if err != nil {
		return nil, err
	}
	u.ID = db.UploadID(n)
	if gone, err = t.makeUploadRoom(u); err != nil {
		return nil, err
	}
	if err := t.putJSON(bUploads, uploadKey(u), u); err != nil {
		return nil, err
	}
	if err := t.put(bDigests, uploadDigest(u), nil); err != nil {
		return nil, err
	}
	gone = slices.DeleteFunc(gone, func(sum string) bool { return t.blobUsed(sum) })
	task, err := t.loadTask(id.Task)
	if err != nil {
		return nil, err
	}
	if id.N > len(task.Attempts) {
		return nil, fmt.Errorf("task %s has no attempt %d: %w", id.Task, id.N, errCorrupt)
	}
	a := &task.Attempts[id.N-1]
	if a.Moved.IsZero() {
		a.Moved = u.Created
	}
	a.BytesIn = u.Size
	t.event(db.Event{Type: "upload.created", Phone: u.Phone, Job: u.Job})
	return gone, t.putJSON(bTasks, taskKey(id.Task), task)
}

// makeUploadRoom takes away what a new upload takes the place of: an earlier one of
// the same attempt, and the oldest of its kind beyond what is kept. It returns
// their digests.
func (t *tx) makeUploadRoom(u *db.Upload) (gone []string, err error) {
	of, err := t.uploadsOf(u.Phone)
	if err != nil {
		return nil, err
	}
	kept := 1 // the new one
	for _, old := range slices.Backward(of) {
		switch {
		case old.Kind != u.Kind:
			continue
		case (old.Job != u.Job || old.Attempt != u.Attempt) && kept < db.UploadsKept:
			kept++
			continue
		}
		if err := t.delUpload(&old); err != nil {
			return nil, err
		}
		gone = append(gone, old.SHA256)
	}
	return gone, nil
}

// uploadsOf returns a phone's uploads, oldest first. They are few.
func (t *tx) uploadsOf(phone db.PhoneID) (all []db.Upload, err error) {
	prefix := be8(uint64(phone))
	c := t.Bucket(bUploads).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		var u db.Upload
		if err := decode(bUploads, v, &u); err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

func (t *tx) delUpload(u *db.Upload) error {
	if err := t.del(bDigests, uploadDigest(u)); err != nil {
		return err
	}
	return t.del(bUploads, uploadKey(u))
}

// delUploads forgets the uploads of a phone. Their bytes are nobody's then.
func (t *tx) delUploads(phone db.PhoneID) error {
	of, err := t.uploadsOf(phone)
	if err != nil {
		return err
	}
	for i := range of {
		if err := t.delUpload(&of[i]); err != nil {
			return err
		}
	}
	return nil
}

// Upload returns one.
func (s *Store) Upload(ctx context.Context, phone db.PhoneID, id db.UploadID) (u db.Upload, err error) {
	err = s.view(ctx, func(t *tx) error {
		if err := t.getJSON(bUploads, key2(uint64(phone), uint64(id)), &u); err != nil {
			return fmt.Errorf("upload %s of %s: %w", id, phone, err)
		}
		return nil
	})
	return u, err
}

// PhoneUploads lists those of a phone, newest first.
func (s *Store) PhoneUploads(ctx context.Context, phone db.PhoneID, q db.Query) (page db.Page[db.Upload], err error) {
	err = s.view(ctx, func(t *tx) error {
		if _, err := t.loadPhone(phone); err != nil {
			return err
		}
		l := list[db.Upload]{name: "uploads", q: q, c: t.Bucket(bUploads).Cursor(), prefix: be8(uint64(phone)), reverse: true, field: (*db.Upload).Field}
		l.load = func(_, v []byte) (u db.Upload, err error) { err = json.Unmarshal(v, &u); return u, err }
		page, err = l.page()
		return err
	})
	return page, err
}

// BlobUsed says whether somebody has bytes of that digest.
func (s *Store) BlobUsed(ctx context.Context, digest string) (used bool, err error) {
	err = s.view(ctx, func(t *tx) error { used = t.blobUsed(digest); return nil })
	return used, err
}

func (t *tx) blobUsed(digest string) bool {
	k, _ := t.Bucket(bDigests).Cursor().Seek([]byte(digest))
	return bytes.HasPrefix(k, []byte(digest))
}

// pruneUploads removes uploads that are past their keeping, in steps that hold
// nobody up. The bytes are left to whoever looks for those that nobody has.
func (s *Store) pruneUploads(ctx context.Context, now time.Time) error {
	if s.opts.UploadsKept < 0 {
		return nil
	}
	var after []byte
	for {
		var old []db.Upload
		more := false
		err := s.view(ctx, func(t *tx) error {
			old = nil
			c := t.Bucket(bUploads).Cursor()
			n := 0
			for k, v := c.Seek(after); k != nil; k, v = c.Next() {
				if n++; n > maxScan {
					after, more = slices.Clone(k), true
					return nil
				}
				var u db.Upload
				if err := decode(bUploads, v, &u); err != nil {
					return err
				}
				if now.Sub(u.Created) >= s.opts.UploadsKept {
					old = append(old, u)
				}
			}
			return nil
		})
		if err == nil && len(old) > 0 {
			err = s.update(ctx, func(t *tx) error {
				for i := range old {
					if err := t.delUpload(&old[i]); err != nil {
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
