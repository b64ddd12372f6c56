package bolt

import (
	"testing"
	"time"

	"phoneacs/db"
)

// TestWakeOvertaken: a wake that was noted over what was stored before an Inform
// does not take that Inform back.
func TestWakeOvertaken(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	ctx := t.Context()
	in := db.Inform{Session: "s", Now: time.Now().Add(-time.Hour), OUI: "0C383E", ProductClass: "X6", Serial: "S1", Enrol: db.PhoneApproved, Events: []string{"1 BOOT"}}
	rec, err := s.RecordInform(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	id := rec.Phone.ID
	var before contact
	if err := s.view(ctx, func(x *tx) error { before = x.storedContact(id); return nil }); err != nil {
		t.Fatal(err)
	}
	in.Now, in.Address = time.Now(), "10.0.0.9"
	if _, err := s.RecordInform(ctx, in); err != nil {
		t.Fatal(err)
	}
	woken := in.Now.Add(time.Second)
	s.soft.change(id, before, func(c *contact) { c.LastWake = woken })
	shows := func(s *Store) {
		t.Helper()
		p, err := s.Phone(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		for what, times := range map[string][2]time.Time{
			"last inform": {p.LastInform, in.Now}, "boot": {p.Boot, in.Now}, "last wake": {p.LastWake, woken},
		} {
			if d := times[0].Sub(times[1]).Abs(); d > time.Millisecond {
				t.Errorf("%s is %v; want %v", what, times[0], times[1])
			}
		}
		if p.Address != in.Address || p.Informs != 2 {
			t.Errorf("address %s after %d informs", p.Address, p.Informs)
		}
	}
	shows(s)
	s.RecordWake(id, woken, "", "")
	shows(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	shows(open(t, dir))
}
