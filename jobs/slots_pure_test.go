package jobs

import (
	"fmt"
	"testing"
	"time"

	"phoneacs/jobs/window"
)

// TestNextLeavesIdleTime: no slot is given after which the window closes before
// its idle time is over. Its phone waits for a period with an earlier one.
func TestNextLeavesIdleTime(t *testing.T) {
	end := window.Dial(4 * 60)
	const idle = 90 * time.Minute
	o := slots{id: "w1", zone: time.UTC, window: &window.Window{Weekly: &window.Weekly{
		Days: []window.Weekday{0, 1, 2, 3, 4, 5, 6}, Begin: 2 * 60, End: &end, Inactivity: int(idle / time.Minute),
	}}}
	busy := *o.window.Weekly
	busy.Inactivity = 0
	hasty := window.Window{Weekly: &busy}
	after := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	later := 0
	for i := range 200 {
		o.phone.Key = fmt.Sprintf("0c383e%06x", i)
		s, ok := o.next(after)
		if !ok || !s.At.Add(idle).Before(s.Closes) {
			t.Errorf("%s: slot at %v, and its window closes at %v (%v)", o.phone.Key, s.At, s.Closes, ok)
		}
		if first, _ := hasty.Next(o.phone, o.id, o.zone, after); first.At.Before(s.At) {
			later++
		}
	}
	if later < 100 { // three in four
		t.Errorf("%d of 200 phones wait for a later period", later)
	}
}
