package bolt

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A store that root has compacted can still be opened by the user it belongs to.
func TestCompactKeepsOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, FileName)
	if err := os.Chown(path, 65532, 65533); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Compact(t.Context(), dir, ""); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if st := info.Sys().(*syscall.Stat_t); st.Uid != 65532 || st.Gid != 65533 || info.Mode().Perm() != 0o600 {
		t.Errorf("it belongs to %d:%d, mode %v", st.Uid, st.Gid, info.Mode())
	}
}
