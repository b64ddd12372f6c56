package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"phoneacs/db"
)

// fakeBackups has one that is ready, one that is being made and one that failed.
type fakeBackups struct {
	mu  sync.Mutex
	all []db.Backup
	err error
}

const fakeArchive = "the bytes of an archive"

func newFakeBackups(*testing.T) *fakeBackups {
	sum := sha256.Sum256([]byte(fakeArchive))
	ready := db.Backup{
		ID: "b20260517-080000000", State: db.BackupReady, Made: now, By: "root", Version: "1.2.3", Layout: 2,
		Size: int64(len(fakeArchive)), SHA256: hex.EncodeToString(sum[:]),
		Counts: db.SnapshotCounts{Phones: 4, Jobs: 1, Tasks: 2, WithoutLogins: 3, EndedJobs: 1, PausedOrders: 1},
	}
	running, failed := ready, ready
	running.ID, running.State, running.Size, running.SHA256, running.Layout = "b20260517-080001000", db.BackupRunning, 0, "", 0
	failed.ID, failed.State, failed.Why = "b20260517-080002000", db.BackupFailed, "the disk is full"
	return &fakeBackups{all: []db.Backup{running, ready, failed}}
}

func (f *fakeBackups) Begin(_ context.Context, by string, secrets bool) (db.Backup, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.all[1]
	b.ID, b.By, b.Secrets = "b20260517-090000000", by, secrets
	if f.err == nil {
		f.all = append(f.all, b)
	}
	return b, f.err
}

func (f *fakeBackups) Backups(context.Context) ([]db.Backup, error) { return f.all, f.err }

func (f *fakeBackups) Backup(_ context.Context, id string) (db.Backup, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.all {
		if b.ID == id {
			return b, f.err
		}
	}
	return db.Backup{}, db.ErrNotFound
}

func (f *fakeBackups) OpenBackup(ctx context.Context, id string) (db.Backup, io.ReadCloser, error) {
	b, err := f.Backup(ctx, id)
	if err == nil && b.State != db.BackupReady {
		err = db.ErrConflict
	}
	return b, io.NopCloser(strings.NewReader(fakeArchive)), err
}

func (f *fakeBackups) DeleteBackup(ctx context.Context, id string) error {
	b, err := f.Backup(ctx, id)
	if err == nil && b.State == db.BackupRunning {
		err = db.ErrConflict
	}
	if err == nil {
		f.all = slices.DeleteFunc(f.all, func(o db.Backup) bool { return o.ID == id })
	}
	return err
}
