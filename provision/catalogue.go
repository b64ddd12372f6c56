package provision

import (
	"context"
	"errors"
	"fmt"
	"io"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// ErrTooLarge reports a file beyond [Options.MaxFile].
var ErrTooLarge = errors.New("file is too large")

// Add streams body into the store and makes an entry of the catalogue for it.
// Name, Kind, Vendor, Models, Version and By are read from f, the rest is set
// here. Product and version of firmware may be left to the name, if that says
// them. A value that cannot be is a [*db.FieldError]; so is an empty body, and
// one that is too large, which wraps [ErrTooLarge].
//
// The bytes are durable before the entry is. If no entry could be made they are
// removed; if that fails too, [Service.Tidy] finds them.
func (s *Service) Add(ctx context.Context, f db.File, body io.Reader) (db.File, error) {
	f, err := describe(f)
	if err != nil {
		return db.File{}, err
	}
	create := s.store.CreateBlob
	if HoldsSecrets(f.Kind) {
		create = s.store.CreateSealedBlob
	}
	w, err := create(ctx)
	if err != nil {
		return db.File{}, fmt.Errorf("add file: %w", err)
	}
	defer w.Close() // after Commit it has nothing left to remove
	n, err := io.Copy(w, io.LimitReader(body, s.opts.MaxFile+1))
	switch {
	case err != nil:
		return db.File{}, fmt.Errorf("add file: copy body: %w", err)
	case n == 0:
		return db.File{}, invalid("body", "the file is empty")
	case n > s.opts.MaxFile:
		return db.File{}, invalid("body", "%w: more than %d bytes", ErrTooLarge, s.opts.MaxFile)
	}
	if err := ctx.Err(); err != nil {
		return db.File{}, fmt.Errorf("add file: %w", err)
	}
	f.ID, f.Created = 0, s.clock.Now().UTC()
	// All bytes are here: a caller that leaves now must not part them from their entry.
	return s.commit(context.WithoutCancel(ctx), w, f)
}

// HoldsSecrets says whether files of a kind are sealed at rest: configurations
// have passwords in them, and what counts as a certificate may be a key.
func HoldsSecrets(kind string) bool { return kind == db.FileConfig || kind == db.FileCertificate }

// commit makes bytes and entry durable, in this order.
func (s *Service) commit(ctx context.Context, w db.BlobWriter, f db.File) (db.File, error) {
	s.catalogue.Lock()
	defer s.catalogue.Unlock()
	sum, size, err := w.Commit()
	if err != nil {
		return db.File{}, fmt.Errorf("add file: commit bytes: %w", err)
	}
	f.SHA256, f.Size = sum, size
	added, err := s.store.AddFile(ctx, f)
	if err == nil {
		return added, nil
	}
	err = fmt.Errorf("add file: %w", err)
	if errors.Is(err, db.ErrFailed) {
		return db.File{}, err // the entry may exist
	}
	// Another entry may have the same bytes.
	used, uerr := s.inUse(ctx, map[string]bool{sum: true})
	if uerr == nil && !used[sum] {
		uerr = s.store.DeleteBlob(ctx, sum)
	}
	return db.File{}, errors.Join(err, uerr)
}

// Delete takes an entry away, and its bytes if no other entry has them. It
// returns db.ErrNotFound, or db.ErrInUse while a job needs the file. Bytes that
// cannot be removed are logged and left to [Service.Tidy]: the entry is gone.
func (s *Service) Delete(ctx context.Context, id db.FileID) error {
	s.catalogue.Lock()
	defer s.catalogue.Unlock()
	ctx = context.WithoutCancel(ctx)
	f, last, err := s.store.DeleteFile(ctx, id)
	if err != nil {
		return fmt.Errorf("delete file: %w", err)
	}
	if !last {
		return nil
	}
	if err := s.store.DeleteBlob(ctx, f.SHA256); err != nil {
		s.log.WarnContext(ctx, "bytes of a deleted file remain", logkey.File, id.String(), logkey.Err, err)
	}
	return nil
}

// inUse says which of some digests an entry of the catalogue or an upload has.
func (s *Service) inUse(ctx context.Context, of map[string]bool) (map[string]bool, error) {
	used := make(map[string]bool)
	for sum := range of {
		is, err := s.store.BlobUsed(ctx, sum)
		if err != nil {
			return nil, fmt.Errorf("look for who has bytes: %w", err)
		}
		if is {
			used[sum] = true
		}
	}
	return used, nil
}
