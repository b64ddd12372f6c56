package bolt

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"phoneacs/db"
	"phoneacs/internal/seal"
)

// layout1 puts a store into a new directory that was made by the program of
// layout 1; testdata/layout1.go.txt is how.
func layout1(t *testing.T) (dir string) {
	t.Helper()
	f, err := os.Open("testdata/layout1.db.gz")
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
	for secret, want := range map[string]bool{"planted-phone-one-3": true, "planted-job-password": true, "planted-waiting-pin": true, "not there": false} {
		if bytes.Contains(b, []byte(secret)) != want {
			t.Fatalf("%q in the store of layout 1: %v", secret, !want)
		}
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), b, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A store of layout 1 opens with all it had. Nothing of its secrets is left in
// clear in the store's file, on pages that it no longer uses either; the copy
// that is kept of it has them, which is said at every start.
func TestMigrateSecrets(t *testing.T) {
	dir := layout1(t)
	path := filepath.Join(dir, FileName)
	for range 2 {
		var log bytes.Buffer
		s, err := Open(t.Context(), Options{Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if said := log.String(); !strings.Contains(said, "secrets in clear") || !strings.Contains(said, path+".layout1") {
			t.Errorf("the copy is not told of: %q", said)
		}
		wantLayout1(t, s)
		check(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if i := bytes.Index(b, []byte("planted-")); i >= 0 {
			t.Errorf("the file still has %q at %d", b[i:i+20], i)
		}
		digest := sha256.Sum256([]byte("key-1"))
		if bytes.Contains(b, []byte(inJSON(digest))) {
			t.Error("the file still has the digest of a request")
		}
	}
	if b, err := os.ReadFile(path + ".layout1"); err != nil || !bytes.Contains(b, []byte("planted-job-password")) ||
		!bytes.Contains(b, []byte(inJSON(sha256.Sum256([]byte("key-1"))))) {
		t.Errorf("the copy is not the store as it was: %v", err)
	}
	if err := os.Remove(path + ".layout1"); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s, err := Open(t.Context(), Options{Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil || log.Len() > 0 {
		t.Fatalf("without the copy: %v, and %q is said", err, &log)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// inJSON is how a digest is written in a record.
func inJSON(d [32]byte) string {
	var b []byte
	for _, x := range d {
		b = append(strconv.AppendInt(b, int64(x), 10), ',')
	}
	return string(b[:len(b)-1])
}

func wantLayout1(t *testing.T, s *Store) {
	t.Helper()
	ctx := context.Background()
	for id, want := range map[db.PhoneID]db.Login{
		1: {User: "acs", Password: "planted-phone-one-3"}, 2: {Password: "planted-phone-two"}, 3: {User: "only-a-user"}, 4: {},
	} {
		c, err := s.Credentials(ctx, id)
		if err != nil || c.ConnectionRequest != want || c != (db.Credentials{ConnectionRequest: want}) {
			t.Errorf("credentials of %s: %v with password %q, %v", id, c.ConnectionRequest, c.ConnectionRequest.Password, err)
		}
		p, err := s.Phone(ctx, id)
		if err != nil || p.ConnectionRequestUser != want.User || p.Name == "" || p.Proof != db.ProvesNothing {
			t.Errorf("phone %s: %+v, %v", id, p, err)
		}
	}
	for id, want := range map[db.JobID][]string{1: {"planted-job-password", "ntp.example", "planted-job-passphrase"}, 2: {"planted-waiting-pin"}, 3: nil} {
		j, err := s.Job(ctx, id)
		if err != nil || len(j.Args.Parameters) != len(want) {
			t.Errorf("job %s: %+v, %v", id, j, err)
			continue
		}
		for i := range want {
			if got := j.Args.Parameters[i].Value; got != want[i] {
				t.Errorf("job %s: value %d is %q; want %q", id, i, got, want[i])
			}
		}
	}
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	i := db.Idempotency{Token: 1, Key: "key-1", Body: sha256.Sum256([]byte("key-1"))}
	j, ok, err := s.JobByKey(ctx, i, now)
	if err != nil || !ok || j.ID != 1 || j.Args.Parameters[0].Value != "planted-job-password" {
		t.Errorf("answer to the key: %+v, %v, %v", j, ok, err)
	}
	i.Body[0]++
	if _, _, err := s.JobByKey(ctx, i, now); err == nil {
		t.Error("another request with the key is answered")
	}
	if ready, err := s.ReadyTasks(ctx, 1, now, 9); err != nil || len(ready) != 1 || ready[0].Job.Args.Parameters[2].Value != "planted-job-passphrase" {
		t.Errorf("ready tasks %+v, %v", ready, err)
	}
}

// A start that is cut short between sealing and overwriting is made up for.
func TestScrubIsMadeUpFor(t *testing.T) {
	dir := layout1(t)
	s := open(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, FileName)
	s = open(t, dir)
	if err := s.update(t.Context(), func(x *tx) error { // pages in use become free
		if err := x.put(bMeta, []byte("big"), bytes.Repeat([]byte("planted-"), 4096)); err != nil {
			return err
		}
		return x.put(bMeta, keyScrub, nil)
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.update(t.Context(), func(x *tx) error { return x.del(bMeta, []byte("big")) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Contains(b, []byte("planted-")) {
		t.Fatalf("nothing is left to overwrite: %v", err)
	}
	s = open(t, dir)
	check(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || bytes.Contains(b, []byte("planted-")) {
		t.Errorf("free pages are not overwritten: %v", err)
	}
	wantLayout1(t, open(t, dir))
}

func TestKeyOfStore(t *testing.T) {
	start := func(dir string, key *seal.Key) error {
		s, err := Open(t.Context(), Options{Dir: dir, Key: key})
		if err == nil {
			err = s.Close()
		}
		return err
	}
	want := func(err error, texts ...string) {
		t.Helper()
		if err == nil {
			t.Error("the store opens")
			return
		}
		for _, text := range texts {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("error %q; want %q in it", err, text)
			}
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, seal.FileName)
	if err := start(dir, nil); err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	want(start(dir, seal.Random()), "PHONEACS_KEY is not the key of this store", file)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	want(start(dir, nil), file+" is missing", "put it back from its backup")
	if _, err := os.Stat(file); err == nil {
		t.Error("another key was made where one is missed")
	}
	if err := start(dir, key); err != nil {
		t.Errorf("with its key given: %v", err)
	}
	if _, err := seal.Make(dir); err != nil {
		t.Fatal(err)
	}
	want(start(dir, nil), file+" is not the key of this store")
	if err := start(dir, key); err != nil {
		t.Errorf("with its key given, beside another in the file: %v", err)
	}
	if err := os.WriteFile(file, made, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	want(start(dir, nil), file, "chmod 600")
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := start(dir, nil); err != nil {
		t.Errorf("with its key back: %v", err)
	}
	given := t.TempDir()
	if err := start(given, key); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(given, seal.FileName)); err == nil {
		t.Error("a key was made though one was given")
	}
}

// A record under another's number does not open.
func TestSealedToItsPlace(t *testing.T) {
	s := open(t, t.TempDir())
	list := []db.PhoneImport{{MAC: "0c383e000001"}, {MAC: "0c383e000002"}}
	if _, err := s.ImportPhones(t.Context(), list, time.Now(), "test"); err != nil {
		t.Fatal(err)
	}
	password := "hunter2"
	if _, err := s.UpdatePhone(t.Context(), 1, db.PhonePatch{ConnectionRequestPassword: &password}, "test"); err != nil {
		t.Fatal(err)
	}
	if err := s.update(t.Context(), func(x *tx) error {
		return x.put(bCredentials, be8(2), bytes.Clone(x.get(bCredentials, be8(1))))
	}); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Credentials(t.Context(), 2); err == nil {
		t.Errorf("phone 2 has got %q", c.ConnectionRequest.Password)
	}
	faults, err := s.Check(t.Context())
	if err != nil || len(faults) != 1 || !strings.Contains(faults[0], "not of this place") {
		t.Errorf("check says %q, %v", faults, err)
	}
}

// A store that says layout 2 and was made before secrets were sealed is brought
// to it like one of layout 1.
func TestMigrateUnsealed(t *testing.T) {
	dir := layout1(t)
	b, err := bbolt.Open(filepath.Join(dir, FileName), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = b.Update(func(b *bbolt.Tx) error { return b.Bucket(bMeta).Put(keySchema, be8(2)) })
	if err := errors.Join(err, b.Close()); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	wantLayout1(t, s)
	check(t, s)
}
