//go:build linux || darwin

package bolt

import (
	"os"
	"syscall"
)

// diskFree is how many bytes this process may still write beside dir; -1 if
// that cannot be told.
func diskFree(dir string) int64 {
	free, _ := diskRoom(dir)
	return free
}

// diskRoom is that, and how large the disk is.
func diskRoom(dir string) (free, size int64) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return -1, -1
	}
	return int64(st.Bavail) * int64(st.Bsize), int64(st.Blocks) * int64(st.Bsize)
}

// sameOwner gives a new file the owner of the one whose place it is to take: root
// may compact a store that another user serves from.
func sameOwner(old, file string) error {
	was, err := os.Stat(old)
	if err != nil {
		return err
	}
	is, err := os.Stat(file)
	if err != nil {
		return err
	}
	a, b := was.Sys().(*syscall.Stat_t), is.Sys().(*syscall.Stat_t)
	if a.Uid == b.Uid && a.Gid == b.Gid {
		return nil
	}
	return os.Chown(file, int(a.Uid), int(a.Gid))
}
