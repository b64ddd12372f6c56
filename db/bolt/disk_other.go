//go:build !linux && !darwin

package bolt

// diskFree is how many bytes this process may still write beside dir; -1 where
// that cannot be told.
func diskFree(string) int64 { return -1 }

// diskRoom is that, and how large the disk is.
func diskRoom(string) (free, size int64) { return -1, -1 }

// sameOwner is what this system has no need of.
func sameOwner(string, string) error { return nil }
