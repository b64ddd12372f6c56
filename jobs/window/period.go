package window

import "time"

// monday is the first day of the week from which weeks are counted.
const monday Date = 4 // 1970-01-05

// A grid cuts the calendar into periods of equal length.
type grid struct {
	first  Date // of some period
	length Date
}

// of returns the first day of the period that a day is in.
func (g grid) of(d Date) Date {
	n := (d - g.first) % g.length
	if n < 0 {
		n += g.length
	}
	return d - n
}

// grid returns the periods of a phone.
func (w *Window) grid(phone Phone) grid {
	if w.Weekly != nil {
		return grid{first: monday, length: 7 * Date(max(w.Weekly.Every, 1))}
	}
	g := grid{length: Date(w.Flexible.Interval)}
	if w.From != nil {
		g.first = *w.From
	}
	if phone.Anew != nil {
		g.first = *phone.Anew + 1
	}
	return g
}

// days are those of a period on which the window may open, in order. into is
// room for them.
func (w *Window) days(into []Date, period Date, g grid, phone Phone) []Date {
	first, last := period, period+g.length-1
	if w.Weekly != nil {
		last = period + 6
	} else if phone.Anew != nil {
		first = max(first, *phone.Anew+1) // what came before has been had
	}
	if w.From != nil {
		first = max(first, *w.From)
	}
	if w.Until != nil {
		last = min(last, *w.Until)
	}
	into = into[:0]
	for d := first; d <= last; d++ {
		if w.opensOn(d) {
			into = append(into, d)
		}
	}
	return into
}

// NextPeriod returns the first period after a day in which the window may open:
// its first and last day. It is that of a phone that had nothing by other means.
func (w *Window) NextPeriod(after Date) (first, last Date, ok bool) {
	g := w.grid(Phone{})
	from := after + 1
	if w.From != nil {
		from = max(from, *w.From)
	}
	first = g.of(from)
	if first < from {
		first += g.length
	}
	for end := w.lastDay(first, g, Phone{}); first <= end; first += g.length {
		if len(w.days(nil, first, g, Phone{})) > 0 {
			return first, first + g.length - 1, true
		}
	}
	return 0, 0, false
}

// PeriodOf returns the period that a day is in: its first and last day, and
// whether the window may open in it.
func (w *Window) PeriodOf(day Date) (first, last Date, opens bool) {
	g := w.grid(Phone{})
	first = g.of(day)
	return first, first + g.length - 1, len(w.days(nil, first, g, Phone{})) > 0
}

// Within is the window, on no days but those from first to last. They are to be
// whole periods: those of what is returned are the same.
func (w *Window) Within(first, last Date) *Window {
	in := *w
	if w.From == nil || *w.From < first {
		in.From = &first
	}
	if w.Until == nil || *w.Until > last {
		in.Until = &last
	}
	return &in
}

// opensOn reports whether the rules for single days let the window open.
func (w *Window) opensOn(d Date) bool {
	for _, s := range w.BlackOut {
		if s.has(d) {
			return false
		}
	}
	if w.Weekly == nil {
		return true
	}
	for _, day := range w.Weekly.Days {
		if time.Weekday(day) == d.Weekday() {
			return true
		}
	}
	return false
}

// lastDay is the last day that has to be looked at to find a slot after a day,
// if there is one: after the black-outs each period has some.
func (w *Window) lastDay(after Date, g grid, phone Phone) Date {
	if phone.Anew != nil {
		after = max(after, *phone.Anew)
	}
	if w.From != nil {
		after = max(after, *w.From)
	}
	for _, s := range w.BlackOut {
		after = max(after, s.Last)
	}
	last := after + 3*g.length
	if w.Until != nil {
		last = min(last, *w.Until)
	}
	return last
}
