package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"phoneacs/admin/client"
)

// A download is a file that is given its name once it is whole: until then it
// is NAME.part.
type download struct {
	name string
	part *os.File // nil: it has its name, or is gone
}

// A cutShort error says that not all came, or that not all could be written.
type cutShort struct{ error }

func (e *cutShort) Unwrap() error { return e.error }

// newDownload begins one. What an earlier one left is removed.
func newDownload(name string) (*download, error) {
	if _, err := os.Lstat(name); err == nil {
		return nil, usage("--output: %s exists: name a file that does not", name)
	}
	part := name + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &UsageError{fmt.Errorf("--output: remove what is left of an earlier one: %w", err)}
	}
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, &UsageError{fmt.Errorf("--output: %w", err)}
	}
	return &download{name, f}, nil
}

// discard takes away what has no name yet.
func (d *download) discard() {
	if d.part != nil {
		_ = d.part.Close()
		_ = os.Remove(d.part.Name())
		d.part = nil
	}
}

// take writes what comes of r, which must have so many bytes and this digest,
// and gives it its name.
func (d *download) take(r io.Reader, size int64, digest string) error {
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(d.part, sum), r)
	if err != nil {
		return &cutShort{fmt.Errorf("after %d bytes of %d: %w", n, size, err)}
	}
	if n != size || hex.EncodeToString(sum.Sum(nil)) != digest {
		return fmt.Errorf("%d bytes came of %d, and not those that were meant", n, size)
	}
	if err := errors.Join(d.part.Sync(), d.part.Close()); err != nil {
		return fmt.Errorf("write %s: %w", d.part.Name(), err)
	}
	part := d.part.Name()
	d.part = nil
	if _, err := os.Lstat(d.name); err == nil { // somebody was faster
		return errors.Join(fmt.Errorf("%s exists by now", d.name), os.Remove(part))
	}
	if err := os.Rename(part, d.name); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", d.name, err), os.Remove(part))
	}
	if dir, err := os.Open(filepath.Dir(d.name)); err == nil {
		_ = dir.Sync() // not every file system can; it is there, and whole
		_ = dir.Close()
	}
	return nil
}

// fetch downloads the archive of a backup.
func (s *session) fetch(ctx context.Context, b client.Backup, into *download) error {
	err := func() error {
		body, err := s.BackupContent(ctx, b.ID)
		if err != nil {
			return err
		}
		defer body.Close()
		r, done := s.metered(body, b.Size, filepath.Base(into.name))
		defer done()
		return into.take(r, b.Size, b.SHA256)
	}()
	into.discard()
	if err == nil {
		return nil
	}
	var disk *fs.PathError
	var short *cutShort
	if errors.As(err, &short) && !errors.As(err, &disk) {
		err = &client.Unreachable{Server: s.Server(), Err: err}
	}
	err = fmt.Errorf("%s was not written: %w", into.name, err)
	if ctx.Err() != nil {
		err = fmt.Errorf("interrupted; %s was not written, the server keeps backup %s: %w", into.name, b.ID, ctx.Err())
	}
	return &advised{err, fmt.Sprintf("fetch it again with `phoneacs backup fetch %s --output %s`", b.ID, into.name)}
}
