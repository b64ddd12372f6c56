package e2e

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"phoneacs/admin/client"
	"phoneacs/internal/sim"
)

// TestBackupByCommand backs a server at work up by the command alone, in all
// ways in which it finds it, and its directory once the server has ended.
func TestBackupByCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newServer(t, dir, "--enrol", "open")
	s.env = nil // its token is in its directory
	s.Start()
	runFleet(t, sim.Options{ACS: s.ACS(), Phones: 5, Models: []string{"X6"}, PeriodicInterval: time.Second})
	token, err := os.ReadFile(filepath.Join(dir, "admin-token"))
	if err != nil {
		t.Fatal(err)
	}
	s.token = strings.TrimSpace(string(token))
	s.awaitPhones(t, 5, time.Minute)
	ring := make([]byte, 3<<20)
	_, _ = rand.Read(ring)
	s.addFile(t, "ring.bin", "ringer", "", "", ring)

	to := t.TempDir()
	sound := regexp.MustCompile(`^\S+: [0-9]+ bytes, sha256 [0-9a-f]{64}\n5 phones, 0 jobs, 1 files, 0 uploads; secrets were left out\n$`)
	for name, tt := range map[string]struct {
		env  []string
		args []string
	}{
		"flag":      {nil, []string{"--server", s.admin, "--data", dir}},
		"variable":  {[]string{"PHONEACS_SERVER=" + s.admin, "PHONEACS_DATA=" + dir}, nil},
		"directory": {[]string{"PHONEACS_SERVER=" + s.admin}, []string{"--data", dir}}, // which the server has
	} {
		path := filepath.Join(to, name)
		o := runProgram(t, tt.env, append([]string{"backup", "--output", path}, tt.args...)...)
		if o.status != 0 || !sound.MatchString(o.stdout) || o.stderr != "" {
			t.Errorf("%s: status %d: %s%s", name, o.status, o.stdout, o.stderr)
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(b); !strings.Contains(o.stdout, hex.EncodeToString(sum[:])) {
			t.Errorf("%s: the file has not the digest that is told: %s", name, o.stdout)
		}
		restored(t, b)
	}
	if got := s.line("", "backup", "--output", filepath.Join(to, "flag")); got.status != 2 || !strings.Contains(got.errs, "exists") {
		t.Errorf("over a file: %+v", got)
	}
	if got := s.line("", "backup", "--output", filepath.Join(to, "none", "b")); got.status != 2 || !strings.Contains(got.errs, "no such file or directory") || len(s.backups(t)) != 3 {
		t.Errorf("into a directory that is not there: %+v, and there are %d backups", got, len(s.backups(t)))
	}
	if got := s.line("", "backup", "--with-secrets", "--json"); got.status != 0 || !strings.Contains(got.out, `"state":"ready"`) || !strings.Contains(got.out, `"secrets":true`) {
		t.Errorf("kept at the server: %+v", got)
	}
	kept := s.backups(t)
	if got := s.line("", "backup", "list"); got.status != 0 || strings.Count(got.out, "\n") != 5 || !strings.Contains(got.out, kept[0].ID+"  ready") {
		t.Errorf("list: %+v", got)
	}
	path := filepath.Join(to, "fetched")
	if got := s.line("", "backup", "fetch", kept[0].ID, "--output", path); got.status != 0 || !strings.Contains(got.out, kept[0].SHA256) {
		t.Errorf("fetch: %+v", got)
	}
	if got := s.line("", "backup", "delete", kept[0].ID); got.status != 0 || len(s.backups(t)) != 3 {
		t.Errorf("delete: %+v", got)
	}
	for _, args := range [][]string{{"delete", kept[0].ID}, {"fetch", kept[0].ID, "--output", filepath.Join(to, "x")}} {
		if got := s.line("", append([]string{"backup"}, args...)...); got.status != 5 || !strings.Contains(got.errs, "phoneacs backup list") {
			t.Errorf("%v of one that is gone: %+v", args, got)
		}
	}
	if err := s.Term(); err != nil {
		t.Fatal(err)
	}
	if got := s.line("", "backup", "--output", filepath.Join(to, "late")); got.status != 7 || !strings.Contains(got.errs, "phoneacs serve") {
		t.Errorf("a server that has ended: %+v", got)
	}
	o := runProgram(t, nil, "backup", "--data", dir, "--output", filepath.Join(to, "offline"))
	if o.status != 0 || !sound.MatchString(o.stdout) {
		t.Errorf("without a server: status %d: %s%s", o.status, o.stdout, o.stderr)
	}
	left, err := filepath.Glob(filepath.Join(to, "*.part"))
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestBackupInTerminal looks at a backup through a terminal that is not ours.
// The server is one that stands still where it is looked at.
func TestBackupInTerminal(t *testing.T) {
	t.Parallel()
	needPrograms(t, "tmux")
	archive := make([]byte, 4<<20)
	_, _ = rand.Read(archive)
	sum := sha256.Sum256(archive)
	b := client.Backup{ID: "b20260517-080000000", State: client.BackupReady, Made: time.Now(), Version: "1", Size: int64(len(archive)), SHA256: hex.EncodeToString(sum[:])}
	running := b
	running.State, running.Size, running.SHA256, running.Done, running.Total = client.BackupRunning, 0, "", 3_000_000, 10_000_000
	made, half := make(chan struct{}), make(chan struct{}, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			_, _ = io.Copy(io.Discard, r.Body) // only then it is noticed that a client goes
			select {
			case <-made:
			case <-r.Context().Done():
			}
			_ = json.NewEncoder(w).Encode(b)
		case strings.HasSuffix(r.URL.Path, "/content"):
			w.Header().Set("Content-Length", fmt.Sprint(len(archive)))
			_, _ = w.Write(archive[:len(archive)/2])
			w.(http.Flusher).Flush()
			select {
			case <-half:
				_, _ = w.Write(archive[len(archive)/2:])
			case <-r.Context().Done():
			}
		case strings.HasSuffix(r.URL.Path, "/backups"):
			_ = json.NewEncoder(w).Encode(client.Page[client.Backup]{Items: []client.Backup{running}})
		default:
			_ = json.NewEncoder(w).Encode(b)
		}
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	to := t.TempDir()
	line := fmt.Sprintf("trap : INT; cd %s; %s backup --output b.tar.gz; echo status $?; %[2]s backup fetch %s --output c.tar.gz; echo status $?", to, program(t), b.ID)
	screen := newTerminal(t, 200, 20, s.URL, "x", line)
	screen.shows(`backup +30% .*\(3\.0/10 MB`)
	close(made)
	screen.shows(`b\.tar\.gz +50% .*\(2\.1/4\.2 MB`)
	if _, err := os.Stat(filepath.Join(to, "b.tar.gz")); !os.IsNotExist(err) {
		t.Errorf("half of it has its name: %v", err)
	}
	half <- struct{}{}
	screen.shows(`(?s)b\.tar\.gz: 4194304 bytes, sha256 .*status 0.*c\.tar\.gz +50% `)
	if got, err := os.ReadFile(filepath.Join(to, "b.tar.gz")); err != nil || sha256.Sum256(got) != sum {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	screen.keys("C-c")
	screen.shows(`(?s)interrupted; c\.tar\.gz was not written, the server keeps backup ` + b.ID + `.*phoneacs backup fetch ` + b.ID + ` --output c\.tar\.gz.*status 1`)
	if left, err := filepath.Glob(filepath.Join(to, "c*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
