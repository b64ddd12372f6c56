package bolt

import (
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

// TestCheckRecordings spoils what is kept of sessions in one place at a time.
func TestCheckRecordings(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	for want, spoil := range map[string]func(t *tx) error{
		"recording r1 is not listed with its phone": func(t *tx) error { return t.del(bRecordPhones, key2(1, 1)) },
		"recording r1 is of phone p9":               func(t *tx) error { return t.putJSON(bRecordings, be8(1), db.Recording{ID: 1, Phone: 9}) },
		"recording r7 is stored under 1":            func(t *tx) error { return t.putJSON(bRecordings, be8(1), db.Recording{ID: 7, Phone: 1}) },
		"recording r1: unpack":                      func(t *tx) error { return t.put(bRecordBodies, be8(1), []byte("nonsense")) },
		"messages of recording 2 are kept without":  func(t *tx) error { return t.put(bRecordBodies, be8(2), nil) },
		"phone 1 lists recording 2":                 func(t *tx) error { return t.put(bRecordPhones, key2(1, 2), nil) },
		"phone p1 has 11 recordings": func(t *tx) error {
			for n := uint64(2); n < 12; n++ {
				if err := t.putJSON(bRecordings, be8(n), db.Recording{ID: db.RecordingID(n), Phone: 1}); err != nil {
					return err
				}
			}
			return nil
		},
		"counter recordings is 2":          func(t *tx) error { t.number(countRecordings, 1); t.changes++; return nil },
		"counter recordings.bytes":         func(t *tx) error { t.number(countRecordSize, 1); t.changes++; return nil },
		"recordings take":                  func(t *tx) error { t.s.opts.RecordingsSpace = 1; return nil },
		"order to record phone p9":         func(t *tx) error { return t.putJSON(bRecordOrders, be8(1), db.RecordingOrder{Phone: 9}) },
		"or the phone does not exist":      func(t *tx) error { return t.putJSON(bRecordOrders, be8(9), db.RecordingOrder{Phone: 9}) },
		"more unreadable messages than 20": func(t *tx) error { return manyUnreadable(t, now, db.UnreadablePerSource, 1) },
		"unreadable messages, 200 are":     func(t *tx) error { return manyUnreadable(t, now, db.UnreadableKept, 200) },
		"under another time than its own":  func(t *tx) error { return t.putJSON(bUnreadable, unreadableKey(now, 9), db.Unreadable{Source: "a"}) },
	} {
		t.Run(want, func(t *testing.T) {
			s := open(t, t.TempDir())
			if _, err := s.ImportPhones(t.Context(), []db.PhoneImport{{MAC: "0c383e000001"}}, now, "test"); err != nil {
				t.Fatal(err)
			}
			if _, err := s.AddRecording(t.Context(), db.Recording{Phone: 1, Ended: now, Log: []db.RecordedMessage{{Body: "x"}}}); err != nil {
				t.Fatal(err)
			}
			if err := s.AddUnreadable(t.Context(), db.Unreadable{Source: "a", Last: now}); err != nil {
				t.Fatal(err)
			}
			check(t, s)
			if err := s.update(t.Context(), spoil); err != nil {
				t.Fatal(err)
			}
			faults, err := s.Check(t.Context())
			if err != nil || !strings.Contains(strings.Join(faults, "\n"), want) {
				t.Errorf("faults are %q, %v; want %q", faults, err, want)
			}
		})
	}
}

// manyUnreadable adds so many messages of so many sources, past all bounds.
func manyUnreadable(t *tx, now time.Time, n, sources int) error {
	for i := range n {
		u := db.Unreadable{Source: strings.Repeat("a", 1+i%sources), Last: now, Excerpt: strings.Repeat("x", i)}
		if err := t.putUnreadable(u); err != nil {
			return err
		}
	}
	return nil
}
