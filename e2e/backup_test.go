package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/internal/seal"
	"phoneacs/internal/sim"
)

// backup makes one, waits until it is made, and returns it with its archive.
func (s *server) backup(tb testing.TB, secrets bool) (b db.Backup, archive []byte) {
	tb.Helper()
	s.call(tb, http.MethodPost, "/api/v1/backups", map[string]any{"secrets": secrets}, &b)
	eventually(tb, time.Minute, "backup", func() error {
		s.call(tb, http.MethodGet, "/api/v1/backups/"+b.ID, nil, &b)
		if b.State != db.BackupReady {
			return fmt.Errorf("it is %s: %s", b.State, b.Why)
		}
		return nil
	})
	a, err := s.do(tb.Context(), http.MethodGet, "/api/v1/backups/"+b.ID+"/content", nil)
	if err != nil || a.status != http.StatusOK {
		tb.Fatalf("content: %v, status %d", err, a.status)
	}
	if sum := sha256.Sum256(a.body); hex.EncodeToString(sum[:]) != b.SHA256 || int64(len(a.body)) != b.Size {
		tb.Fatalf("the archive has %d bytes and not the digest of %+v", len(a.body), b)
	}
	return b, a.body
}

func (s *server) backups(tb testing.TB) []db.Backup {
	tb.Helper()
	var page struct {
		Items []db.Backup `json:"items"`
	}
	s.call(tb, http.MethodGet, "/api/v1/backups", nil, &page)
	return page.Items
}

func write(tb testing.TB, content []byte) (path string) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "phoneacs.tar.gz")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// restored is a directory made of an archive by the program, which finds it sound.
func restored(tb testing.TB, archive []byte, args ...string) (dir, said string) {
	tb.Helper()
	dir = filepath.Join(tb.TempDir(), "data")
	o := runProgram(tb, nil, append([]string{"restore", write(tb, archive), "--data", dir}, args...)...)
	if o.status != 0 {
		tb.Fatalf("restore: status %d: %s", o.status, o.stderr)
	}
	if c := runProgram(tb, nil, "check", "--data", dir); c.status != 0 || c.stdout != "the store is sound\n" {
		tb.Fatalf("check: status %d: %s%s", c.status, c.stdout, c.stderr)
	}
	return dir, o.stdout
}

// ordering orders a reading by all phones again and again until stop is called,
// which returns the ids that were accepted before a moment that mark takes.
func (s *server) ordering(t *testing.T) (mark func() []string, stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	var accepted []string
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			a, err := s.do(ctx, http.MethodPost, "/api/v1/jobs", newJob{
				Kind: "get-parameters", Args: map[string]any{"names": []string{"Device.DeviceInfo.SoftwareVersion"}},
				Selection: map[string]any{"filter": `tags:none OR model = "X6"`}, When: map[string]any{"now": true},
			})
			if err == nil && a.status == http.StatusCreated {
				mu.Lock()
				accepted = append(accepted, strings.TrimPrefix(a.header.Get("Location"), "/api/v1/jobs/"))
				mu.Unlock()
			} else if err == nil {
				t.Errorf("order: status %d: %.300s", a.status, a.body)
				return
			}
			pass(20 * time.Millisecond)
		}
	})
	return func() []string {
			mu.Lock()
			defer mu.Unlock()
			return append([]string(nil), accepted...)
		}, func() {
			cancel()
			wg.Wait()
		}
}

