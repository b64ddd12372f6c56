package window

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Rated is what becomes of a curve where only so many may go in a minute: who
// finds the minute full waits for the next one.
type Rated struct {
	Last time.Time // the minute in which the last goes; zero: none does
	Left int       // how many still wait when their window closes
}

// A TooSmallError reports that a window has not the time that a rate needs.
type TooSmallError struct {
	Slots, PerMinute int
	Opens, Closes    time.Time
}

// Needs is how many minutes it would take.
func (e *TooSmallError) Needs() int { return (e.Slots + e.PerMinute - 1) / e.PerMinute }

// Has is how many minutes there are.
func (e *TooSmallError) Has() int { return int(e.Closes.Sub(e.Opens) / time.Minute) }

func (e *TooSmallError) Error() string {
	return fmt.Sprintf("%d phones at %d a minute need %d minutes, and the window is open for %d", e.Slots, e.PerMinute, e.Needs(), e.Has())
}

// AtRate lets at most perMinute, which is at least 1, go in a minute, those
// whose slot is first before others. It returns a *[TooSmallError] where one
// span, or several that overlap, is too short for the slots in it.
func (c *Curve) AtRate(perMinute int) (r Rated, err error) {
	spans := make([]TooSmallError, 0, len(c.spans))
	for s, n := range c.spans {
		spans = append(spans, TooSmallError{n, perMinute, time.Unix(s.opens, 0).UTC(), time.Unix(s.closes, 0).UTC()})
	}
	slices.SortFunc(spans, func(a, b TooSmallError) int {
		return cmp.Or(a.Opens.Compare(b.Opens), a.Closes.Compare(b.Closes))
	})
	if err := firstTooSmall(spans); err != nil {
		return r, err
	}
	var joint []TooSmallError // those that overlap as one
	for _, s := range spans {
		if k := len(joint) - 1; k >= 0 && s.Opens.Before(joint[k].Closes) {
			joint[k].Slots += s.Slots
			joint[k].Closes = later(joint[k].Closes, s.Closes)
			continue
		}
		joint = append(joint, s)
	}
	if err := firstTooSmall(joint); err != nil {
		return r, err
	}
	for _, s := range joint {
		waiting := 0
		for minute := minuteOf(s.Opens); minute < minuteOf(s.Closes); minute++ {
			if waiting += c.in(minute); waiting > 0 {
				r.Last = timeOf(minute)
			}
			waiting -= min(waiting, perMinute)
		}
		r.Left += waiting
	}
	return r, nil
}

func firstTooSmall(spans []TooSmallError) error {
	for i := range spans {
		if spans[i].Needs() > spans[i].Has() {
			return &spans[i]
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
