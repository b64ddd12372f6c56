package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"

	"phoneacs/db"
	"phoneacs/db/bolt"
)

// keep opens a store with a keeper of so many backups, which runs.
func keep(t *testing.T, kept int, clock clockwork.Clock, o bolt.Options) (*keeper, string) {
	t.Helper()
	o.Dir = t.TempDir()
	s, err := bolt.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	k, err := newKeeper(s, o.Dir, kept, clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Error(err)
		}
	})
	return k, o.Dir
}

// The last few are kept, over restarts, and each is what its record says.
func TestKeeper(t *testing.T) {
	clock := clockwork.NewFakeClockAt(time.Date(2026, 5, 17, 9, 0, 0, 0, time.UTC))
	k, dir := keep(t, 2, clock, bolt.Options{})
	var ids []string
	for range 3 {
		b, err := k.Begin(t.Context(), "root", false)
		if err != nil || b.State != db.BackupReady || b.By != "root" || b.Secrets || b.Size == 0 || b.Layout != bolt.Schema {
			t.Fatalf("Begin = %+v, %v", b, err)
		}
		ids = append(ids, b.ID)
		clock.Advance(time.Minute)
	}
	all, err := k.Backups(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != ids[2] || all[1].ID != ids[1] {
		t.Fatalf("kept: %+v, %v", all, err)
	}
	b, content, err := k.OpenBackup(t.Context(), ids[2])
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := io.ReadAll(content)
	if err != nil || content.Close() != nil || int64(len(bytes)) != b.Size {
		t.Errorf("%d bytes of %+v: %v", len(bytes), b, err)
	}
	if _, err := k.Backup(t.Context(), ids[0]); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("the oldest: %v", err)
	}
	// A start clears away what was not finished, and finds what was.
	if err := os.WriteFile(filepath.Join(dir, backupDir, workDir, "half"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := newKeeper(k.store, dir, 2, clock, k.log)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, backupDir, workDir)); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if b, err := again.Backup(t.Context(), ids[1]); err != nil || b.State != db.BackupReady {
		t.Errorf("after a restart: %+v, %v", b, err)
	}
	if err := again.DeleteBackup(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{ids[1], "../key", ""} {
		if err := again.DeleteBackup(t.Context(), id); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("delete %q: %v", id, err)
		}
	}
}

// One is made at a time; who asks does not wait for ever; one that failed says
// so until it is forgotten.
func TestKeeperBusy(t *testing.T) {
	dir := t.TempDir()
	s, err := bolt.Open(t.Context(), bolt.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	synctest.Test(t, func(t *testing.T) {
		k, err := newKeeper(s, dir, 2, clockwork.NewRealClock(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		b, err := k.Begin(t.Context(), "root", false) // nothing runs that would make it
		if err != nil || b.State != db.BackupRunning {
			t.Fatalf("Begin = %+v, %v", b, err)
		}
		if _, err := k.Begin(t.Context(), "root", false); !errors.Is(err, db.ErrConflict) {
			t.Errorf("a second: %v", err)
		}
		if err := k.DeleteBackup(t.Context(), b.ID); !errors.Is(err, db.ErrConflict) {
			t.Errorf("delete it: %v", err)
		}
		if _, _, err := k.OpenBackup(t.Context(), b.ID); !errors.Is(err, db.ErrConflict) {
			t.Errorf("open it: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		k.make(ctx, <-k.ask) // the server ends
		if b, err = k.Backup(t.Context(), b.ID); err != nil || b.State != db.BackupFailed || b.Why == "" {
			t.Fatalf("it is %+v, %v", b, err)
		}
		if left, err := os.ReadDir(filepath.Join(dir, backupDir, workDir)); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
		if err := k.DeleteBackup(t.Context(), b.ID); err != nil {
			t.Error(err)
		}
		if all, err := k.Backups(t.Context()); err != nil || len(all) > 0 {
			t.Errorf("left: %v, %v", all, err)
		}
	})
}

// What could fill the disk is not begun.
func TestKeeperRoom(t *testing.T) {
	k, _ := keep(t, 2, clockwork.NewRealClock(), bolt.Options{MinFree: 1 << 60})
	if _, err := k.Begin(t.Context(), "root", false); !errors.Is(err, db.ErrNoSpace) {
		t.Errorf("Begin: %v", err)
	}
}

func TestParseSize(t *testing.T) {
	for s, want := range map[string]int64{
		"": 0, "0": 0, "7": 7, "1K": 1 << 10, "512MiB": 512 << 20, "2g": -1, "2G": 2 << 30, "1TB": 1 << 40, "1 MiB": -1, "-1": -1, "MiB": -1, "1MMiB": -1, "2000000T": -1,
	} {
		n, err := parseSize(s)
		if want < 0 != (err != nil) || want >= 0 && n != want {
			t.Errorf("%q = %d, %v", s, n, err)
		}
	}
}
