package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"

	"phoneacs/db"
)

// Snapshot copies the pages of one commit to a file of their own. Only that is
// done in a transaction; what is taken out of the copy is taken out of the file.
func (s *Store) Snapshot(ctx context.Context, dir string, o db.SnapshotOptions) (snap db.Snapshot, err error) {
	if err := s.Flush(ctx); err != nil {
		return snap, fmt.Errorf("copy store: %w", err)
	}
	path := filepath.Join(dir, FileName)
	if err := s.copyPages(ctx, path); err != nil {
		return snap, fmt.Errorf("copy store: %w", noSpace(err))
	}
	snap = db.Snapshot{Path: path, Layout: Schema}
	if !o.Secrets {
		if err := s.leaveSecretsOut(ctx, path, o.Now, &snap.Counts); err != nil {
			return snap, fmt.Errorf("leave secrets out of copy: %w", noSpace(err))
		}
	}
	if err := count(ctx, path, &snap.Counts); err != nil {
		return snap, fmt.Errorf("look through copy: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return snap, fmt.Errorf("look at copy: %w", err)
	}
	snap.Size, snap.Blobs = info.Size(), blobsOf(path)
	return snap, nil
}

func (s *Store) copyPages(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = s.view(ctx, func(t *tx) error {
		_, err := t.WriteTo(&untilDone{ctx, f})
		return err
	})
	return errors.Join(err, f.Close())
}

// untilDone is a writer that gives up with its context: a copy must not hold up
// the end of the server.
type untilDone struct {
	ctx context.Context
	w   io.Writer
}

func (u *untilDone) Write(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(p)
}

// openCopy opens a file of a store that nobody serves from.
func openCopy(path string) (*bbolt.DB, error) {
	return bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: lockWait, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType,
		NoSync: true, NoGrowSync: true, // whoever asked for the copy syncs what becomes of it
	})
}

// readCopy opens one that is only read. What pages are free in it is not looked
// for, which would read all of it.
func readCopy(path string) (*bbolt.DB, error) {
	return bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, ReadOnly: true})
}

// count says how much there is in a copy.
func count(ctx context.Context, path string, n *db.SnapshotCounts) error {
	b, err := readCopy(path)
	if err != nil {
		return err
	}
	err = b.View(func(b *bbolt.Tx) error {
		for _, c := range []struct {
			bucket []byte
			into   *int
		}{{bPhones, &n.Phones}, {bJobs, &n.Jobs}, {bTasks, &n.Tasks}, {bFiles, &n.Files}, {bUploads, &n.Uploads}} {
			at := 0
			err := b.Bucket(c.bucket).ForEach(func(_, _ []byte) error {
				if at++; at%1024 == 0 {
					return ctx.Err()
				}
				return nil
			})
			if err != nil {
				return err
			}
			*c.into = at
		}
		return nil
	})
	return errors.Join(err, b.Close())
}

// blobsOf tells what bytes the records of a copy refer to.
func blobsOf(path string) iter.Seq2[db.BlobRef, error] {
	return func(yield func(db.BlobRef, error) bool) {
		b, err := readCopy(path)
		if err == nil {
			defer b.Close() // nothing was written
			err = b.View(func(b *bbolt.Tx) error { return eachBlob(b, yield) })
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(db.BlobRef{}, fmt.Errorf("list bytes of copy: %w", err))
		}
	}
}

var errEnough = errors.New("enough")

func eachBlob(b *bbolt.Tx, yield func(db.BlobRef, error) bool) error {
	const sum = 64
	c := b.Bucket(bDigests).Cursor()
	for k, _ := c.First(); k != nil; {
		if len(k) <= sum {
			return fmt.Errorf("digest entry %x: %w", k, errCorrupt)
		}
		bucket := bFiles
		if len(k) == sum+16 {
			bucket = bUploads
		}
		v := b.Bucket(bucket).Get(k[sum:])
		var r struct {
			Size int64 `json:"size"`
		}
		if err := json.Unmarshal(v, &r); err != nil {
			return fmt.Errorf("record of digest %s: %w", k[:sum], errCorrupt)
		}
		digest := string(k[:sum])
		if !yield(db.BlobRef{SHA256: digest, Size: r.Size}, nil) {
			return errEnough
		}
		k, _ = c.Seek(successor([]byte(digest)))
	}
	return nil
}
