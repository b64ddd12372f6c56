package provision

import (
	"errors"
	"testing"
	"time"

	"phoneacs/db"
)

func TestTidy(t *testing.T) {
	e := newService(t, func(o *Options) { o.Store = listingStore{o.Store.(*memStore)} })
	for i, name := range []string{"a", "b", "c"} { // more than a page
		e.add(t, name, 10+i)
	}
	orphan, _ := e.add(t, "orphan", 20)
	adopted, _ := e.add(t, "adopted", 21)
	for _, f := range []db.File{orphan, adopted} { // entries go, as if they had never been
		if _, _, err := e.store.DeleteFile(t.Context(), f.ID); err != nil {
			t.Fatal(err)
		}
	}
	want := func(when string, n int) {
		t.Helper()
		if err := e.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := len(e.store.blobs()); got != n {
			t.Errorf("%s: %d blobs; want %d", when, got, n)
		}
	}
	want("first seen", 5)
	e.clock.Advance(orphanKept - time.Second)
	want("within the hour", 5)
	e.add(t, "adopted", 21)
	e.clock.Advance(time.Second)
	want("after an hour", 4)
	if _, err := e.store.OpenBlob(t.Context(), orphan.SHA256); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("orphan: %v; want it gone", err)
	}
	e.clock.Advance(2 * time.Hour)
	want("later", 4)
}

func TestTidyNeedsAList(t *testing.T) {
	e := newService(t, nil)
	f, _ := e.add(t, "a", 10)
	if _, _, err := e.store.DeleteFile(t.Context(), f.ID); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.clock.Advance(2 * time.Hour)
	}
	if got := len(e.store.blobs()); got != 1 {
		t.Errorf("%d blobs; want 1: this store cannot list them", got)
	}
}
