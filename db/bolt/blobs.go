package bolt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"phoneacs/db"
	"phoneacs/internal/seal"
)

// Bytes are kept at blobs/ab/abcd…, those that are sealed with .sealed behind; what is being written is in blobs/tmp.
const (
	blobDir = "blobs"
	tmpDir  = "tmp"
)

type blob struct {
	*os.File
	size int64
}

func (b *blob) Size() int64 { return b.size }

// OpenBlob opens stored bytes.
func (s *Store) OpenBlob(_ context.Context, digest string) (db.Blob, error) {
	name, err := s.blobPath(digest)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		var b db.Blob
		if b, err = s.openSealed(digest, name); err == nil {
			return b, nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("blob %s: %w", digest, db.ErrNotFound)
	} else if err != nil {
		return nil, fmt.Errorf("open blob: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open blob: %w", err), f.Close())
	}
	return &blob{f, info.Size()}, nil
}

// DeleteBlob takes bytes away.
func (s *Store) DeleteBlob(_ context.Context, digest string) error {
	name, err := s.blobPath(digest)
	if err != nil {
		return err
	}
	s.held.mu.RLock()
	defer s.held.mu.RUnlock()
	if s.held.n > 0 {
		return nil // a backup may refer to them
	}
	s.blobs.Lock()
	defer s.blobs.Unlock()
	if err := errors.Join(gone(name), gone(name+sealedSuffix)); err != nil {
		return fmt.Errorf("delete blob: %w", err)
	}
	return nil
}

func (s *Store) blobPath(digest string) (string, error) {
	if b, err := hex.DecodeString(digest); err != nil || len(b) != sha256.Size {
		return "", fmt.Errorf("blob %q: not a sha256: %w", digest, db.ErrNotFound)
	}
	return filepath.Join(s.opts.Dir, blobDir, digest[:2], digest), nil
}

// CreateBlob begins to write.
func (s *Store) CreateBlob(ctx context.Context) (db.BlobWriter, error) {
	w, err := s.createBlob(ctx)
	if err != nil {
		return nil, err
	}
	return w, nil
}

func (s *Store) createBlob(ctx context.Context) (*blobWriter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Join(s.opts.Dir, blobDir, tmpDir), "blob-*")
	if err != nil {
		return nil, fmt.Errorf("create blob: %w", noSpace(err))
	}
	return &blobWriter{s: s, f: f, sum: sha256.New()}, nil
}

type blobWriter struct {
	s    *Store
	f    *os.File
	sum  hash.Hash
	size int64 // in clear
	// sealed takes the bytes on their way to f; nil: they are not sealed.
	sealed *seal.StreamWriter
}

func (w *blobWriter) Write(p []byte) (int, error) {
	to := io.Writer(w.f)
	if w.sealed != nil {
		to = w.sealed
	}
	n, err := to.Write(p)
	w.sum.Write(p[:n])
	w.size += int64(n)
	if err != nil {
		return n, fmt.Errorf("write blob: %w", noSpace(err))
	}
	return n, nil
}

// Commit syncs the bytes, gives them their name and syncs the directory: only
// then may an entry of the catalogue point at them.
func (w *blobWriter) Commit() (string, int64, error) {
	digest := hex.EncodeToString(w.sum.Sum(nil))
	name, err := w.s.blobPath(digest)
	if err != nil {
		return "", 0, err
	}
	if w.sealed != nil {
		if err := w.sealed.Finish(blobContext(digest)); err != nil {
			return "", 0, fmt.Errorf("write blob: %w", noSpace(err))
		}
	}
	if err := w.f.Sync(); err != nil {
		return "", 0, fmt.Errorf("sync blob: %w", noSpace(err))
	}
	dir := filepath.Dir(name)
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", 0, fmt.Errorf("make blob directory: %w", noSpace(err))
	}
	// Also if it was there: whoever made it may not have come to this yet.
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return "", 0, err
	}
	if err := w.name(name); err != nil {
		return "", 0, fmt.Errorf("name blob: %w", noSpace(err))
	}
	return digest, w.size, syncDir(dir)
}

// Close removes what was not committed.
func (w *blobWriter) Close() error {
	err := w.f.Close()
	if rerr := os.Remove(w.f.Name()); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
		err = errors.Join(err, rerr)
	}
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync directory: %w", noSpace(err))
	}
	return nil
}

// clearDir removes what an earlier process was writing when it ended.
func clearDir(dir string) error {
	names, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("clear %s: %w", dir, err)
	}
	for _, n := range names {
		if err := os.Remove(filepath.Join(dir, n.Name())); err != nil {
			return fmt.Errorf("clear %s: %w", dir, err)
		}
	}
	return nil
}

// ListBlobs tells each of the stored bytes, committed or not long before, with
// their size on disk. An
// error of each ends the list.
func (s *Store) ListBlobs(ctx context.Context, each func(sha256 string, size int64) error) error {
	root := filepath.Join(s.opts.Dir, blobDir)
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // deleted while we looked
		case err != nil:
			return fmt.Errorf("list blobs: %w", err)
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() && d.Name() == tmpDir:
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return fmt.Errorf("list blobs: %w", err)
		}
		digest, sealed := strings.CutSuffix(d.Name(), sealedSuffix)
		want, err := s.blobPath(digest)
		if sealed {
			want += sealedSuffix
		}
		if err != nil || want != path {
			return nil // none of ours
		}
		return each(digest, info.Size())
	})
}
