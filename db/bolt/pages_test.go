package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"phoneacs/db"
)

// someStore makes a store whose tree has branches, small buckets and values
// that go on over several pages, and returns its file.
func someStore(t testing.TB) (dir string, file []byte) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir)
	list := make([]db.PhoneImport, 300)
	for i := range list {
		list[i] = db.PhoneImport{MAC: fmt.Sprintf("0c383e%06x", i), Name: fmt.Sprintf("phone %d", i)}
	}
	if _, err := s.ImportPhones(t.Context(), list, time.Unix(1, 0), "test"); err != nil {
		t.Fatal(err)
	}
	if err := s.AddUnreadable(t.Context(), db.Unreadable{Source: "a", Last: time.Unix(1, 0), Detail: strings.Repeat("long ", 5000)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	last := 0 // page that was ever in use
	for p := 0; p+4096 <= len(file); p += 4096 {
		if !bytes.Equal(file[p:p+4096], make([]byte, 4096)) {
			last = p
		}
	}
	return dir, file[:last+4096]
}

// openDamaged opens a store with this file and looks through it. bbolt looks at
// pages in goroutines of its own: what panics there ends the test.
func openDamaged(t testing.TB, dir string, file []byte) error {
	t.Helper()
	path := filepath.Join(dir, FileName)
	if err := errors.Join(os.Remove(path), os.WriteFile(path, file, 0o600)); err != nil { // one that cannot be closed stays locked
		t.Fatal(err)
	}
	s, err := Open(context.Background(), Options{Dir: dir, Existing: true})
	if err != nil {
		return err
	}
	defer func() { _ = recover() }() // of records that make no sense: CheckStore makes a fault of it
	_, err = s.Check(context.Background())
	return errors.Join(err, s.Close())
}

// Whatever a disk does to a store's file, opening it is an error or none.
func TestDamagedFile(t *testing.T) {
	dir, file := someStore(t)
	if err := openDamaged(t, dir, file); err != nil {
		t.Fatalf("a sound file: %v", err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for n := range 80 {
		spoilt := bytes.Clone(file)
		for range 1 + n%20 {
			// Most of it in heads and tables, where it does most.
			at := random.IntN(len(spoilt))
			if n%2 == 0 {
				at = at&^4095 + random.IntN(128)
			}
			spoilt[min(at, len(spoilt)-1)] ^= byte(1 << random.IntN(8))
		}
		if err := openDamaged(t, dir, spoilt); errors.Is(err, db.ErrFailed) {
			refused++
		}
	}
	if refused < 20 {
		t.Errorf("%d of 80 were refused; was anything looked at?", refused)
	}
}

// A file that was cut short is told from one that is sound, at any length.
func TestShortFile(t *testing.T) {
	dir, file := someStore(t)
	for _, size := range []int{0, 6, 100, 4096, 4096 + 80, 8192, 5 * 4096, len(file) / 2} {
		if err := openDamaged(t, dir, file[:size]); !errors.Is(err, db.ErrFailed) || !strings.Contains(err.Error(), "phoneacs restore") {
			t.Errorf("%d of %d bytes: %v", size, len(file), err)
		}
		if _, _, err := Compact(t.Context(), dir, ""); !errors.Is(err, db.ErrFailed) {
			t.Errorf("compact of %d bytes: %v", size, err)
		}
		if info, err := os.Stat(filepath.Join(dir, FileName)); err != nil || info.Size() != int64(size) {
			t.Errorf("of %d bytes there are %d, %v", size, info.Size(), err)
		}
	}
}

// A file of no bytes is what a first start leaves that was killed, but not
// beside a key.
func TestEmptyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), Options{Dir: dir}); !errors.Is(err, db.ErrFailed) {
		t.Errorf("a store that was lost: %v, %v", s, err)
	}
}

// FuzzPages holds that bbolt can follow what provePages lets pass: it does so in
// a goroutine whose panic would end the fuzzing.
func FuzzPages(f *testing.F) {
	_, file := someStore(f)
	path := filepath.Join(f.TempDir(), "fuzzed")
	f.Add(uint32(4096*3+8), []byte{1})
	f.Add(uint32(4096*4+16), []byte{0, 0, 0, 0, 255, 255})
	f.Fuzz(func(t *testing.T, at uint32, change []byte) {
		spoilt := bytes.Clone(file)
		for i, c := range change {
			spoilt[(int(at)+i)%len(spoilt)] ^= c
		}
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := openFile(path, &bbolt.Options{NoFreelistSync: true, FreelistType: bbolt.FreelistMapType, ReadOnly: true, PreLoadFreelist: true})
		if err != nil {
			if !errors.Is(err, db.ErrFailed) {
				t.Fatal(err)
			}
			return
		}
		_ = b.View(func(tx *bbolt.Tx) error {
			for range tx.Check() { // recovers; whatever it finds is for Check to say
			}
			return nil
		})
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
