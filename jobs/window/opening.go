package window

import "time"

// Opening returns when the window is next open for anybody: the first span
// that has not closed by an instant, or false if there is none. Where nothing
// is spread, it is the first that does not open before.
func (w *Window) Opening(zone *time.Location, after time.Time) (opens, closes time.Time, ok bool) {
	zone = w.zone(zone)
	today := DateOf(after.In(zone))
	var all Phone
	g := w.grid(all)
	from := today - margin
	if w.From != nil {
		from = max(from, *w.From)
	}
	var room [64]Date
	days := room[:0]
	last := w.lastDay(today, g, all)
	for period := g.of(from); period <= last; period += g.length {
		days = w.days(days, period, g, all)
		for _, d := range days {
			opens, closes = w.span(d, zone)
			if closes.After(after) || closes.Equal(opens) && !opens.Before(after) {
				return opens, closes, true
			}
		}
	}
	return time.Time{}, time.Time{}, false
}

// Period is after how many days a phone has its next slot.
func (w *Window) Period() int { return int(w.grid(Phone{}).length) }

// Named is the zone that the window names, or the one that stands in.
func (w *Window) Named(standIn *time.Location) *time.Location { return w.zone(standIn) }

// Inactivity is how long a phone must have been idle from its slot on.
func (w *Window) Inactivity() time.Duration {
	if w.Weekly == nil {
		return 0
	}
	return time.Duration(w.Weekly.Inactivity) * time.Minute
}

// Slack is for how long what is due at the begin of a window without an end may be
// sent. The phones' documents leave it open: with none, what is not sent in that
// second would never be.
const Slack = time.Hour

// Served returns a slot of the window with the span in which it is served: that
// of a window without an end is [Slack], and the idle time that it asks for.
func (w *Window) Served(s Slot) Slot {
	if !s.Closes.After(s.Opens) {
		s.Closes = s.Opens.Add(Slack + w.Inactivity())
	}
	return s
}
