package jobs

import (
	"testing"
	"time"

	"phoneacs/db"
)

// TestMayHandOver: of what is left of a window there is to be time for the
// phone's answer, and the slot is to come, within a month.
func TestMayHandOver(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		slot, closes time.Duration
		state        db.TaskState
		want         bool
	}{
		{30 * time.Second, time.Minute, db.TaskWaiting, true},
		{30 * time.Second, time.Minute - 1, db.TaskWaiting, false},
		{0, time.Hour, db.TaskWaiting, false},
		{-time.Second, time.Hour, db.TaskWaiting, false},
		{promptMost, promptMost + time.Hour, db.TaskWaiting, true},
		{promptMost + 1, promptMost + time.Hour, db.TaskWaiting, false},
		{30 * time.Second, time.Hour, db.TaskReady, false},
	} {
		j := &db.Job{Kind: db.KindDownload, When: db.When{Window: 1}}
		task := &db.Task{State: tt.state, Due: now.Add(tt.slot), Opens: now.Add(-time.Hour), Closes: now.Add(tt.closes)}
		if got := mayHandOver(j, task, now); got != tt.want {
			t.Errorf("slot in %s, closing in %s, %s: %t", tt.slot, tt.closes, tt.state, got)
		}
		j.Kind = db.KindReboot
		if mayHandOver(j, task, now) {
			t.Error("a restart may be handed over")
		}
	}
}

// TestRecallIsFirst: before a phone is told to drop what it holds, nothing is
// asked of it for another reason.
func TestRecallIsFirst(t *testing.T) {
	if _, ok := upkeeps[0].(recallTransfer); !ok {
		t.Errorf("the first of upkeeps is %T", upkeeps[0])
	}
}
