package bolt

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"phoneacs/db"
	"phoneacs/internal/seal"
)

// What is listed is what was committed, and nothing that lies beside it.
func TestListBlobs(t *testing.T) {
	s := open(t, t.TempDir())
	want := map[string]int64{}
	for _, text := range []string{"one", "another"} {
		w, err := s.CreateBlob(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		sum, size, err := w.Commit()
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		want[sum] = size
	}
	open, err := s.CreateBlob(t.Context()) // not committed
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if err := os.WriteFile(filepath.Join(s.opts.Dir, blobDir, "README"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	if err := s.ListBlobs(t.Context(), func(sum string, size int64) error { got[sum] = size; return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("listed %v; want %v", got, want)
	}
	for sum, size := range want {
		if got[sum] != size {
			t.Errorf("%s has %d bytes; want %d", sum, got[sum], size)
		}
	}
}

// TestSealedBlobs: no byte of what is sealed lies on disk in clear, at any time,
// and what lay there goes when the same comes sealed.
func TestSealedBlobs(t *testing.T) {
	s := open(t, t.TempDir())
	const secret = "SIP1 Register Pswd :planted\n"
	content := strings.Repeat(secret, 3000)
	clear := func() (found []string) {
		err := filepath.WalkDir(s.opts.Dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(path)
			if bytes.Contains(b, []byte("planted")) {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	put := func(create func(context.Context) (db.BlobWriter, error)) (sum string) {
		w, err := create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		for part := content; part != ""; part = part[len(secret):] {
			if _, err := io.WriteString(w, part[:len(secret)]); err != nil {
				t.Fatal(err)
			}
		}
		sum, _, err = w.Commit()
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	put(s.CreateBlob)
	if len(clear()) != 1 {
		t.Fatalf("what is not sealed is not found: %v", clear())
	}
	sum := put(s.CreateSealedBlob)
	if found := clear(); len(found) != 0 {
		t.Errorf("in clear in %v", found)
	}
	put(s.CreateBlob)
	if found := clear(); len(found) != 0 {
		t.Errorf("in clear again in %v", found)
	}
	listed := 0
	if err := s.ListBlobs(t.Context(), func(digest string, _ int64) error {
		if listed++; digest != sum {
			t.Errorf("listed %s", digest)
		}
		return nil
	}); err != nil || listed != 1 {
		t.Errorf("listed %d, %v", listed, err)
	}

	w, err := s.CreateSealedBlob(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if found := clear(); len(found) != 0 {
		t.Errorf("in clear in %v while it is written", found)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	// Damage is found, and told from absence.
	name, err := s.blobPath(sum)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Repeat("0", 64)
	moved, err := s.blobPath(other)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(moved), 0o700), os.Rename(name+sealedSuffix, moved+sealedSuffix)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.OpenBlob(t.Context(), other); !errors.Is(err, seal.ErrBroken) || errors.Is(err, db.ErrNotFound) {
		t.Errorf("bytes of another name: %v", err)
	}
	if err := s.DeleteBlob(t.Context(), other); err != nil {
		t.Fatal(err)
	}
}
