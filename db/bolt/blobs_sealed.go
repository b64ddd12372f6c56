package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"phoneacs/db"
	"phoneacs/internal/seal"
)

// sealedSuffix is what the name of bytes ends in that are sealed. Bytes are kept
// once: sealed, if anybody has had them sealed.
const sealedSuffix = ".sealed"

// blobContext is what sealed bytes are bound to.
func blobContext(digest string) string { return "blob " + digest }

// CreateSealedBlob begins to write bytes that are not to be read on disk. They
// are sealed as they come, so that none of them is ever there in clear.
func (s *Store) CreateSealedBlob(ctx context.Context) (db.BlobWriter, error) {
	w, err := s.createBlob(ctx)
	if err != nil {
		return nil, err
	}
	if w.sealed, err = s.key.Stream(w.f); err != nil {
		return nil, errors.Join(fmt.Errorf("create blob: %w", noSpace(err)), w.Close())
	}
	return w, nil
}

type sealedBlob struct {
	*seal.StreamReader
	f *os.File
}

func (b *sealedBlob) Close() error { return b.f.Close() }

// openSealed opens sealed bytes; an error of fs if there are none.
func (s *Store) openSealed(digest, name string) (db.Blob, error) {
	f, err := os.Open(name + sealedSuffix)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r, err := s.key.OpenStream(blobContext(digest), f, info.Size())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &sealedBlob{r, f}, nil
}

// name gives written bytes their name, and keeps them only once: those that are
// sealed stay so, and take the place of those that are not.
func (w *blobWriter) name(name string) error {
	w.s.blobs.Lock()
	defer w.s.blobs.Unlock()
	if w.sealed != nil {
		if err := os.Rename(w.f.Name(), name+sealedSuffix); err != nil {
			return err
		}
		return gone(name)
	}
	if _, err := os.Stat(name + sealedSuffix); err == nil {
		return nil // Close removes the others
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(w.f.Name(), name)
}

// gone removes a file; a missing one is no error.
func gone(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

var _ io.ReaderAt = (*sealedBlob)(nil)
