package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"phoneacs/db"
	"phoneacs/db/bolt"
	"phoneacs/internal/logkey"
)

// A keeper makes backups of the running store, one at a time, and keeps the
// last of them below the data directory: the archive, and beside it what is to
// be shown of it. An archive has its name only once it is whole and durable.
type keeper struct {
	store *bolt.Store
	dir   string
	kept  int // how many are kept, at least 1
	clock clockwork.Clock
	log   *slog.Logger
	ask   chan *asked

	mu  sync.Mutex
	now *db.Backup // the one under way, or the last that failed; nil: none
}

// An asked is a backup that is to be made. done is closed when it was, or failed.
type asked struct {
	b    db.Backup
	done chan struct{}
}

const (
	archiveEnd = ".tar.gz"
	aboutEnd   = ".json"
	workDir    = "tmp"
)

// beginWait is how long who asks for a backup waits for it.
const beginWait = 10 * time.Second

var backupID = regexp.MustCompile(`^b[0-9]{8}-[0-9]{9}$`)

// newKeeper clears what an earlier process did not finish.
func newKeeper(store *bolt.Store, data string, kept int, clock clockwork.Clock, log *slog.Logger) (*keeper, error) {
	k := &keeper{store: store, dir: filepath.Join(data, backupDir), kept: max(1, kept), clock: clock, log: log, ask: make(chan *asked, 1)}
	work := filepath.Join(k.dir, workDir)
	if err := os.RemoveAll(work); err != nil {
		return nil, fmt.Errorf("clear backups: %w", err)
	}
	if err := os.MkdirAll(work, 0o700); err != nil {
		return nil, fmt.Errorf("make directory of backups: %w", err)
	}
	return k, nil
}

// Run makes the backups that are asked for until ctx ends.
func (k *keeper) Run(ctx context.Context) error {
	for {
		select {
		case a := <-k.ask:
			k.make(ctx, a)
		case <-ctx.Done():
			return nil
		}
	}
}

// Begin asks for a backup, and waits some seconds for it. db.ErrConflict while
// another is under way, db.ErrNoSpace if it might fill the disk.
func (k *keeper) Begin(ctx context.Context, by string, secrets bool) (db.Backup, error) {
	if err := roomFor(ctx, k.store); err != nil {
		return db.Backup{}, err
	}
	at := k.clock.Now().UTC()
	a := &asked{done: make(chan struct{}), b: db.Backup{
		ID: "b" + strings.Replace(at.Format("20060102-150405.000"), ".", "", 1), State: db.BackupRunning,
		Made: at, By: by, Version: Version, Secrets: secrets,
	}}
	if !k.begin(a) {
		return db.Backup{}, fmt.Errorf("another backup is under way: %w", db.ErrConflict)
	}
	select {
	case <-a.done:
	case <-k.clock.After(beginWait):
	case <-ctx.Done():
	}
	return k.Backup(context.WithoutCancel(ctx), a.b.ID)
}

func (k *keeper) begin(a *asked) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now != nil && k.now.State == db.BackupRunning {
		return false
	}
	b := a.b
	k.now = &b
	k.ask <- a // there is room: it is taken before another begins
	return true
}

// make makes one, and takes away those that are too many then.
func (k *keeper) make(ctx context.Context, a *asked) {
	defer close(a.done)
	b, err := k.write(ctx, &a.b)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		failed := a.b
		failed.State, failed.Why = db.BackupFailed, "it could not be written; the server's log says why"
		if errors.Is(err, db.ErrNoSpace) {
			failed.Why = "the disk is full"
		}
		k.now = &failed
		k.log.ErrorContext(ctx, "backup failed", logkey.Err, err)
		return
	}
	k.now = nil
	k.log.InfoContext(ctx, "backup made", logkey.File, b.ID, logkey.Bytes, b.Size, logkey.Duration, k.clock.Since(b.Made))
	if err := k.prune(); err != nil {
		k.log.WarnContext(ctx, "old backups remain", logkey.Err, err)
	}
}

