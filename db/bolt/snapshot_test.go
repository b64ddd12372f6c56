package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"phoneacs/db"
)

// fill imports phones, and returns the store.
func fill(t testing.TB, s *Store, phones int) {
	t.Helper()
	var in []db.PhoneImport
	for i := range phones {
		in = append(in, db.PhoneImport{MAC: fmt.Sprintf("0c383e%06x", i), Serial: fmt.Sprintf("s%d", i)})
		if len(in) == 1000 || i == phones-1 {
			if _, err := s.ImportPhones(t.Context(), in, time.Now(), "test"); err != nil {
				t.Fatal(err)
			}
			in = in[:0]
		}
	}
}

// withSecrets gives a store one of each thing that is sealed.
func withSecrets(t *testing.T, s *Store) (waits, ended db.JobID, standing db.StandingID, recurring db.RecurringID) {
	t.Helper()
	ctx := t.Context()
	in := informOf(1, "1 BOOT")
	in.Session = "s"
	rec, err := s.RecordInform(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	l := db.Login{User: "u", Password: "planted-login-secret"}
	if _, err := s.IssueCredentials(ctx, rec.Phone.ID, "s", db.Offer{Own: l, ConnectionRequest: l}, time.Now()); err != nil {
		t.Fatal(err)
	}
	args := db.Args{Parameters: []db.Setting{{Name: "A.Password", Value: "planted-job-secret"}}}
	order := func(key string, args db.Args) db.JobID {
		j, _, err := s.CreateJob(ctx, db.NewJob{
			Job:         db.Job{Kind: db.KindSetParameters, Args: args, Created: time.Now(), Expires: time.Now().Add(time.Hour), Selection: db.Selection{All: true}},
			Idempotency: db.Idempotency{Token: 1, Key: key},
		})
		if err != nil {
			t.Fatal(err)
		}
		return j.ID
	}
	waits, ended = order("one", args), order("two", args)
	if _, err := s.AddTasks(ctx, waits, 0, []db.TaskSeed{{Phone: rec.Phone.ID, State: db.TaskReady, Why: "ready"}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddTasks(ctx, ended, 0, []db.TaskSeed{{Phone: rec.Phone.ID, State: db.TaskSkipped, Why: "is so"}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	o, err := s.CreateStanding(ctx, db.StandingOrder{Name: "o", Items: []db.StandingItem{{Kind: db.KindSetParameters, Args: args}}, Created: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.CreateRecurring(ctx, db.Recurring{
		Name: "c", Item: db.StandingItem{Kind: db.KindSetParameters, Args: args}, Selection: db.Selection{All: true}, Cron: "0 3 * * *",
		Missed: db.RunMissed, Created: time.Now(), Next: time.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return waits, ended, o.ID, c.ID
}

// snapshotDir copies a store into a directory of its own.
func snapshotDir(t *testing.T, s *Store, secrets bool) (dir string, snap db.Snapshot) {
	t.Helper()
	dir = t.TempDir()
	snap, err := s.Snapshot(t.Context(), dir, db.SnapshotOptions{Secrets: secrets, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return dir, snap
}

// A copy without secrets opens under any key, twice, and is sound. Nothing that
// the key of the first had sealed is in its file, nothing that needs a secret
// will be sent, and the first store is as it was.
func TestSnapshotWithoutSecrets(t *testing.T) {
	s := open(t, t.TempDir())
	waits, ended, standing, recurring := withSecrets(t, s)
	head := s.key.Seal("", nil)[:9]
	before, err := os.ReadFile(s.bolt.Path())
	if err != nil || !bytes.Contains(before, head) {
		t.Fatalf("the store itself has nothing sealed (%v)", err)
	}
	dir, snap := snapshotDir(t, s, false)
	after, err := os.ReadFile(snap.Path)
	if err != nil || bytes.Contains(after, head) || bytes.Contains(after, []byte("planted")) {
		t.Errorf("the copy has sealed values (%v)", err)
	}
	for range 2 {
		c := open(t, dir)
		check(t, c)
		for _, id := range []db.JobID{waits, ended} {
			j, err := c.Job(t.Context(), id)
			if err != nil || j.Expires.After(time.Now()) {
				t.Errorf("job %s is past its expiry: %v (%v)", id, j.Expires, err)
			}
			if _, err := c.StartSweep(t.Context(), id, db.SweepRetry, time.Now()); !errors.Is(err, db.ErrConflict) {
				t.Errorf("job %s can be tried again without its secret: %v", id, err)
			}
		}
		if ready, err := c.ReadyTasks(t.Context(), 1, time.Now(), 10); err != nil || len(ready) > 0 {
			t.Errorf("%d tasks are ready (%v)", len(ready), err)
		}
		due, err := c.TakeDue(t.Context(), time.Now(), 10, time.Minute, db.DueExpire)
		if err != nil || len(due) != 1 || due[0].Job != waits {
			t.Errorf("expiries that are due: %v (%v)", due, err)
		}
		if o, err := c.StandingOrder(t.Context(), standing); err != nil || !o.Paused {
			t.Errorf("the standing order is %+v (%v)", o, err)
		}
		if r, err := c.Recurring(t.Context(), recurring); err != nil || !r.Paused {
			t.Errorf("the recurring job is %+v (%v)", r, err)
		}
		if creds, err := c.Credentials(t.Context(), 1); err != nil || !creds.IsZero() {
			t.Errorf("credentials that are left: %v (%v)", creds.Standing(), err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if creds, err := s.Credentials(t.Context(), 1); err != nil || creds.Next.Password != "planted-login-secret" {
		t.Errorf("the store itself has lost a login (%v)", err)
	}
	check(t, s)
}

// A copy with secrets opens under the key of the first alone.
func TestSnapshotWithSecrets(t *testing.T) {
	s := open(t, t.TempDir())
	withSecrets(t, s)
	dir, _ := snapshotDir(t, s, true)
	if c, err := Open(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("Open without the key: %v, %v", c, err)
	}
	c, err := Open(t.Context(), Options{Dir: dir, Key: s.key})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	check(t, c)
	if creds, err := c.Credentials(t.Context(), 1); err != nil || creds.Next.Password != "planted-login-secret" {
		t.Errorf("credentials: %v (%v)", creds.Standing(), err)
	}
}

// A sealed value in a place that is not known to be one stops the copy.
func TestSnapshotUnknownSecret(t *testing.T) {
	for name, put := range map[string]func(s *Store, m *bbolt.Bucket) error{
		"raw": func(s *Store, m *bbolt.Bucket) error { return m.Put([]byte("x"), s.key.Seal("x", nil)) },
		"in JSON": func(s *Store, m *bbolt.Bucket) error {
			return (&tx{Tx: m.Tx(), s: s}).putJSON(bMeta, []byte("x"), s.key.Seal("x", nil))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir())
			if err := s.bolt.Update(func(b *bbolt.Tx) error { return put(s, b.Bucket(bMeta)) }); err != nil {
				t.Fatal(err)
			}
			_, err := s.Snapshot(t.Context(), t.TempDir(), db.SnapshotOptions{Now: time.Now()})
			if err == nil || !strings.Contains(err.Error(), "meta has a sealed value") {
				t.Errorf("Snapshot: %v", err)
			}
		})
	}
}

// While a copy is made commits go on, and the copy is of one moment: of two
// records that are always written together it has both or none.
func TestSnapshotWhileWriting(t *testing.T) {
	s := open(t, t.TempDir())
	fill(t, s, 20_000)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var slowest time.Duration
	commits, first := 0, make(chan struct{})
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			began := time.Now()
			err := s.update(context.WithoutCancel(ctx), func(t *tx) error {
				k := be8(uint64(i))
				return errors.Join(t.put(bMeta, append([]byte("pair-a"), k...), k), t.put(bQuirks, append([]byte("pair-b"), k...), k))
			})
			if err != nil {
				t.Error(err)
				return
			}
			slowest = max(slowest, time.Since(began))
			if commits++; commits == 1 {
				close(first)
			}
		}
	})
	<-first
	var took time.Duration
	for range 3 {
		began := time.Now()
		_, snap := snapshotDir(t, s, false)
		took += time.Since(began)
		b, err := openCopy(snap.Path)
		if err != nil {
			t.Fatal(err)
		}
		err = b.View(func(b *bbolt.Tx) error {
			a, c := b.Bucket(bMeta).Cursor(), b.Bucket(bQuirks).Cursor()
			ka, _ := a.Seek([]byte("pair-a"))
			kc, _ := c.Seek([]byte("pair-b"))
			n := 0
			for ; bytes.HasPrefix(ka, []byte("pair-a")); n++ {
				if !bytes.Equal(ka[6:], kc[6:]) {
					return fmt.Errorf("one of a pair is missing: %x, %x", ka, kc)
				}
				ka, _ = a.Next()
				kc, _ = c.Next()
			}
			if kc != nil || n == 0 {
				return fmt.Errorf("%d pairs, and then %x", n, kc)
			}
			return nil
		})
		if err := errors.Join(err, b.Close()); err != nil {
			t.Error(err)
		}
	}
	stop()
	wg.Wait()
	if err := s.update(t.Context(), func(t *tx) error { return t.delPrefix(bQuirks, []byte("pair-b")) }); err != nil {
		t.Fatal(err)
	}
	t.Logf("3 copies in %v, %d commits meanwhile, the slowest took %v", took, commits, slowest)
}

// A copy is given up with its context.
func TestSnapshotGivenUp(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Snapshot(ctx, t.TempDir(), db.SnapshotOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Snapshot: %v", err)
	}
	w := &untilDone{ctx, new(bytes.Buffer)}
	if _, err := w.Write([]byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("Write: %v", err)
	}
}

// Compact gives back what is free, and changes nothing else.
func TestCompact(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	fill(t, s, 5000)
	var wg sync.WaitGroup
	for from := range db.PhoneID(40) {
		wg.Go(func() {
			for id := 100*from + 1; id <= 100*from+100; id++ {
				if err := s.DeletePhone(t.Context(), id); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if _, _, err := Compact(t.Context(), dir, ""); !errors.Is(err, db.ErrLocked) {
		t.Errorf("Compact of an open store: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.db")
	if _, _, err := Compact(t.Context(), dir, other); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Compact(t.Context(), dir, other); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("Compact over a file: %v", err)
	}
	before, after, err := Compact(t.Context(), dir, "")
	if err != nil || after >= before/2 {
		t.Fatalf("Compact from %d to %d bytes: %v", before, after, err)
	}
	if info, err := os.Stat(filepath.Join(dir, FileName)); err != nil || info.Size() != after {
		t.Errorf("the store's file: %v, %v", info, err)
	}
	again := open(t, dir)
	check(t, again)
	left := 0
	for q := (db.Query{Limit: 1000}); ; { // a page may end early where that takes long
		page, err := again.ListPhones(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		left += len(page.Items)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if left != 1000 {
		t.Errorf("%d phones are left", left)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	src, err := lockFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	dst, err := openCopy(other)
	if err == nil {
		err = dst.Update(func(b *bbolt.Tx) error { return b.Bucket(bMeta).Put([]byte("x"), []byte("y")) })
	}
	if err := errors.Join(err, dst.Close()); err != nil {
		t.Fatal(err)
	}
	if err := sameContent(t.Context(), src, other); !errors.Is(err, errCorrupt) {
		t.Errorf("a file with one record more: %v", err)
	}
}
