//go:build linux || darwin

package bolt

import "syscall"

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
