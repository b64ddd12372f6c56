package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"phoneacs/db"
	"phoneacs/db/bolt"
	"phoneacs/internal/backup"
)

// archive writes an archive of a store to a file that must not exist, and
// returns what is in it, with its size and digest, once it is durable. work is
// where the copy of the store lies meanwhile. told, unless it is nil, hears how
// many bytes have gone in, of how many. What an error leaves is removed.
func archive(ctx context.Context, store *bolt.Store, work, path string, o db.SnapshotOptions, told func(done, total int64)) (b db.Backup, err error) {
	release := store.HoldBlobs() // before the copy: what it refers to stays
	defer release()
	tmp, err := os.MkdirTemp(work, "copy-*")
	if err != nil {
		return b, fmt.Errorf("make room for a copy: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	snap, err := store.Snapshot(ctx, tmp, o)
	if err != nil {
		return b, err
	}
	m, err := backup.Describe(&snap)
	if err != nil {
		return b, err
	}
	m.Version, m.Made, m.Secrets = Version, o.Now.UTC(), o.Secrets
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return b, fmt.Errorf("write backup: %w", err)
	}
	sum := &counted{sum: sha256.New(), to: f}
	err = backup.Write(ctx, sum, &m, &snap, store.OpenBlob, progress(told, m.Plain()))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return b, errors.Join(fmt.Errorf("write backup: %w", err), os.Remove(path))
	}
	return db.Backup{
		State: db.BackupReady, Made: m.Made, Version: m.Version, Layout: m.Layout, Secrets: m.Secrets,
		Size: sum.n, SHA256: hex.EncodeToString(sum.sum.Sum(nil)), Counts: m.Counts,
	}, nil
}

// progress adds up what has gone in.
func progress(told func(done, total int64), total int64) func(n int) {
	if told == nil {
		return nil
	}
	var done int64
	return func(n int) {
		done += int64(n)
		told(done, total)
	}
}

type counted struct {
	sum interface {
		io.Writer
		Sum([]byte) []byte
	}
	to io.Writer
	n  int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	_, _ = c.sum.Write(p[:n]) // never fails
	c.n += int64(n)
	return n, err
}

// roomFor returns db.ErrNoSpace if an archive could fill the disk of dir: the
// copy, the copy without what was left out, and the archive, which may not get
// smaller than what goes in.
func roomFor(ctx context.Context, store *bolt.Store) error {
	sp, err := store.Space(ctx)
	if err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	need := 3 * sp.Store
	err = store.ListBlobs(ctx, func(_ string, size int64) error { need += size; return nil })
	if err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	if sp.Disk >= 0 && sp.Disk < need {
		return fmt.Errorf("a backup may need %s and %s are free: %w", inBytes(need), inBytes(sp.Disk), db.ErrNoSpace)
	}
	return store.RoomFor(need)
}

// inBytes writes a size for people.
func inBytes(n int64) string {
	const units = "KMGTPE"
	if n < 1<<10 {
		return fmt.Sprintf("%d B", n)
	}
	v, u := float64(n)/(1<<10), 0
	for v >= 1000 && u < len(units)-1 {
		v, u = v/(1<<10), u+1
	}
	return fmt.Sprintf("%.3g %ciB", v, units[u])
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}

// OfflineBackup writes a backup of a data directory that no server has open to
// a file that must not exist. key is as in [Config.Key]; told may be nil, else it
// hears how many bytes have gone in, of how many. The error wraps db.ErrLocked if
// the directory is in use.
func OfflineBackup(ctx context.Context, data, output string, secrets bool, key string, told func(done, total int64)) (b db.Backup, err error) {
	store, err := openOffline(ctx, data, key)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if _, err := os.Lstat(output); err == nil {
		return b, (&Config{}).bad("output", fmt.Errorf("%s exists: name a file that does not", output))
	}
	dir := filepath.Dir(output)
	part := output + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return b, fmt.Errorf("remove what is left of an earlier backup: %w", err)
	}
	b, err = archive(ctx, store, dir, part, db.SnapshotOptions{Secrets: secrets, Now: time.Now()}, told)
	if err == nil {
		err = os.Rename(part, output)
	}
	if err != nil {
		return b, err
	}
	return b, syncDir(dir)
}

// HasStore reports whether there is a store in a directory.
func HasStore(data string) bool { return bolt.Exists(data) }

func noStore(data string) error {
	return (&Config{}).bad("data", fmt.Errorf("there is no store in %s: name the data directory", data))
}

// openOffline opens the store of a directory that has one.
func openOffline(ctx context.Context, data, key string) (*bolt.Store, error) {
	if !bolt.Exists(data) {
		return nil, noStore(data)
	}
	k, err := (&Config{Key: key}).sealKey()
	if err != nil {
		return nil, (&Config{}).bad("key", err)
	}
	// Nothing is past its keeping here: who looks at a store must not change it.
	return bolt.Open(ctx, bolt.Options{Dir: data, Existing: true, Key: k})
}

// CheckStore proves every invariant of the store of a data directory that no
// server has open, and returns what does not hold, in words: that its file
// cannot be opened, too.
func CheckStore(ctx context.Context, data, key string) (faults []string, err error) {
	defer func() {
		if r := recover(); r != nil { // of a file whose pages make no sense
			faults, err = append(faults, fmt.Sprintf("the file cannot be read through: %v", r)), nil
		}
	}()
	store, err := openOffline(ctx, data, key)
	if errors.Is(err, db.ErrFailed) {
		return []string{err.Error()}, nil
	} else if err != nil {
		return nil, err
	}
	faults, err = store.Check(ctx)
	return faults, errors.Join(err, store.Close())
}

// CompactStore writes the store's file of a data directory anew without what is
// free in it, to out or, if that is empty, in its place. It returns the sizes.
func CompactStore(ctx context.Context, data, out string) (before, after int64, err error) {
	if !bolt.Exists(data) {
		return 0, 0, noStore(data)
	}
	if _, err := os.Lstat(out); out != "" && err == nil {
		return 0, 0, (&Config{}).bad("output", fmt.Errorf("%s exists: name a file that does not", out))
	}
	return bolt.Compact(ctx, data, out)
}
