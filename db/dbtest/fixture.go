package dbtest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

// A fixture is a store under test, with the directory it lives in and a clock
// that only the test moves.
type fixture struct {
	db.Store
	t    tb
	real *testing.T
	ctx  context.Context
	open Open
	dir  string
	now  time.Time
	made int // phones made so far, for their MACs
}

// A tb is what the suite needs of a *testing.T; a property test puts a
// *rapid.T in its place for the time of a run.
type tb interface {
	Helper()
	Name() string
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// monday is when every test begins.
var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func newFixture(t *testing.T, open Open) *fixture {
	t.Helper()
	return openFixture(t, open, t.TempDir(), monday)
}

func openFixture(t *testing.T, open Open, dir string, now time.Time) *fixture {
	t.Helper()
	f := &fixture{Store: open(t, dir), t: t, real: t, ctx: context.Background(), open: open, dir: dir, now: now}
	t.Cleanup(func() {
		if f.Store == nil {
			return // closed by the test
		}
		f.check()
		f.close()
	})
	return f
}

// check fails the test, and keeps the store for inspection, unless the store
// finds itself sound and its counts equal a recount.
func (f *fixture) check() {
	f.t.Helper()
	faults, err := f.Check(f.ctx)
	if err != nil {
		f.t.Errorf("Check: %v", err)
		return
	}
	faults = append(faults, f.recount()...)
	if len(faults) == 0 {
		return
	}
	kept, err := os.MkdirTemp("", strings.ReplaceAll(f.t.Name(), "/", "-")+"-*.broken")
	if err == nil {
		err = copyDir(f.dir, kept)
	}
	if err != nil {
		kept = "(not kept: " + err.Error() + ")"
	}
	f.t.Errorf("the store is not sound; it is kept in %s:\n%s", kept, strings.Join(faults, "\n"))
}

func (f *fixture) close() {
	f.t.Helper()
	if err := f.Store.Close(); err != nil {
		f.t.Errorf("Close: %v", err)
	}
	f.Store = nil
}

// reopen is a restart in good order.
func (f *fixture) reopen() {
	f.t.Helper()
	f.check()
	f.close()
	f.Store = f.open(f.real, f.dir)
	f.check()
}

// crash returns the store that a power cut would have left at this moment,
// opened: a copy of the directory, taken while the store is open and has been
// told nothing.
func (f *fixture) crash() *fixture {
	f.t.Helper()
	dir := f.real.TempDir()
	if err := copyDir(f.dir, dir); err != nil {
		f.t.Fatalf("copy the store: %v", err)
	}
	g := openFixture(f.real, f.open, dir, f.now)
	g.made = f.made
	return g
}

// copyDir also keeps modes: a store may refuse what others can read.
func copyDir(from, to string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.Chmod(filepath.Join(to, rel), info.Mode().Perm())
	})
}

// later moves the test's clock.
func (f *fixture) later(d time.Duration) { f.now = f.now.Add(d) }

// ok ends the test if a step failed that should not have.
func (f *fixture) ok(err error, what string, args ...any) {
	f.t.Helper()
	if err != nil {
		f.t.Fatalf(what+": %v", append(args, err)...)
	}
}

// fails checks that a step failed with the sentinel that is documented for it.
func (f *fixture) fails(err, want error, what string, args ...any) {
	f.t.Helper()
	if !errors.Is(err, want) {
		f.t.Errorf(what+": %v; want %v", append(args, err, want)...)
	}
}

// failsField checks for a *db.FieldError that names a field.
func (f *fixture) failsField(err error, field, what string) {
	f.t.Helper()
	var fe *db.FieldError
	if !errors.As(err, &fe) || fe.Field != field {
		f.t.Errorf("%s: %v; want a *FieldError that names %s", what, err, field)
	}
}

// recount compares each job's counts with its tasks, and its state with them.
func (f *fixture) recount() (faults []string) {
	f.t.Helper()
	for _, j := range all(f, f.ListJobs) {
		faults = append(faults, f.recountJob(j)...)
	}
	return faults
}