// TestBackup makes a backup while 200 phones work and orders flow in, and holds
// what is restored of it against what was answered before: every order is there,
// files have their bytes, nothing sealed is left, and phones are issued new
// logins at the server that takes the old one's place.
func TestBackup(t *testing.T) {
	const phones = 200
	dir := t.TempDir()
	s := startServer(t, dir, "--phone-networks", "127.0.0.0/8", "--drain", "2s")
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: phones, Models: []string{"X6"}, PeriodicInterval: time.Second, Spread: time.Second,
		BootTime: time.Millisecond, RetryScale: 0.02, Timeout: 10 * time.Second,
	})
	s.awaitPhones(t, phones, time.Minute)
	s.call(t, http.MethodPost, "/api/v1/phones/approve", map[string]any{"selection": map[string]any{"all": true}}, nil)
	file := s.addFile(t, "X6.cfg", "config", "X6", "", []byte("a config of the catalogue"))
	id := s.awaitPhones(t, phones, time.Minute)[0].ID
	s.awaitStanding(t, id, "approved", "own")
	secret := s.order(t, newJob{
		Kind: "set-parameters", Args: map[string]any{"parameters": []map[string]any{{"name": "Device.Users.User.1.Password", "value": "planted-secret", "type": "string"}}},
		Selection: map[string]any{"all": true}, When: map[string]any{"at": time.Now().Add(24 * time.Hour).Format(time.RFC3339)},
	})
	mark, stop := s.ordering(t)
	eventually(t, time.Minute, "orders", func() error {
		if n := len(mark()); n < 10 {
			return fmt.Errorf("%d so far", n)
		}
		return nil
	})
	want := mark()
	b, archive := s.backup(t, false)
	_, sealed := s.backup(t, true)
	stop()
	if b.Counts.Phones != phones || b.Counts.WithoutLogins == 0 || b.Counts.EndedJobs != 1 {
		t.Errorf("the backup counts %+v", b.Counts)
	}
	if all := s.backups(t); len(all) != 2 || all[1].ID != b.ID {
		t.Errorf("backups %+v", all)
	}
	key, err := os.ReadFile(filepath.Join(dir, seal.FileName))
	if err != nil {
		t.Fatal(err)
	}

	t.Run("a directory in use", func(t *testing.T) {
		for _, args := range [][]string{
			{"backup", "--output", filepath.Join(t.TempDir(), "b")}, {"check"}, {"compact"}, {"restore", write(t, archive), "--replace"},
		} {
			// No server answers there: the one that has the directory must not be found by chance.
			if o := runProgram(t, []string{"PHONEACS_SERVER=127.0.0.1:1"}, append(args, "--data", dir)...); o.status != 3 || !strings.Contains(o.stderr, "another process uses") {
				t.Errorf("%s: status %d: %s", args[0], o.status, o.stderr)
			}
		}
	})
	t.Run("with secrets", func(t *testing.T) {
		path := write(t, sealed)
		to := filepath.Join(t.TempDir(), "data")
		if o := runProgram(t, nil, "restore", path, "--data", to); o.status != 1 || !strings.Contains(o.stderr, "their key is not in it") {
			t.Errorf("without the key: status %d: %s", o.status, o.stderr)
		}
		gone(t, to)
		env := []string{"PHONEACS_KEY=" + strings.TrimSpace(string(key))}
		if o := runProgram(t, env, "restore", path, "--data", to); o.status != 0 {
			t.Errorf("with the key: status %d: %s", o.status, o.stderr)
		}
		if o := runProgram(t, env, "check", "--data", to); o.status != 0 {
			t.Errorf("check: %s%s", o.stdout, o.stderr)
		}
	})
	t.Run("refused", func(t *testing.T) { refusesArchives(t, archive) })

	s.Kill()
	if again := runProgram(t, nil, "restore", write(t, archive), "--data", dir); again.status != 1 || !strings.Contains(again.stderr, "is not empty") {
		t.Errorf("over a directory in use: status %d: %s", again.status, again.stderr)
	}
	to, said := restored(t, archive)
	if !strings.Contains(said, "are issued new logins at their next session") || !strings.Contains(said, "1 jobs were to send a secret and expire") {
		t.Errorf("restore said %q", said)
	}
	head := keyHead(t, key)
	store, err := os.ReadFile(filepath.Join(to, "phoneacs.db"))
	if err != nil || bytes.Contains(store, head) || bytes.Contains(store, []byte("planted-secret")) {
		t.Errorf("the restored store has sealed or secret values (%v)", err)
	}
	s.dir = to
	s.Start()
	for _, id := range want {
		s.job(t, id) // fails the test where one is missing
	}
	if a, err := s.do(t.Context(), http.MethodGet, "/api/v1/files/"+file, nil); err != nil || a.status != http.StatusOK {
		t.Errorf("file: %v %d", err, a.status)
	}
	s.awaitEnded(t, secret.ID, time.Minute)
	if j := s.job(t, secret.ID); j.Counts["expired"] != phones {
		t.Errorf("the order whose secret was left out has %v", j.Counts)
	}
	for _, p := range list[managed](t, s, "/api/v1/phones") {
		s.awaitStanding(t, p.ID, "approved", "own")
	}
	last := s.order(t, rebootNow(map[string]any{"all": true}))
	s.awaitEnded(t, last.ID, time.Minute)
	if j := s.job(t, last.ID); j.Counts["succeeded"] != phones {
		t.Errorf("restarts after the restore: %v", j.Counts)
	}
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	checkStore(t, to)
	st := fleet.Stats()
	t.Logf("%d sessions, %d orders before the backup; %d bytes", st.Sessions, len(want), b.Size)
}

