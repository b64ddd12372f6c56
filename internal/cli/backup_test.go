package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

const archived = "the bytes of an archive, which are more than a few"

// A keeper is a server that makes backups as it is told to.
type keeper struct {
	mu     sync.Mutex
	states []client.Backup // what is shown, one after the other; the last stays
	body   string          // of the archive; it says to have all
	hang   bool            // in the middle of it
	asked  []string
	posted chan struct{} // the order is answered once it is closed; nil: at once
}

func madeBackup() client.Backup {
	sum := sha256.Sum256([]byte(archived))
	return client.Backup{
		ID: "b20260517-080000000", State: client.BackupReady, Made: time.Now(), Version: "1", Size: int64(len(archived)),
		SHA256: hex.EncodeToString(sum[:]), Counts: client.BackupCounts{Phones: 3, Jobs: 2},
	}
}

func (k *keeper) next() client.Backup {
	b := k.states[0]
	if len(k.states) > 1 {
		k.states = k.states[1:]
	}
	return b
}

func (k *keeper) serve(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then it is noticed that a client goes
		k.mu.Lock()
		k.asked = append(k.asked, r.Method+" "+r.URL.Path)
		k.mu.Unlock()
		switch {
		case strings.HasSuffix(r.URL.Path, "/content"):
			w.Header().Set("Content-Length", fmt.Sprint(len(archived)))
			_, _ = w.Write([]byte(k.body))
			if k.hang {
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			}
			return
		case r.Method == http.MethodPost && k.posted != nil:
			select {
			case <-k.posted:
			case <-r.Context().Done():
				return
			}
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		b := k.next()
		if strings.HasSuffix(r.URL.Path, "/backups") && r.Method == http.MethodGet {
			_ = json.NewEncoder(w).Encode(client.Page[client.Backup]{Items: []client.Backup{b}})
			return
		}
		_ = json.NewEncoder(w).Encode(b)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

var errHeld = errors.New("another process uses the store")

// backupLine runs `phoneacs backup` where stores are the directories that have one.
func backupLine(ctx context.Context, stores map[string]error, args ...string) (out, errs string, err error) {
	cmd := Backup(Offline{
		Has:  func(dir string) bool { _, ok := stores[dir]; return ok },
		Held: func(err error) bool { return errors.Is(err, errHeld) },
		Write: func(_ context.Context, dir, output string, secrets bool, told func(int64, int64)) (client.Backup, error) {
			told(1, 2)
			b := madeBackup()
			b.ID, b.Secrets = "", secrets
			return b, stores[dir]
		},
	})
	root := &cobra.Command{Use: "phoneacs", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(cmd)
	var o, e strings.Builder
	root.SetArgs(append([]string{"backup"}, args...))
	root.SetOut(&o)
	root.SetErr(&e)
	err = root.ExecuteContext(ctx)
	return o.String(), e.String(), err
}

// empty demands that a directory has nothing in it.
func empty(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// A server that makes one is asked until it is ready, and what it made has its
// name once it is whole.
func TestBackupOnline(t *testing.T) {
	running := madeBackup()
	running.State, running.Size, running.SHA256, running.Done, running.Total = client.BackupRunning, 0, "", 10, 100
	k := &keeper{states: []client.Backup{running, running, madeBackup()}, body: archived}
	path := filepath.Join(t.TempDir(), "b.tar.gz")
	out, _, err := backupLine(t.Context(), nil, "--server", k.serve(t), "--output", path)
	got, rerr := os.ReadFile(path)
	if err != nil || rerr != nil || string(got) != archived || !strings.HasPrefix(out, path+": 50 bytes, sha256 ") || !strings.Contains(out, "3 phones, 2 jobs") {
		t.Errorf("%q, %v; the file has %q, %v", out, err, got, rerr)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	if out, errs, err := backupLine(t.Context(), nil, "--server", k.serve(t)); err != nil || !strings.Contains(errs, "phoneacs backup fetch b20260517-080000000 --output") {
		t.Errorf("without --output: %q, %q, %v", out, errs, err)
	}
}

// What goes wrong leaves no half file, and says what to do.
func TestBackupGoesWrong(t *testing.T) {
	failed := madeBackup()
	failed.State, failed.Why = client.BackupFailed, "the disk is full"
	var away *client.Unreachable
	for name, tt := range map[string]struct {
		k    *keeper
		is   func(error) bool
		says string
	}{
		"failed":      {&keeper{states: []client.Backup{failed}}, func(err error) bool { return errors.Is(err, ErrNotMade) }, "the disk is full"},
		"cut short":   {&keeper{states: []client.Backup{madeBackup()}, body: archived[:20]}, func(err error) bool { return errors.As(err, &away) }, "after 20 bytes of 50"},
		"other bytes": {&keeper{states: []client.Backup{madeBackup()}, body: strings.ToUpper(archived)}, func(err error) bool { return !errors.As(err, &away) }, "not those that were meant"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			_, _, err := backupLine(t.Context(), nil, "--server", tt.k.serve(t), "--output", filepath.Join(dir, "b"))
			if err == nil || !tt.is(err) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "\n") {
				t.Errorf("%v", err)
			}
			empty(t, dir)
		})
	}
	t.Run("a file that is there", func(t *testing.T) {
		k := &keeper{states: []client.Backup{madeBackup()}}
		path := filepath.Join(t.TempDir(), "b")
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := backupLine(t.Context(), nil, "--server", k.serve(t), "--output", path)
		var word *UsageError
		if got, _ := os.ReadFile(path); !errors.As(err, &word) || string(got) != "mine" || len(k.asked) > 0 {
			t.Errorf("%v; it has %q, asked %v", err, got, k.asked)
		}
	})
}

// Ctrl-C says what is left where.
func TestBackupInterrupted(t *testing.T) {
	running := madeBackup()
	running.State = client.BackupRunning
	for name, tt := range map[string]struct {
		k    *keeper
		done string // the request after which it is interrupted
		says string
	}{
		"while it is made": {&keeper{states: []client.Backup{running}, posted: make(chan struct{})}, "GET /api/v1/backups", "the server goes on with backup b20260517-080000000: context canceled\nonce it is made, fetch it with `phoneacs backup fetch"},
		"while it comes":   {&keeper{states: []client.Backup{madeBackup()}, body: archived[:9], hang: true}, "GET /api/v1/backups/b20260517-080000000/content", "was not written, the server keeps backup b20260517-080000000"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			ctx, cancel := context.WithCancel(t.Context())
			server := tt.k.serve(t)
			ended := make(chan error, 1)
			go func() {
				_, _, err := backupLine(ctx, nil, "--server", server, "--output", filepath.Join(dir, "b"))
				ended <- err
			}()
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for range tick.C { // the test's own time ends it
				tt.k.mu.Lock()
				n := strings.Count(strings.Join(tt.k.asked, "\n")+"\n", tt.done+"\n")
				tt.k.mu.Unlock()
				if n > 1 || n == 1 && tt.k.hang {
					break
				}
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v", err)
			}
			empty(t, dir)
		})
	}
}

// Of what a backup is made: a server that is named, else a directory, else the
// server that has it.
func TestBackupOfWhat(t *testing.T) {
	const here = "/srv/phones"
	offline, online := "b: 50 bytes", "b20260517-080000000: 50 bytes"
	server := (&keeper{states: []client.Backup{madeBackup()}}).serve(t)
	for name, tt := range map[string]struct {
		env    map[string]string
		stores map[string]error
		args   []string
		out    string
		err    string
	}{
		"a server":                          {nil, map[string]error{defaultData: nil}, []string{"--server", server}, online, ""},
		"a server with its directory":       {nil, map[string]error{here: nil}, []string{"--server", server, "--data", here}, online, ""},
		"a directory":                       {nil, map[string]error{here: nil}, []string{"--data", here, "--output", "b"}, offline, ""},
		"a directory before a variable":     {map[string]string{ServerVariable: server}, map[string]error{here: nil}, []string{"--data", here, "--output", "b"}, offline, ""},
		"a directory of a variable":         {map[string]string{dataVariable: here}, map[string]error{here: nil}, []string{"--output", "b"}, offline, ""},
		"both variables":                    {map[string]string{dataVariable: here, ServerVariable: server}, map[string]error{here: nil}, nil, online, ""},
		"the usual directory":               {nil, map[string]error{defaultData: nil}, []string{"--output", "b"}, offline, ""},
		"no output of a directory":          {nil, map[string]error{defaultData: nil}, nil, "", "--output: needs a file"},
		"no store":                          {nil, nil, []string{"--data", here, "--output", "b"}, "", "there is no store in " + here},
		"no store of a variable":            {map[string]string{dataVariable: here}, nil, []string{"--output", "b"}, "", "there is no store in " + here},
		"a directory that no server is for": {map[string]string{ServerVariable: "127.0.0.1:1"}, map[string]error{here: errHeld}, []string{"--data", here, "--output", "/tmp/none-of-these/b"}, "", "--output"},
		"standard output":                   {nil, map[string]error{here: nil}, []string{"--data", here, "--output", "-"}, "", "want a file"},
		"another failure":                   {nil, map[string]error{here: errors.New("broken")}, []string{"--data", here, "--output", "b"}, "", "broken"},
		"sealed secrets":                    {nil, map[string]error{here: nil}, []string{"--data", here, "--output", "b", "--with-secrets"}, "sealed secrets are in it", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			out, _, err := backupLine(t.Context(), tt.stores, tt.args...)
			if tt.err == "" && err != nil || !strings.Contains(out, tt.out) || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("%q, %v; want %q, %q", out, err, tt.out, tt.err)
			}
		})
	}
	t.Run("held, and the server is elsewhere", func(t *testing.T) {
		t.Setenv(ServerVariable, "127.0.0.1:1")
		dir := t.TempDir()
		_, _, err := backupLine(t.Context(), map[string]error{here: errHeld}, "--data", here, "--output", filepath.Join(dir, "b"))
		if !errors.Is(err, errHeld) || !strings.Contains(err.Error(), "no server answers at http://127.0.0.1:1\nsay where") {
			t.Errorf("%v", err)
		}
		empty(t, dir)
	})
	t.Run("held, and the server answers", func(t *testing.T) {
		t.Setenv(ServerVariable, (&keeper{states: []client.Backup{madeBackup()}, body: archived}).serve(t))
		path := filepath.Join(t.TempDir(), "b")
		_, _, err := backupLine(t.Context(), map[string]error{here: errHeld}, "--data", here, "--output", path)
		if got, rerr := os.ReadFile(path); err != nil || string(got) != archived {
			t.Errorf("%v; %q, %v", err, got, rerr)
		}
	})
}

