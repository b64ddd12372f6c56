package window

import "time"

// margin is how many days the day of a span and the day of an instant in it may
// be apart: it may end on the day after, and a whole day may be skipped.
const margin = 3

// maxPeriods is in how many periods a slot is looked for that leaves the idle
// time that the window asks for: more weeks than an order may last.
const maxPeriods = 500

// Next returns the phone's first slot after an instant, or false if the window
// does not open for it any more. A slot that does not leave the idle time that
// the window asks for is passed over. The window must have passed
// [Window.Check]; id names it; zone is in force if it names none itself.
func (w *Window) Next(phone Phone, id string, zone *time.Location, after time.Time) (Slot, bool) {
	idle, spread := w.Inactivity(), w.Spread()
	for range maxPeriods {
		s, ok := w.search(phone, id, zone, after, func(s Slot) bool { return s.At.After(after) })
		if !ok || !spread || s.At.Add(idle).Before(s.Closes) {
			return s, ok
		}
		after = s.At
	}
	return Slot{}, false
}

// Open returns the phone's slot in the span that is open for it at an instant,
// or false. Where nothing is spread, no span is ever open.
func (w *Window) Open(phone Phone, id string, zone *time.Location, at time.Time) (Slot, bool) {
	s, ok := w.search(phone, id, zone, at, func(s Slot) bool { return s.Closes.After(at) })
	return s, ok && !s.Opens.After(at)
}

// search finds the first slot that will do, from some periods before an instant on.
func (w *Window) search(phone Phone, id string, zone *time.Location, around time.Time, will func(Slot) bool) (Slot, bool) {
	zone = w.zone(zone)
	today := DateOf(around.In(zone))
	g := w.grid(phone)
	from := today - margin
	if w.From != nil {
		from = max(from, *w.From)
	}
	if phone.Anew != nil && w.Flexible != nil {
		from = max(from, *phone.Anew+1)
	}
	var room [64]Date
	days := room[:0]
	last := w.lastDay(today, g, phone)
	for period := g.of(from); period <= last; period += g.length {
		days = w.days(days, period, g, phone)
		if s, ok := w.draw(phone, id, period, days, zone); ok && will(s) {
			return s, true
		}
	}
	return Slot{}, false
}

// zone is the window's own, or the one that stands in.
func (w *Window) zone(standIn *time.Location) *time.Location {
	if w.Zone != "" {
		if zone, err := LoadZone(w.Zone); err == nil {
			return zone
		}
	}
	return standIn
}
