package jobs

import (
	"testing"
	"time"

	"phoneacs/db"
)

// TestUnwakeableBound: no more phones are remembered than may be, and those that
// were helped a day ago make room.
func TestUnwakeableBound(t *testing.T) {
	var u unwakeable
	now := time.Unix(1e9, 0)
	if u.has(1) {
		t.Error("knows a phone")
	}
	for id := range db.PhoneID(maxUnwakeable) {
		if !u.add(id+1, now) {
			t.Fatalf("does not take phone %d", id+1)
		}
	}
	const more = maxUnwakeable + 1
	if u.add(more, now) || u.has(more) {
		t.Error("takes one more")
	}
	u.tried(1, now)
	u.tried(1, now)
	if u.waiting.Load() != maxUnwakeable-1 || u.has(1) || u.add(more, now.Add(wakeLoginPace-1)) {
		t.Errorf("%d wait", u.waiting.Load())
	}
	if !u.add(more, now.Add(wakeLoginPace)) || !u.has(more) || len(u.m) != maxUnwakeable {
		t.Error("those that were helped make no room")
	}
}
