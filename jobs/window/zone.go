package window

import "time"

// reach is further than any zone is from UTC, today or in the past.
const reach = 28 * time.Hour

// resolve finds the instants at which clocks in a zone show a dial on a date:
// the first and the last of them, which differ where a change of clocks makes
// the time come twice. A time that is skipped is as much later as was skipped.
//
// [time.Date] promises nothing for either case, hence the walk over the
// stretches of equal offset around it.
func resolve(d Date, at time.Duration, zone *time.Location) (first, last time.Time) {
	wall := d.utc().Add(at) // as if the zone were UTC
	var before time.Time    // by the offset before the gap, if there is one
	for t := wall.Add(-reach).In(zone); ; {
		_, offset := t.Zone()
		begin, end := t.ZoneBounds()
		shown := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		after := !end.IsZero() && !shown.Before(end)
		switch {
		case !begin.IsZero() && shown.Before(begin):
			if first.IsZero() { // it lies in the gap that ends here
				return before, before
			}
		case !after:
			if first.IsZero() {
				first = shown
			}
			last = shown
		}
		before = shown
		if end.IsZero() || end.After(wall.Add(reach)) {
			return first, last
		}
		if !end.After(t) { // so says [time.Time.ZoneBounds] on 31 December of leap years from 2040 on
			end = t.Add(24 * time.Hour)
		}
		t = end
	}
}
