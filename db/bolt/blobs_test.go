package bolt

import (
	"io"
	"os"
	"path/filepath"
	"testing"
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
