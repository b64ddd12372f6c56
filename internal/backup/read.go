package backup

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"phoneacs/db"
)

// maxTail is how much may come between the last member and the end, unpacked.
const maxTail = 1 << 20

// Extract writes what an archive holds below dir, which must exist and be
// empty, and returns its manifest once everything was there and is durable.
// accept sees the manifest before anything is written, and may refuse it. The
// error wraps [ErrArchive] if the archive is not whole or not as its manifest
// says; dir then has what was written, and is good for nothing.
func Extract(ctx context.Context, r io.Reader, dir string, accept func(*Manifest) error) (m Manifest, err error) {
	// Packed and unpacked are read to their ends: only there is what tells a
	// whole archive from a part of one.
	in := bufio.NewReader(&untilDone{ctx, r, nil})
	z, err := gzip.NewReader(in)
	if err != nil {
		return m, broken(ctx, err)
	}
	z.Multistream(false)
	x := &reader{tar: tar.NewReader(z), dir: dir, dirs: map[string]bool{dir: true}}
	if m, err = x.manifest(); err != nil {
		return m, broken(ctx, err)
	}
	if err := accept(&m); err != nil {
		return m, err
	}
	if err := x.members(&m); err != nil {
		return m, broken(ctx, err)
	}
	if n, err := io.Copy(io.Discard, io.LimitReader(z, maxTail)); err != nil || n == maxTail {
		return m, broken(ctx, errors.Join(err, errors.New("it has no proper end")))
	}
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
		return m, broken(ctx, errors.New("something follows its end"))
	}
	for d := range x.dirs {
		if err := syncDir(d); err != nil {
			return m, fmt.Errorf("read backup: %w", err)
		}
	}
	return m, nil
}

// broken says that an archive cannot be used, unless it was ours not to read it.
func broken(ctx context.Context, err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("read backup: %w", ctx.Err())
	case errors.Is(err, ErrArchive), errors.As(err, &path), errors.As(err, &link):
		return fmt.Errorf("read backup: %w", err)
	}
	return fmt.Errorf("read backup: %w: %w", ErrArchive, err)
}

type reader struct {
	tar  *tar.Reader
	dir  string
	dirs map[string]bool // to be synced
}

// next finds the next member, which must have a name and be a plain file.
func (x *reader) next(name string) (*tar.Header, error) {
	h, err := x.tar.Next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s is missing", name)
	case err != nil:
		return nil, err
	case h.Typeflag != tar.TypeReg, h.Size < 0:
		return nil, fmt.Errorf("%.200q is no plain file", h.Name)
	}
	return h, nil
}

func (x *reader) manifest() (m Manifest, err error) {
	h, err := x.next(manifestName)
	if err != nil {
		return m, err
	}
	if h.Name != manifestName || h.Size > maxManifest {
		return m, fmt.Errorf("it begins with %.200q of %d bytes, not with its manifest", h.Name, h.Size)
	}
	b, err := io.ReadAll(x.tar)
	if err != nil {
		return m, err
	}
	return parse(b)
}

func (x *reader) members(m *Manifest) error {
	h, err := x.next(storeName)
	if err != nil {
		return err
	}
	if h.Name != storeName || h.Size != m.Store.Size {
		return fmt.Errorf("%.200q of %d bytes stands where the store should", h.Name, h.Size)
	}
	if err := x.save(filepath.Join(x.dir, storeName), h.Size, m.Store.SHA256); err != nil {
		return err
	}
	t := newTally()
	last := ""
	for t.Count < m.Blobs.Count {
		if h, err = x.next("a file"); err != nil {
			return err
		}
		sum := h.Name[strings.LastIndexByte(h.Name, '/')+1:]
		if b, err := hex.DecodeString(sum); err != nil || len(b) != sha256.Size || h.Name != blobName(sum) || sum <= last {
			return fmt.Errorf("%.200q is none of its files, or out of order", h.Name)
		}
		last = sum
		t.add(db.BlobRef{SHA256: sum, Size: h.Size})
		if t.Size > m.Blobs.Size {
			return errors.New("its files are larger than its manifest says")
		}
		if err := x.save(filepath.Join(x.dir, filepath.FromSlash(blobName(sum))), h.Size, sum); err != nil {
			return err
		}
	}
	if t.sum() != m.Blobs {
		return errors.New("its files are not those of its manifest")
	}
	if h, err := x.tar.Next(); err == nil {
		return fmt.Errorf("%.200q is not in its manifest", h.Name)
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// save writes a member, and holds it against its digest.
func (x *reader) save(path string, size int64, digest string) error {
	for d := filepath.Dir(path); !x.dirs[d]; d = filepath.Dir(d) {
		x.dirs[d] = true
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), x.tar)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n != size || got != digest {
		return fmt.Errorf("%s has the digest %s, not %s", filepath.Base(path), got, digest)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
