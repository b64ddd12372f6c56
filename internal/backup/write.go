package backup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"phoneacs/db"
)

// Write writes the archive of a copy that m describes. open gives the bytes of
// a digest. Whoever reads the archive holds them against their digests, so they
// are not held against them here. read, unless it is nil, is told of each piece
// of the store and of blobs how many bytes it had: m.Plain() in all.
func Write(ctx context.Context, w io.Writer, m *Manifest, snap *db.Snapshot, open func(context.Context, string) (db.Blob, error), read func(n int)) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	a := &writer{ctx: ctx, tar: tar.NewWriter(z), m: m, read: read}
	err = a.write(snap, open)
	if err == nil {
		err = errors.Join(a.tar.Close(), z.Close())
	}
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	return nil
}

type writer struct {
	ctx context.Context
	tar *tar.Writer
	m   *Manifest

	read func(n int) // may be nil
}

func (a *writer) write(snap *db.Snapshot, open func(context.Context, string) (db.Blob, error)) error {
	b, err := json.MarshalIndent(a.m, "", "  ")
	if err != nil {
		return err
	}
	if err := a.head(manifestName, int64(len(b))); err != nil {
		return err
	}
	if _, err := a.tar.Write(b); err != nil {
		return err
	}
	f, err := os.Open(snap.Path)
	if err != nil {
		return err
	}
	if err := errors.Join(a.member(storeName, a.m.Store.Size, f), f.Close()); err != nil {
		return err
	}
	for ref, err := range snap.Blobs {
		if err != nil {
			return err
		}
		blob, err := open(a.ctx, ref.SHA256)
		if err != nil {
			return err
		}
		if err := errors.Join(a.member(blobName(ref.SHA256), ref.Size, blob), blob.Close()); err != nil {
			return err
		}
	}
	return nil
}

func blobName(sum string) string { return path.Join(blobDir, sum[:2], sum) }

func (a *writer) head(name string, size int64) error {
	return a.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: a.m.Made, Format: tar.FormatPAX})
}

func (a *writer) member(name string, size int64, r io.Reader) error {
	if err := a.head(name, size); err != nil {
		return err
	}
	n, err := io.Copy(a.tar, &untilDone{a.ctx, r, a.read})
	if err == nil && n != size {
		err = fmt.Errorf("%s has %d bytes, not %d", name, n, size)
	}
	return err
}

// untilDone is a reader that gives up with its context, and tells how it goes on.
type untilDone struct {
	ctx  context.Context
	r    io.Reader
	told func(n int)
}

func (u *untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := u.r.Read(p)
	if u.told != nil {
		u.told(n)
	}
	return n, err
}
