package e2e

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"phoneacs/db/bolt"
	"phoneacs/internal/sim"
)

// TestUpgrade drills what docs/operations.md says of an upgrade, on a store that
// the first program with a store has made: start, and all is there; a copy of
// what was is kept; a program that is older than its store says so and ends.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	old := unpacked(t, "../db/bolt/testdata/layout1.db.gz")
	file := filepath.Join(dir, bolt.FileName)
	if err := os.WriteFile(file, old, 0o600); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, dir)
	s.env = nil // the store has its token already
	s.Start()
	if n := layout(t, file+".layout1", 0); n != 1 {
		t.Errorf("the copy of what was has layout %d", n)
	}
	phones := list[struct{ ID, MAC, Name, State string }](t, s, "/api/v1/phones")
	if len(phones) != 12 {
		t.Fatalf("%d phones", len(phones))
	}
	for _, p := range phones {
		if p.State != "approved" || !strings.HasPrefix(p.MAC, "0c383e0000") || !strings.HasPrefix(p.Name, "desk ") {
			t.Errorf("phone %+v", p)
		}
	}
	kinds := map[string]string{}
	for _, j := range list[job](t, s, "/api/v1/jobs") {
		kinds[j.ID] = j.Kind
	}
	if len(kinds) != 3 || kinds["j1"] != "set-parameters" || kinds["j2"] != "set-parameters" || kinds["j3"] != "reboot" {
		t.Errorf("jobs %v", kinds)
	}
	for _, id := range []string{"j1-p1", "j1-p2", "j2-p4", "j3-p3"} { // that of j2 was not made yet
		eventually(t, time.Minute, id, func() error {
			job, _, _ := strings.Cut(id, "-")
			var all struct{ Items []task }
			s.call(t, http.MethodGet, "/api/v1/jobs/"+job+"/tasks", nil, &all)
			for _, got := range all.Items {
				if got.ID == id && got.State == "ready" {
					return nil
				}
			}
			return fmt.Errorf("tasks %+v", all.Items)
		})
	}
	if err := s.Term(); err != nil {
		t.Fatal(err)
	}
	if o := runProgram(t, nil, "check", "--data", dir); o.status != 0 || o.stdout != "the store is sound\n" {
		t.Errorf("check: status %d: %s%s", o.status, o.stdout, o.stderr)
	}

	if n := layout(t, file, bolt.Schema+1); n != bolt.Schema {
		t.Errorf("the store has layout %d", n)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"serve", "--cwmp", "127.0.0.1:0", "--admin", "127.0.0.1:0"}, {"check"}, {"backup", "--output", filepath.Join(t.TempDir(), "b")}} {
		o := runProgram(t, nil, append(args, "--data", dir)...)
		if o.status != 1 || !strings.Contains(o.stderr, "use the newer program, or restore a backup made by this one") || o.stdout != "" {
			t.Errorf("%s of a newer store: status %d: %s%s", args[0], o.status, o.stdout, o.stderr)
		}
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a store that was refused was changed: %v", err)
	}
}

func unpacked(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// layout tells the number of a store's layout and gives it another, unless that is 0.
func layout(t *testing.T, file string, to uint64) (was uint64) {
	t.Helper()
	b, err := bbolt.Open(file, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	err = b.Update(func(tx *bbolt.Tx) error {
		meta := tx.Bucket([]byte("meta"))
		was = binary.BigEndian.Uint64(meta.Get([]byte("schema")))
		if to == 0 {
			return nil
		}
		return meta.Put([]byte("schema"), binary.BigEndian.AppendUint64(nil, to))
	})
	if cerr := b.Close(); err != nil || cerr != nil {
		t.Fatal(err, cerr)
	}
	return was
}

// TestRestoreDrill goes by commands alone from a server at work to one in its
// place: the same phones, the same bytes of files, the same work to do.
func TestRestoreDrill(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "--enrol", "open", "--phone-networks", "127.0.0.0/8")
	fleet := runFleet(t, sim.Options{ACS: s.ACS(), Phones: 6, Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02})
	s.awaitPhones(t, 6, time.Minute)
	content := []byte("<<VOIP CONFIG FILE>>Version:2.0002\n")
	config := filepath.Join(t.TempDir(), "lobby.cfg")
	if err := os.WriteFile(config, content, 0o600); err != nil {
		t.Fatal(err)
	}
	archive, to := filepath.Join(t.TempDir(), "phoneacs.tar.gz"), filepath.Join(t.TempDir(), "data")
	for _, line := range []string{
		"file add " + config + " --kind config --vendor fanvil",
		"job download lobby.cfg --all --watch",
		"hold set --site s1 --reason drill",
		"job reboot --all", // held: under way, and not sent
		"job reboot --all --at 24h",
		"backup --output " + archive,
		"restore " + archive + " --data " + to,
	} {
		if got := s.line("", strings.Fields(line)...); got.status != 0 {
			t.Fatalf("phoneacs %s: %+v", line, got)
		}
	}
	type known struct{ ID, MAC, State string }
	phones := list[known](t, s, "/api/v1/phones")
	if err := s.Term(); err != nil { // only now: the server was at work all the while
		t.Fatal(err)
	}
	if o := runProgram(t, nil, "check", "--data", to); o.status != 0 {
		t.Errorf("check: %s%s", o.stdout, o.stderr)
	}
	s.dir = to
	s.Start()
	again := list[known](t, s, "/api/v1/phones")
	if len(again) != len(phones) {
		t.Fatalf("%d phones, then %d", len(phones), len(again))
	}
	for i, p := range phones {
		if again[i] != p {
			t.Errorf("phone %+v, then %+v", p, again[i])
		}
	}
	sum := sha256.Sum256(content)
	if a, err := s.do(t.Context(), http.MethodGet, "/api/v1/files/f1", nil); err != nil || !strings.Contains(string(a.body), hex.EncodeToString(sum[:])) {
		t.Errorf("the file: %v, %s", err, a.body)
	}
	if j := s.job(t, "j2"); j.Counts["ready"] != 6 {
		t.Errorf("what was held: %v", j.Counts)
	}
	if j := s.job(t, "j3"); j.Counts["waiting"] != 6 {
		t.Errorf("what waited: %v", j.Counts)
	}
	// The work goes on where it stood, and the file is what it was.
	for _, line := range []string{"hold clear --site s1", "job watch j2", "job download lobby.cfg --all --watch"} {
		if got := s.line("", strings.Fields(line)...); got.status != 0 {
			t.Errorf("phoneacs %s: %+v", line, got)
		}
	}
	for i := range fleet.Len() {
		got := fleet.Phone(i).Ledger().Configs()
		if n := len(got); n < 2 || got[n-1].Digest != hex.EncodeToString(sum[:]) {
			t.Errorf("phone %d took %v", i, got)
		}
	}
}
