package bolt

import (
	"errors"
	"testing"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// TestWindowNeeded: a window that a job waits for stays, and the job is named.
func TestWindowNeeded(t *testing.T) {
	s := open(t, t.TempDir())
	var ids []db.WindowID
	for _, name := range []string{"a", "b"} {
		w, err := s.CreateWindow(t.Context(), db.Window{Name: name, Created: s.opts.Now(), Window: window.Window{Flexible: &window.Flexible{Interval: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, w.ID)
	}
	key := append(be8(uint64(ids[1])), be8(7)...)
	if err := s.update(t.Context(), func(x *tx) error { return x.put(bWindowJobs, key, nil) }); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteWindow(t.Context(), ids[0]); err != nil {
		t.Errorf("a window that nothing needs: %v", err)
	}
	var use *db.InUseError
	if err := s.DeleteWindow(t.Context(), ids[1]); !errors.Is(err, db.ErrInUse) || !errors.As(err, &use) || use.By != "job j7" {
		t.Errorf("%v; want that job j7 needs it", err)
	}
	if err := s.update(t.Context(), func(x *tx) error { return x.del(bWindowJobs, key) }); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteWindow(t.Context(), ids[1]); err != nil {
		t.Errorf("when the job has ended: %v", err)
	}
}
