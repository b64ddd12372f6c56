package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/internal/app"
)

// patience is how long a test waits for what should come at once.
const patience = 30 * time.Second

// serveArgs serves a directory on free ports.
func serveArgs(dir string, more ...string) []string {
	return append([]string{"serve", "--data", dir, "--cwmp", "127.0.0.1:0", "--admin", "127.0.0.1:0"}, more...)
}

var (
	adminURL = regexp.MustCompile(`^Admin API:  (http://\S+)/api/v1$`)
	phoneURL = regexp.MustCompile(`^Enter in a phone, as its TR-069 ACS URL: (http://\S+)$`)
)

// awaitBanner reads from the banner where the program serves, and leaves the
// rest to nobody.
func awaitBanner(t *testing.T, stdout io.Reader) (admin, acs string) {
	t.Helper()
	for in := bufio.NewScanner(stdout); in.Scan(); {
		if m := adminURL.FindStringSubmatch(in.Text()); m != nil {
			admin = m[1]
		}
		if m := phoneURL.FindStringSubmatch(in.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return admin, m[1]
		}
	}
	t.Fatal("it ended and did not say where it serves")
	return "", ""
}

func awaitReady(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("/readyz: status %d", res.StatusCode)
	}
}

// TestServe serves until it is asked to end.
func TestServe(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stdout, told := io.Pipe()
	var errOut bytes.Buffer
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, serveArgs(dir), told, &errOut)
		told.Close()
	}()
	admin, _ := awaitBanner(t, stdout)
	awaitReady(t, admin)

	if got := runLine(t.Context(), serveArgs(dir)...); got.status != exitLocked || !strings.Contains(got.errOut, db.ErrLocked.Error()) || got.out != "" {
		t.Errorf("a second one on the same directory: %+v", got)
	}
	stop()
	select {
	case got := <-status:
		if got != exitOK || strings.Contains(errOut.String(), "phoneacs: ") {
			t.Errorf("status %d: %s", got, &errOut)
		}
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
	if info, err := os.Stat(filepath.Join(dir, "admin-token")); err != nil || info.Mode() != 0o600 {
		t.Errorf("the token of a start without a terminal: %v, %v", info, err)
	}
}

// TestServeFails gives what only shows when the server starts.
func TestServeFails(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	config := writeFile(t, "# ours\npprof: "+busy.Addr().String()+"\n")
	got := runLine(t.Context(), serveArgs(filepath.Join(t.TempDir(), "data"), "--config", config)...)
	if want := "phoneacs: " + config + ":2: pprof: cannot listen on "; got.status != exitUsage || got.out != "" || !strings.HasPrefix(got.errOut, want) {
		t.Errorf("a busy port: %+v; want %q", got, want)
	}
	file := writeFile(t, "")
	if got := runLine(t.Context(), serveArgs(filepath.Join(file, "data"))...); got.status != exitFailed || !strings.Contains(got.errOut, "not a directory") || got.out != "" {
		t.Errorf("a directory below a file: %+v", got)
	}
	t.Setenv(app.TokenVariable, "hidden")
	if got := runLine(t.Context(), serveArgs(t.TempDir(), "--check")...); got.status != exitUsage || strings.Contains(got.errOut, "hidden") ||
		!strings.HasPrefix(got.errOut, "phoneacs: "+app.TokenVariable+": ") {
		t.Errorf("a short token: %+v", got)
	}
}

// TestServeInterrupted is a signal that comes before the server serves.
func TestServeInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := runLine(ctx, serveArgs(filepath.Join(t.TempDir(), "data"))...); got != (result{status: exitOK}) {
		t.Errorf("%+v; want nothing but status 0", got)
	}
}
