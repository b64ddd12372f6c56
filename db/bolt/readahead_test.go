package bolt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestReadThrough(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := readThrough(t.Context(), path); err != nil {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := os.WriteFile(path, make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readThrough(t.Context(), path); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := readThrough(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	if err := readThrough(t.Context(), t.TempDir()); err == nil {
		t.Error("a directory was read")
	}
}
