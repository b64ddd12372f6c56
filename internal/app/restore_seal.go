package app

import (
	"context"
	"fmt"
	"io"

	"phoneacs/db"
	"phoneacs/db/bolt"
	"phoneacs/provision"
)

// sealAgain seals on disk what an archive has in clear and may hold passwords:
// configurations of the catalogue, and what phones have sent.
func sealAgain(ctx context.Context, store *bolt.Store) error {
	var digests []string
	err := eachPage(ctx, store.ListFiles, func(f *db.File) error {
		if provision.HoldsSecrets(f.Kind) {
			digests = append(digests, f.SHA256)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("list files to seal: %w", err)
	}
	err = eachPage(ctx, store.ListPhones, func(p *db.PhoneStatus) error {
		page, err := store.PhoneUploads(ctx, p.ID, db.Query{Limit: db.MaxLimit})
		for i := range page.Items {
			digests = append(digests, page.Items[i].SHA256)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("list uploads to seal: %w", err)
	}
	for _, d := range digests {
		if err := sealBlob(ctx, store, d); err != nil {
			return fmt.Errorf("seal %s: %w", d, err)
		}
	}
	return nil
}

func eachPage[T any](ctx context.Context, list func(context.Context, db.Query) (db.Page[T], error), fn func(*T) error) error {
	for q := (db.Query{Limit: db.MaxLimit}); ; {
		page, err := list(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Items {
			if err := fn(&page.Items[i]); err != nil {
				return err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// sealBlob stores bytes anew, sealed; the store then drops those in clear.
func sealBlob(ctx context.Context, store *bolt.Store, digest string) error {
	in, err := store.OpenBlob(ctx, digest)
	if err != nil {
		return err
	}
	defer in.Close()
	w, err := store.CreateSealedBlob(ctx)
	if err != nil {
		return err
	}
	defer w.Close() // after Commit it has nothing left to remove
	if _, err := io.Copy(w, in); err != nil {
		return err
	}
	_, _, err = w.Commit()
	return err
}
