package proc

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Forget has the kernel drop what it keeps of a file in memory, as if it had
// just started. It keeps what a process has mapped, and what is not on the disk yet:
// nobody may have the file open.
func Forget(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("forget file: %w", err)
	}
	if err := errors.Join(f.Sync(), unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED), f.Close()); err != nil {
		return fmt.Errorf("forget %s: %w", path, err)
	}
	return nil
}