func TestBackupKept(t *testing.T) {
	running := madeBackup()
	running.State, running.Size, running.Done, running.Total = client.BackupRunning, 0, 2_000_000, 9_000_000
	k := &keeper{states: []client.Backup{running}}
	server := k.serve(t)
	if out, _, err := backupLine(t.Context(), nil, "list", "--server", server); err != nil || !strings.Contains(out, "2.0 MB of 9.0 MB") {
		t.Errorf("list: %q, %v", out, err)
	}
	dir := t.TempDir()
	if _, _, err := backupLine(t.Context(), nil, "fetch", running.ID, "--server", server, "--output", filepath.Join(dir, "b")); err == nil || !strings.Contains(err.Error(), "is running") {
		t.Errorf("fetch: %v", err)
	}
	empty(t, dir)
	if out, _, err := backupLine(t.Context(), nil, "delete", running.ID, "--server", server); err != nil || !strings.Contains(out, "is gone") || k.asked[len(k.asked)-1] != "DELETE /api/v1/backups/"+running.ID {
		t.Errorf("delete: %q, %v, %v", out, err, k.asked)
	}
}

// A backup that was there before is not taken for the one that is ordered.
func TestBackupIsTheOrderedOne(t *testing.T) {
	k := &keeper{states: []client.Backup{madeBackup()}, body: archived, posted: make(chan struct{})}
	server := k.serve(t)
	path := filepath.Join(t.TempDir(), "b")
	ended := make(chan error, 1)
	go func() {
		_, _, err := backupLine(t.Context(), nil, "--server", server, "--output", path)
		ended <- err
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for looked := 0; looked < 2; {
		select {
		case err := <-ended:
			t.Fatalf("it ended before the order was answered: %v", err)
		case <-tick.C:
		}
		k.mu.Lock()
		looked = strings.Count(strings.Join(k.asked, "\n")+"\n", "GET /api/v1/backups\n")
		k.mu.Unlock()
	}
	close(k.posted)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
