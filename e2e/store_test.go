package e2e

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"phoneacs/db/bolt"
)

// checkStore opens a copy of the store of a server that has ended, as a
// restart finds it, and demands that Check has nothing to say.
func checkStore(tb testing.TB, dir string) {
	tb.Helper()
	copied := copyStore(tb, dir)
	defer os.RemoveAll(copied)
	store, err := bolt.Open(context.WithoutCancel(tb.Context()), bolt.Options{Dir: copied})
	if err != nil {
		tb.Fatalf("open the store: %v", err)
	}
	defer store.Close()
	faults, err := store.Check(context.WithoutCancel(tb.Context()))
	if err != nil {
		tb.Fatalf("check the store: %v", err)
	}
	for _, f := range faults {
		tb.Errorf("store: %s", f)
	}
}

// copyStore copies a data directory. Blobs never change, so links will do.
func copyStore(tb testing.TB, dir string) string {
	tb.Helper()
	to, err := os.MkdirTemp(scratch, "store-")
	if err != nil {
		tb.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch target := filepath.Join(to, rel); {
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case d.Name() != bolt.FileName && os.Link(path, target) == nil:
			return nil
		default:
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(target, b, 0o600)
		}
	})
	if err != nil {
		tb.Fatalf("copy the store: %v", err)
	}
	return to
}
