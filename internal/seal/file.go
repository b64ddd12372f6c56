package seal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// FileName is the key's file in the data directory.
const FileName = "key"

// Load reads the key file of a directory. The error wraps fs.ErrNotExist if
// there is none, and says what to do if others may read it or it holds no key.
func Load(dir string) (*Key, error) {
	path := filepath.Join(dir, FileName)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("key %s is no regular file", path)
	}
	if open := info.Mode().Perm() & 0o077; open != 0 && runtime.GOOS != "windows" { // which has no such modes
		return nil, fmt.Errorf("key %s has mode %#o: others may read it; `chmod 600` it, and think of the key as known if they could", path, info.Mode().Perm())
	}
	b, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	k, err := Parse(string(b))
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", path, err)
	}
	return k, nil
}

// Make makes a key and the key file of a directory, and returns when both would
// outlast a power cut: before anything is sealed by it. A file that is there
// stays, and is an error that wraps fs.ErrExist.
func Make(dir string) (_ *Key, err error) {
	path := filepath.Join(dir, FileName)
	part := path + ".new" // of a start that was cut short: no key of anything
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("make key: %w", err)
	}
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	k := Random()
	_, err = f.WriteString(k.text())
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		_, err = os.Lstat(path)
		if err == nil {
			err = &fs.PathError{Op: "make", Path: path, Err: fs.ErrExist}
		} else if errors.Is(err, fs.ErrNotExist) {
			err = os.Rename(part, path)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make key: %w", err), os.Remove(part))
	}
	d, err := os.Open(dir)
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return k, nil
}
