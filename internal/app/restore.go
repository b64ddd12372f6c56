package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"phoneacs/db"
	"phoneacs/db/bolt"
	"phoneacs/internal/backup"
	"phoneacs/internal/seal"
)

// A Restore says what to make a data directory of.
type Restore struct {
	File    string // the archive
	Data    string // the directory to make
	Replace bool   // what is in Data is kept beside it
	Hold    bool   // a hold covers the fleet, until somebody has looked
	Key     string // as in Config.Key
	Now     time.Time
}

// Restored is what became of it.
type Restored struct {
	Manifest backup.Manifest
	Old      string // where the former directory is; empty: there was none
}

// backupDir is where backups of the running server are, below the data directory.
const backupDir = "backups"

// Run restores. The archive is unpacked beside the directory, held against its
// manifest, opened and checked whole before anything is replaced; an error
// leaves what was there as it was. db.ErrLocked if a server has the directory.
func (r *Restore) Run(ctx context.Context) (done Restored, err error) {
	data := filepath.Clean(r.Data)
	tmp := data + ".restore-tmp"
	full, err := filled(data)
	switch {
	case err != nil:
		return done, fmt.Errorf("restore: %w", err)
	case full && !r.Replace:
		return done, fmt.Errorf("restore: %s is not empty: name another directory, or say --replace, which keeps the old one beside it", data)
	}
	release, err := bolt.Lock(data)
	switch {
	case errors.Is(err, db.ErrLocked):
		return done, fmt.Errorf("restore: %w", err)
	case err == nil:
		defer func() { err = errors.Join(err, release()) }()
	default: // one that cannot be opened is what restoring is for
	}
	f, err := os.Open(r.File)
	if err != nil {
		return done, fmt.Errorf("restore: %w", err)
	}
	defer f.Close() // only read
	if err := os.RemoveAll(tmp); err != nil {
		return done, fmt.Errorf("restore: remove what is left of an earlier one: %w", err)
	}
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return done, fmt.Errorf("restore: %w", err)
	}
	swapped := false
	defer func() {
		if !swapped {
			err = errors.Join(err, os.RemoveAll(tmp))
		}
	}()
	done.Manifest, err = backup.Extract(ctx, f, tmp, fits)
	if err == nil {
		err = carry(data, tmp)
	}
	if err == nil {
		err = r.settle(ctx, tmp, &done.Manifest)
	}
	if err != nil {
		return done, fmt.Errorf("restore: %w", err)
	}
	if done.Old, err = r.swap(data, tmp); err != nil {
		return done, fmt.Errorf("restore: %w", err)
	}
	swapped = true
	return done, nil
}

// fits refuses what this program could not open.
func fits(m *backup.Manifest) error {
	if m.Layout > bolt.Schema {
		return fmt.Errorf("the backup has layout %d, this program knows up to %d: use the newer program", m.Layout, bolt.Schema)
	}
	return nil
}

// filled reports whether there is more in a directory than the key, which may
// be put there before.
func filled(dir string) (bool, error) {
	names, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	for _, n := range names {
		if n.Name() != seal.FileName {
			return true, err
		}
	}
	return false, err
}

// carry copies what belongs to the machine and is in no backup: the key and the
// authority that phones trust.
func carry(from, to string) error {
	dirs := []string{to}
	for _, name := range []string{seal.FileName, tlsDir} {
		err := filepath.WalkDir(filepath.Join(from, name), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			} else if err != nil {
				return err
			}
			rel, err := filepath.Rel(from, path)
			if err != nil {
				return err
			}
			into := filepath.Join(to, rel)
			switch {
			case d.IsDir():
				dirs = append(dirs, into)
				return os.MkdirAll(into, 0o700)
			case d.Type().IsRegular():
				return copyOver(path, into)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("take %s over: %w", name, err)
		}
	}
	for _, dir := range dirs {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func copyOver(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() // only read
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// settle opens what was unpacked, as a server would, and proves that it is sound.
func (r *Restore) settle(ctx context.Context, dir string, m *backup.Manifest) (err error) {
	key, err := (&Config{Key: r.Key}).sealKey()
	if err != nil {
		return (&Config{}).bad("key", err)
	}
	if _, kerr := os.Stat(filepath.Join(dir, seal.FileName)); m.Secrets && m.Layout > 1 && key == nil && kerr != nil {
		return fmt.Errorf("the backup has secrets, and their key is not in it: put the key into %s before, or give it in %s", filepath.Join(r.Data, seal.FileName), KeyVariable)
	}
	store, err := bolt.Open(ctx, bolt.Options{Dir: dir, Key: key})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close(), r.dropCopies(dir)) }()
	if err := store.SkipJobs(ctx, skippedJobs); err != nil {
		return fmt.Errorf("keep numbers of jobs apart: %w", err)
	}
	if err := sealAgain(ctx, store); err != nil {
		return err
	}
	if r.Hold {
		h := db.Hold{By: "restore", Since: r.Now, Reason: "restored from the backup of " + m.Made.Format(time.RFC3339)}
		if err := store.SetHold(ctx, h); err != nil {
			return fmt.Errorf("hold the fleet: %w", err)
		}
	}
	faults, err := store.Check(ctx)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return fmt.Errorf("%w: what is in it does not hold together: %s", backup.ErrArchive, strings.Join(faults, "; "))
	}
	return nil
}

// skippedJobs is how many numbers of jobs are passed over: those that were
// given after the backup was made may still be known to phones, and an answer
// to one must not be taken for that of another.
const skippedJobs = 10_000

// dropCopies removes the copy that a migration kept: the archive is one.
func (r *Restore) dropCopies(dir string) error {
	copies, err := filepath.Glob(filepath.Join(dir, bolt.FileName+".layout*"))
	for _, c := range copies {
		err = errors.Join(err, os.Remove(c))
	}
	return err
}

// swap puts the new directory in the place of the old one. Where the system can
// do both at once, there is no moment without one, in which a power cut would
// leave a server to begin with nothing.
func (r *Restore) swap(data, tmp string) (old string, err error) {
	above := filepath.Dir(data)
	if _, err := os.Lstat(data); err == nil {
		old = data + ".before-restore-" + r.Now.UTC().Format("20060102-150405")
		if _, err := os.Lstat(old); err == nil {
			return "", fmt.Errorf("%s exists: try again in a second", old)
		}
		// The new one is given the name of the old one before: a moment later
		// nothing is left to be done, and nothing that could be taken for waste.
		if err := os.Rename(tmp, old); err != nil {
			return "", err
		}
		switch err := exchange(old, data); {
		case err == nil:
			return old, syncDir(above)
		case !errors.Is(err, errors.ErrUnsupported):
			return "", errors.Join(err, os.Rename(old, tmp))
		}
		if err := os.Rename(old, tmp); err != nil {
			return "", err
		}
		if err := os.Rename(data, old); err != nil {
			return "", err
		}
	}
	if err := os.Rename(tmp, data); err != nil {
		if old != "" {
			err = errors.Join(err, os.Rename(old, data))
		}
		return "", err
	}
	return old, syncDir(above)
}
