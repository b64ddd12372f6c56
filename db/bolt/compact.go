package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"

	"phoneacs/db"
)

// compactChunk bounds a transaction of the new file, in bytes.
const compactChunk = 4 << 20

// compactInto writes what is in src to a new file, without free pages.
func compactInto(ctx context.Context, path string, src *bbolt.DB) error {
	dst, err := openCopy(path)
	if err != nil {
		return err
	}
	err = ctx.Err()
	if err == nil {
		err = bbolt.Compact(dst, src, compactChunk)
	}
	return errors.Join(err, dst.Close())
}

// lockFile opens the store's file of a directory for one who is alone with it.
// Nothing is made or changed in it.
func lockFile(dir string) (*bbolt.DB, error) {
	path := filepath.Join(dir, FileName)
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("no store in %s: %w", dir, err)
	} else if info.Size() == 0 {
		return nil, fmt.Errorf("open store %s: %w", path, damaged(errEmpty))
	}
	b, err := openFile(path, &bbolt.Options{Timeout: lockWait, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	switch {
	case errors.Is(err, db.ErrLocked):
		return nil, fmt.Errorf("open store %s: %w: stop the phoneacs that serves from it first", path, err)
	case err != nil:
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	return b, nil
}

// Exists reports whether dir has a store.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, FileName))
	return err == nil
}

// Lock keeps the store of dir from being opened until release is called. It
// fails with db.ErrLocked if it is open, and does nothing where there is none.
func Lock(dir string) (release func() error, err error) {
	if !Exists(dir) {
		return func() error { return nil }, nil
	}
	b, err := lockFile(dir)
	if err != nil {
		return nil, err
	}
	return b.Close, nil
}

// Compact writes the store of dir anew without free pages, to out or, if that
// is empty, in its own place once the new file was found to hold the same. It
// returns the sizes of the file, in bytes. db.ErrLocked if the store is open.
func Compact(ctx context.Context, dir, out string) (before, after int64, err error) {
	src, err := lockFile(dir)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	path := filepath.Join(dir, FileName)
	part := out
	if out == "" {
		part = path + ".compact"
		if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, 0, fmt.Errorf("compact: %w", err)
		}
	} else if _, err := os.Lstat(out); err == nil {
		return 0, 0, fmt.Errorf("compact: %s exists: name a file that does not", out)
	}
	made := false
	defer func() {
		if !made {
			_ = os.Remove(part) // what stays is named in the error
		}
	}()
	if err := compactInto(ctx, part, src); err != nil {
		return 0, 0, fmt.Errorf("compact to %s: %w", part, noSpace(err))
	}
	if err := sameContent(ctx, src, part); err != nil {
		return 0, 0, fmt.Errorf("compare %s with the store: %w", part, err)
	}
	if before, err = size(path); err == nil {
		after, err = size(part)
	}
	if err == nil {
		err = syncFile(part)
	}
	if err == nil && out == "" {
		err = sameOwner(path, part)
	}
	if err == nil && out == "" {
		err = os.Rename(part, path)
	}
	if err == nil {
		made = true
		err = syncDir(filepath.Dir(part))
	}
	if err != nil {
		return 0, 0, fmt.Errorf("compact: %w", err)
	}
	return before, after, nil
}

func size(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", path, noSpace(err))
	}
	return nil
}

// sameContent holds a new file against the one that it was made from, pages and
// all records.
func sameContent(ctx context.Context, src *bbolt.DB, path string) error {
	dst, err := openCopy(path)
	if err != nil {
		return err
	}
	err = src.View(func(a *bbolt.Tx) error {
		return dst.View(func(b *bbolt.Tx) error {
			for err := range b.Check() {
				return err
			}
			return sameBuckets(ctx, a, b)
		})
	})
	return errors.Join(err, dst.Close())
}

func sameBuckets(ctx context.Context, a, b *bbolt.Tx) error {
	names := 0
	err := a.ForEach(func(name []byte, was *bbolt.Bucket) error {
		names++
		is := b.Bucket(name)
		if is == nil || is.Sequence() != was.Sequence() {
			return fmt.Errorf("%s: %w", name, errCorrupt)
		}
		c, n := is.Cursor(), 0
		k, v := c.First()
		err := was.ForEach(func(wk, wv []byte) error {
			if n++; n%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if !bytes.Equal(k, wk) || !bytes.Equal(v, wv) {
				return fmt.Errorf("%s: %w", name, errCorrupt)
			}
			k, v = c.Next()
			return nil
		})
		if err == nil && k != nil {
			err = fmt.Errorf("%s has more: %w", name, errCorrupt)
		}
		return err
	})
	if err != nil {
		return err
	}
	return b.ForEach(func(_ []byte, _ *bbolt.Bucket) error {
		if names--; names < 0 {
			return fmt.Errorf("more buckets: %w", errCorrupt)
		}
		return nil
	})
}
