package window

import "time"

// ByDial returns what the clocks of a zone show at an instant, as a time in UTC
// with the same date and dial.
func ByDial(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// Instant returns when the clocks of a zone show what [ByDial] gave: the first
// time, where it comes twice, and as much later as was skipped, where it is.
func Instant(dial time.Time, zone *time.Location) time.Time {
	dial = dial.UTC()
	day := DateOf(dial)
	first, _ := resolve(day, dial.Sub(day.utc()), zone)
	return first
}