// keyHead is what all begins with that a key has sealed.
func keyHead(t *testing.T, text []byte) []byte {
	t.Helper()
	k, err := seal.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return k.Seal("", nil)[:9]
}

// refusesArchives tries archives that are not as they were written.
func refusesArchives(t *testing.T, archive []byte) {
	flip := func(at int) []byte {
		b := bytes.Clone(archive)
		b[at] ^= 1
		return b
	}
	for name, b := range map[string][]byte{
		"nothing": {}, "text": []byte("no archive"), "cut in half": archive[:len(archive)/2], "cut at its end": archive[:len(archive)-9],
		"changed in the middle": flip(len(archive) / 2), "changed at its end": flip(len(archive) - 6), "more behind it": append(bytes.Clone(archive), archive...),
	} {
		to := filepath.Join(t.TempDir(), "data")
		o := runProgram(t, nil, "restore", write(t, b), "--data", to)
		if o.status != 1 || !strings.Contains(o.stderr, "not a whole backup") {
			t.Errorf("%s: status %d: %s", name, o.status, o.stderr)
		}
		gone(t, to)
	}
}

// gone demands that a restore which was refused left nothing.
func gone(t *testing.T, dir string) {
	t.Helper()
	for _, d := range []string{dir, dir + ".restore-tmp"} {
		if _, err := os.Lstat(d); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was left (%v)", d, err)
		}
	}
}

// TestBackupKilled kills the server while it makes backups: what has the name of
// an archive is a whole one, and the next start clears the rest away.
func TestBackupKilled(t *testing.T) {
	dir := t.TempDir()
	s := startServer(t, dir, "--enrol", "open")
	ring := make([]byte, 24<<20)
	_, _ = rand.Read(ring) // what packs badly takes its time
	s.addFile(t, "ring.bin", "ringer", "", "", ring)
	whole, cut := 0, 0
	for i := range 8 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = s.do(context.WithoutCancel(t.Context()), http.MethodPost, "/api/v1/backups", map[string]any{})
		}()
		if i%2 == 0 {
			eventually(t, 10*time.Second, "backup begins", func() error {
				if left, err := os.ReadDir(filepath.Join(dir, "backups", "tmp")); err != nil || len(left) == 0 {
					return fmt.Errorf("nothing yet (%v)", err)
				}
				return nil
			})
		}
		if i < 7 {
			pass(time.Duration(i*i) * 20 * time.Millisecond)
		} else {
			<-done // however slow the machine is, one is not in time
		}
		s.Kill()
		<-done
		archives, err := filepath.Glob(filepath.Join(dir, "backups", "*.tar.gz"))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range archives {
			b, err := os.ReadFile(a)
			if err != nil {
				t.Fatal(err)
			}
			restored(t, b)
		}
		whole = len(archives)
		if left, err := os.ReadDir(filepath.Join(dir, "backups", "tmp")); err == nil && len(left) > 0 {
			cut++
		}
		s.Start()
		if left, err := os.ReadDir(filepath.Join(dir, "backups", "tmp")); err != nil || len(left) > 0 {
			t.Errorf("left: %v (%v)", left, err)
		}
		if all := s.backups(t); len(all) != whole {
			t.Errorf("%d backups listed, %d there", len(all), whole)
		}
	}
	if cut == 0 || whole == 0 {
		t.Errorf("%d kills were in the middle of a backup, %d backups whole", cut, whole)
	}
	t.Logf("%d kills in the middle, %d backups whole", cut, whole)
}