func (k *keeper) write(ctx context.Context, want *db.Backup) (b db.Backup, err error) {
	work := filepath.Join(k.dir, workDir)
	part := filepath.Join(work, want.ID+archiveEnd)
	b, err = archive(ctx, k.store, work, part, db.SnapshotOptions{Secrets: want.Secrets, Now: want.Made}, k.told)
	if err != nil {
		return b, err
	}
	b.ID, b.By = want.ID, want.By
	about, err := json.Marshal(&b)
	if err == nil {
		err = writeSynced(filepath.Join(k.dir, b.ID+aboutEnd), about)
	}
	if err == nil {
		err = os.Rename(part, filepath.Join(k.dir, b.ID+archiveEnd))
	}
	if err != nil {
		return b, errors.Join(err, k.remove(b.ID), os.RemoveAll(part))
	}
	return b, syncDir(k.dir)
}

// told shows how far the one under way is.
func (k *keeper) told(done, total int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now.Done, k.now.Total = done, total
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// ids are those of the archives that are kept, oldest first.
func (k *keeper) ids() ([]string, error) {
	names, err := os.ReadDir(k.dir)
	if err != nil {
		return nil, fmt.Errorf("list backups: %w", err)
	}
	var ids []string
	for _, n := range names {
		if id, ok := strings.CutSuffix(n.Name(), archiveEnd); ok && backupID.MatchString(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

func (k *keeper) prune() error {
	ids, err := k.ids()
	for len(ids) > k.kept && err == nil {
		err = k.remove(ids[0])
		ids = ids[1:]
	}
	return err
}

// remove removes the archive first: without it, the rest says nothing.
func (k *keeper) remove(id string) error {
	var errs []error
	for _, end := range []string{archiveEnd, aboutEnd} {
		if err := os.Remove(filepath.Join(k.dir, id+end)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("remove backup: %w", err))
		}
	}
	return errors.Join(errs...)
}

func (k *keeper) about(id string) (b db.Backup, err error) {
	text, err := os.ReadFile(filepath.Join(k.dir, id+aboutEnd))
	if err == nil {
		err = json.Unmarshal(text, &b)
	}
	if err != nil {
		return b, fmt.Errorf("read what is known of backup %s: %w", id, err)
	}
	return b, nil
}

// Backups returns those that are kept, newest first, and before them the one
// under way or the last that failed.
func (k *keeper) Backups(context.Context) (all []db.Backup, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ids, err := k.ids()
	if err != nil {
		return nil, err
	}
	if k.now != nil {
		all = append(all, *k.now)
	}
	for _, id := range slices.Backward(ids) {
		b, err := k.about(id)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// Backup returns one, or db.ErrNotFound.
func (k *keeper) Backup(_ context.Context, id string) (b db.Backup, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now != nil && k.now.ID == id {
		return *k.now, nil
	}
	if !backupID.MatchString(id) {
		return b, db.ErrNotFound
	}
	if _, err := os.Stat(filepath.Join(k.dir, id+archiveEnd)); errors.Is(err, fs.ErrNotExist) {
		return b, db.ErrNotFound
	}
	return k.about(id)
}

// OpenBackup opens an archive. db.ErrConflict if it is not ready.
func (k *keeper) OpenBackup(ctx context.Context, id string) (b db.Backup, content io.ReadCloser, err error) {
	if b, err = k.Backup(ctx, id); err != nil {
		return b, nil, err
	}
	if b.State != db.BackupReady {
		return b, nil, fmt.Errorf("backup %s is %s: %w", id, b.State, db.ErrConflict)
	}
	f, err := os.Open(filepath.Join(k.dir, id+archiveEnd))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return b, nil, db.ErrNotFound // deleted meanwhile
	case err != nil:
		return b, nil, fmt.Errorf("open backup: %w", err)
	}
	return b, f, nil
}

// DeleteBackup takes one away, or forgets one that failed. db.ErrConflict while
// it is being made.
func (k *keeper) DeleteBackup(ctx context.Context, id string) error {
	b, err := k.Backup(ctx, id)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch b.State {
	case db.BackupRunning:
		return fmt.Errorf("backup %s is being made: %w", id, db.ErrConflict)
	case db.BackupFailed:
		if k.now != nil && k.now.ID == id {
			k.now = nil
		}
		return nil
	}
	return k.remove(id)
}
