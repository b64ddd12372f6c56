package bolt

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

// readThrough reads a file from begin to end, so that the system has it in
// memory when it is opened. To find the free pages bbolt then reads all pages,
// but in the order of the tree and each by itself: from a disk, after the
// machine was started, that takes some times as long. What cannot be read is for
// who opens the file to say, and so is that it is locked, which is then said
// after the file was read.
func readThrough(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	for buf := make([]byte, 1<<20); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := f.Read(buf); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
