package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// looker looks at a directory when it is read.
type looker struct {
	t   *testing.T
	dir string
	io.Reader
}

func (l *looker) Read(b []byte) (int, error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil || len(entries) != 1 || entries[0].Name() == "out" {
		l.t.Errorf("on the way there is %v (%v)", entries, err)
	}
	return l.Reader.Read(b)
}

// TestBytes: a file that is made is there whole or not at all, and none that was
// there is touched.
func TestBytes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	sum := sha256.Sum256([]byte("text"))
	of := func(text string) io.Reader {
		return &looker{t, dir, &proven{Reader: strings.NewReader(text), sum: sha256.New(), want: hex.EncodeToString(sum[:]), of: "u1"}}
	}
	for _, r := range []io.Reader{of("tex"), iotest.ErrReader(io.ErrUnexpectedEOF)} {
		if _, err := new(output).bytes(path, r); err == nil {
			t.Error("what is not whole is written")
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
			t.Errorf("and left %v (%v)", entries, err)
		}
	}
	if n, err := new(output).bytes(path, of("text")); n != 4 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	var usage *UsageError
	if _, err := new(output).bytes(path, strings.NewReader("other")); !errors.As(err, &usage) || !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	if got, err := os.ReadFile(path); string(got) != "text" || err != nil {
		t.Errorf("it holds %q (%v)", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := new(output).bytes(filepath.Join(dir, "none", "out"), of("text")); !errors.As(err, &usage) {
		t.Errorf("into no directory: %v", err)
	}
}
