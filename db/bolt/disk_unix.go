//go:build linux || darwin

package bolt

import "syscall"

// diskFree is how many bytes this process may still write beside dir; -1 if
// that cannot be told.
func diskFree(dir string) int64 {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return -1
	}
	return int64(st.Bavail) * int64(st.Bsize)
}
