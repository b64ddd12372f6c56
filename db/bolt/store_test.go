package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"phoneacs/db"
	"phoneacs/internal/seal"
)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, db.ErrClosed) {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func check(t testing.TB, s *Store) {
	t.Helper()
	faults, err := s.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Errorf("check: %s", f)
	}
}

func TestOpenTwice(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	begin := time.Now()
	_, err := Open(t.Context(), Options{Dir: dir})
	if !errors.Is(err, db.ErrLocked) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "--data") {
		t.Fatalf("second Open: %v; want ErrLocked with the path and what to do", err)
	}
	if d := time.Since(begin); d > 2*time.Second {
		t.Errorf("second Open took %v", d)
	}
}

func TestOpenNewerLayout(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	err := s.bolt.Update(func(b *bbolt.Tx) error {
		return b.Bucket(bMeta).Put(keySchema, binary.BigEndian.AppendUint64(nil, Schema+1))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "newer program") {
		t.Fatalf("Open of a newer layout: %v", err)
	}
}

// An older store is brought up to date, each step once and all or nothing, and
// is kept as it was.
func TestMigrate(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	site, err := s.CreateSite(t.Context(), db.Site{Name: "before"})
	if err != nil {
		t.Fatal(err)
	}
	fail := errors.New("step failed")
	ran := 0
	steps := append(migrations[:], func(x *tx) error {
		ran++
		if err := x.put(bMeta, []byte("new"), []byte{1}); err != nil || ran == 1 {
			return errors.Join(fail, err)
		}
		return nil
	})
	if err := s.migrate(t.Context(), steps); !errors.Is(err, fail) {
		t.Fatalf("migrate with a failing step: %v", err)
	}
	has := func(s *Store) (has bool) {
		_ = s.view(t.Context(), func(x *tx) error { has = x.has(bMeta, []byte("new")); return nil })
		return has
	}
	if has(s) {
		t.Error("a failed step has left something")
	}
	for range 2 {
		if err := s.migrate(t.Context(), steps); err != nil {
			t.Fatal(err)
		}
	}
	if ran != 2 || !has(s) {
		t.Errorf("the step ran %d times; want once more after the failure", ran)
	}
	kept := filepath.Join(t.TempDir(), FileName)
	b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%s.layout%d", FileName, Schema)))
	if err == nil {
		err = os.WriteFile(kept, b, 0o600)
	}
	if err == nil {
		b, err = os.ReadFile(filepath.Join(dir, seal.FileName))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(filepath.Dir(kept), seal.FileName), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	old := open(t, filepath.Dir(kept))
	if got, err := old.Site(t.Context(), site.ID); err != nil || got.Name != "before" || has(old) {
		t.Errorf("the copy has site %+v, %v", got, err)
	}
	check(t, old)
}

func TestOpenDropsOrphanSelections(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	chunks := make([][]db.PhoneID, maxChunks+1)
	for i := range chunks {
		chunks[i] = []db.PhoneID{1, 2}
	}
	if _, err := s.freezeAhead(t.Context(), chunks); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	_ = s.view(t.Context(), func(t2 *tx) error {
		if k, _ := t2.Bucket(bSelection).Cursor().First(); k != nil {
			t.Errorf("a selection without a job is still there: %x", k)
		}
		return nil
	})
	check(t, s)
}

// A step that fails half way, or panics, takes nothing and nobody with it.
func TestSpoilerFailsAlone(t *testing.T) {
	s := open(t, t.TempDir())
	boom := errors.New("boom")
	entered, gate := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	results := make([]error, 30)
	wg.Go(func() { // holds the writer so that the rest shares a batch
		_ = s.update(t.Context(), func(*tx) error { close(entered); <-gate; return nil })
	})
	<-entered
	for i := range results {
		wg.Go(func() {
			results[i] = s.update(t.Context(), func(x *tx) error {
				if err := x.put(bMeta, fmt.Appendf(nil, "k%d", i), []byte{1}); err != nil {
					return err
				}
				switch i % 3 {
				case 1:
					return boom
				case 2:
					panic("boom")
				}
				return nil
			})
		})
	}
	for len(s.writes) < len(results) { // until all are queued
		runtime.Gosched()
	}
	close(gate)
	wg.Wait()
	_ = s.view(t.Context(), func(x *tx) error {
		for i, err := range results {
			if wrote := x.has(bMeta, fmt.Appendf(nil, "k%d", i)); wrote != (i%3 == 0) || (err == nil) != wrote {
				t.Errorf("step %d: error %v, written %v", i, err, wrote)
			}
		}
		return nil
	})
	check(t, s)
}

func TestJudgeCommitError(t *testing.T) {
	path := func(op string, err error) error { return &os.PathError{Op: op, Path: "x", Err: err} }
	for _, tt := range []struct {
		name  string
		err   error
		want  error
		fatal bool
	}{
		{"no space for a page", path("write", syscall.ENOSPC), db.ErrNoSpace, false},
		{"over quota", path("write", syscall.EDQUOT), db.ErrNoSpace, false},
		{"no space to grow", fmt.Errorf("file resize error: %s", path("truncate", syscall.ENOSPC)), db.ErrNoSpace, false},
		{"input/output error", path("write", syscall.EIO), db.ErrFailed, true},
		{"failed sync", syscall.EIO, db.ErrFailed, true},
		{"sync without space", syscall.ENOSPC, db.ErrFailed, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := failure{ch: make(chan struct{})}
			if err := f.judge(tt.err); !errors.Is(err, tt.want) {
				t.Errorf("judge = %v; want %v", err, tt.want)
			}
			if got := f.failed() != nil; got != tt.fatal {
				t.Errorf("fatal = %v; want %v", got, tt.fatal)
			}
		})
	}
}

// A store that had no room is ready when there is some, whoever writes.
func TestReadyAgainWithSpace(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir(), FlushEvery: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tmp := filepath.Join(s.opts.Dir, blobDir, tmpDir)
	if err := os.Remove(tmp); err != nil { // probes fail until it is back
		t.Fatal(err)
	}
	_ = s.fail.judge(&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
	if err := s.update(t.Context(), func(x *tx) error { return x.put(bMeta, []byte("k"), []byte("v")) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(); !errors.Is(err, db.ErrNoSpace) {
		t.Fatalf("Ready after a commit that found free pages = %v; want ErrNoSpace", err)
	}
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for s.Ready() != nil {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("Ready with space = %v", s.Ready())
		}
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("of the probe remain %v, %v", left, err)
	}
}

func TestDirIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	open(t, dir)
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v; want 0700", info.Mode(), err)
	}
}
