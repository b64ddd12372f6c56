package provision

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"phoneacs/db"
)

func TestAdd(t *testing.T) {
	e := newService(t, nil)
	body := []byte("firmware bytes")
	f, err := e.Add(t.Context(), db.File{
		Name: "x6-2.12.1.z", Kind: db.FileFirmware, Vendor: "fanvil", By: "t1",
		ID: 99, SHA256: "not this", Size: 1, // ours to set
	}, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	if f.SHA256 != hex.EncodeToString(sum[:]) || f.Size != int64(len(body)) || f.ID != 1 ||
		!f.Created.Equal(testStart) || f.By != "t1" || f.Version != "2.12.1" {
		t.Errorf("added %+v", f)
	}
	if got := e.store.blobs(); len(got) != 1 || got[0] != f.SHA256 {
		t.Errorf("stored %v; want %s", got, f.SHA256)
	}
}

// failingReader gives some bytes, then an error.
func failingReader(err error) io.Reader {
	return io.MultiReader(strings.NewReader("some"), errorReader{err})
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func TestAddLeavesNothingBehind(t *testing.T) {
	errBody := errors.New("upload broke off")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name   string
		ctx    context.Context
		body   io.Reader
		addErr error
		want   error
		field  string
		keeps  bool
	}{
		{name: "empty", body: strings.NewReader(""), field: "body"},
		{name: "too large", body: strings.NewReader("123456789"), want: ErrTooLarge, field: "body"},
		{name: "cut upload", body: failingReader(errBody), want: errBody},
		{name: "caller left", ctx: cancelled, body: strings.NewReader("x"), want: context.Canceled},
		{name: "store full", body: strings.NewReader("x"), addErr: db.ErrNoSpace, want: db.ErrNoSpace},
		{name: "fate of the entry unknown", body: strings.NewReader("x"), addErr: db.ErrFailed, want: db.ErrFailed, keeps: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newService(t, func(o *Options) { o.MaxFile = 8 })
			e.store.addErr = tt.addErr
			ctx := tt.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			_, err := e.Add(ctx, db.File{Name: "a.cfg", Kind: db.FileConfig}, tt.body)
			var fe *db.FieldError
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error = %v; want %v", err, tt.want)
			}
			if errors.As(err, &fe) != (tt.field != "") || fe != nil && fe.Field != tt.field {
				t.Errorf("error = %#v; want a FieldError of %q", err, tt.field)
			}
			if got := e.store.blobs(); (len(got) > 0) != tt.keeps {
				t.Errorf("bytes left: %v; want any: %v", got, tt.keeps)
			}
		})
	}
}

func TestAddAtTheLimit(t *testing.T) {
	e := newService(t, func(o *Options) { o.MaxFile = 8 })
	if _, err := e.Add(t.Context(), db.File{Name: "a.cfg", Kind: db.FileConfig}, strings.NewReader("12345678")); err != nil {
		t.Error(err)
	}
}

// A failing entry must not take the bytes that another entry has, on whatever
// page of the catalogue that one stands.
func TestAddKeepsSharedBytes(t *testing.T) {
	e := newService(t, nil)
	for _, name := range []string{"a", "b", "c", "d"} {
		if _, err := e.Add(t.Context(), db.File{Name: name, Kind: db.FileConfig}, strings.NewReader("bytes of "+name)); err != nil {
			t.Fatal(err)
		}
	}
	e.store.addErr = db.ErrNoSpace
	if _, err := e.Add(t.Context(), db.File{Name: "e", Kind: db.FileConfig}, strings.NewReader("bytes of d")); !errors.Is(err, db.ErrNoSpace) {
		t.Fatalf("error = %v", err)
	}
	if got := e.store.blobs(); len(got) != 4 {
		t.Errorf("%d blobs; want 4", len(got))
	}
}

func TestDelete(t *testing.T) {
	e := newService(t, nil)
	var ids []db.FileID
	for range 2 {
		f, err := e.Add(t.Context(), db.File{Name: "a.cfg", Kind: db.FileConfig}, strings.NewReader("same"))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, f.ID)
	}
	for i, want := range []int{1, 0} {
		if err := e.Delete(t.Context(), ids[i]); err != nil {
			t.Fatal(err)
		}
		if got := len(e.store.blobs()); got != want {
			t.Errorf("after deleting %s: %d blobs; want %d", ids[i], got, want)
		}
	}
	if err := e.Delete(t.Context(), ids[0]); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("second delete: %v; want ErrNotFound", err)
	}
}

func TestDeleteSaysWhenBytesRemain(t *testing.T) {
	e := newService(t, nil)
	f, _ := e.add(t, "a.cfg", 10)
	e.store.deleteBlobErr = errors.New("disk says no")
	if err := e.Delete(t.Context(), f.ID); err != nil {
		t.Errorf("Delete = %v; the entry is gone", err)
	}
	if log := e.log.String(); !strings.Contains(log, "disk says no") {
		t.Errorf("log: %s", log)
	}
}

// Entries and bytes come and go together, however adds and deletes of the same
// bytes interleave.
func TestAddAndDeleteTogether(t *testing.T) {
	e := newService(t, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				f, err := e.Add(t.Context(), db.File{Name: "a.cfg", Kind: db.FileConfig}, strings.NewReader("same"))
				if err != nil {
					t.Error(err)
					return
				}
				b, err := e.store.OpenBlob(t.Context(), f.SHA256)
				if err != nil {
					t.Errorf("an entry without bytes: %v", err)
					return
				}
				b.Close()
				if err := e.Delete(t.Context(), f.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := e.store.blobs(); len(got) != 0 {
		t.Errorf("bytes left: %v", got)
	}
}

// TestSealedKinds: what holds secrets is stored sealed, the rest as it is.
func TestSealedKinds(t *testing.T) {
	for _, kind := range db.FileKinds {
		e := newEnv(t, nil)
		f := db.File{Name: "a.bin", Kind: kind, Vendor: "fanvil", Models: []string{"X6"}, Version: "2.4.12"}
		if _, err := e.Add(t.Context(), f, strings.NewReader("12345678")); err != nil {
			f.Models, f.Version, f.Vendor = nil, "", ""
			if _, err = e.Add(t.Context(), f, strings.NewReader("12345678")); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
		}
		if want := kind == db.FileConfig || kind == db.FileCertificate; (e.store.sealed == 1) != want {
			t.Errorf("%s: %d blobs were sealed; want it to be %v", kind, e.store.sealed, want)
		}
	}
}
