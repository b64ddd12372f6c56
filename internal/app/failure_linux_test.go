package app

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"phoneacs/db"
	"phoneacs/db/bolt"
)

// breakStore makes every further write to the store's file fail, as a disk does
// that has gone: what the file is open as becomes something that only reads.
func (r *running) breakStore() {
	r.tb.Helper()
	const fds = "/proc/self/fd"
	open, err := os.ReadDir(fds)
	if err != nil {
		r.tb.Fatal(err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		r.tb.Fatal(err)
	}
	defer null.Close()
	want := filepath.Join(r.cfg.Data, bolt.FileName)
	for _, fd := range open {
		if to, err := os.Readlink(filepath.Join(fds, fd.Name())); err != nil || to != want {
			continue
		}
		n, err := strconv.Atoi(fd.Name())
		if err != nil {
			r.tb.Fatal(err)
		}
		if err := syscall.Dup3(int(null.Fd()), n, syscall.O_CLOEXEC); err != nil {
			r.tb.Fatal(err)
		}
		return
	}
	r.tb.Fatalf("%s is not open", want)
}

const order = `{"name":"Lobby"}`

// TestStoreFails: the caller learns it, and the server ends by itself.
func TestStoreFails(t *testing.T) {
	r := serve(t, testConfig(t))
	if res := r.ask(http.MethodPost, "/api/v1/sites", `{"name":"Before"}`); res.StatusCode != http.StatusCreated {
		t.Fatalf("a site, before: status %d", res.StatusCode)
	}
	r.breakStore()
	if res := r.ask(http.MethodPost, "/api/v1/sites", order); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a site, after: status %d", res.StatusCode)
	}
	err := r.end()
	if !errors.Is(err, db.ErrFailed) {
		t.Fatalf("Run: %v; want an error that wraps db.ErrFailed", err)
	}
	if !strings.HasPrefix(err.Error(), "a write may not have reached the disk") || strings.Contains(err.Error(), "\n") || strings.Count(err.Error(), db.ErrFailed.Error()) != 1 {
		t.Errorf("it is not said once: %v", err)
	}
}

// TestStoreFailsWhileStopping: no session is waited for that can commit nothing.
func TestStoreFailsWhileStopping(t *testing.T) {
	r := serve(t, testConfig(t))
	r.openSession("A1")
	r.stop()
	eventually(t, "not ready", func() bool { return r.ask(http.MethodGet, "/readyz", "").StatusCode == http.StatusServiceUnavailable })
	r.breakStore()
	_ = r.ask(http.MethodPost, "/api/v1/sites", order)
	if err := r.end(); !errors.Is(err, db.ErrFailed) {
		t.Errorf("Run: %v; want an error that wraps db.ErrFailed", err)
	}
}

// TestStoreFailsUnderRequest: who waits for a commit learns what became of it,
// rather than that a connection has gone.
func TestStoreFailsUnderRequest(t *testing.T) {
	r := serve(t, testConfig(t))
	u := r.beginUpload()
	r.breakStore()
	_ = r.ask(http.MethodPost, "/api/v1/sites", order)
	r.awaitClosed()
	if got := u.finish(); got != http.StatusServiceUnavailable {
		t.Errorf("upload: status %d; want %d", got, http.StatusServiceUnavailable)
	}
	if err := r.end(); !errors.Is(err, db.ErrFailed) {
		t.Errorf("Run: %v; want an error that wraps db.ErrFailed", err)
	}
}
