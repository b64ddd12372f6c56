package window

import "fmt"

// A Window is a recurring span of time. Exactly one of Weekly and Flexible is set.
type Window struct {
	Weekly   *Weekly   `json:"weekly,omitempty"`
	Flexible *Flexible `json:"flexible,omitempty"`

	Zone     string `json:"zone,omitempty"`       // of the IANA database; empty: the site's, which the caller knows
	From     *Date  `json:"valid_from,omitempty"` // first day on which it may begin
	Until    *Date  `json:"valid_to,omitempty"`   // last day on which it may begin
	BlackOut []Days `json:"black_out,omitempty"`  // days on which it does not begin; at most MaxBlackOut
}

// Weekly opens on some days of each week, or of each Nth.
type Weekly struct {
	Days       []Weekday `json:"days"` // one to seven, each once
	Begin      Dial      `json:"begin"`
	End        *Dial     `json:"end,omitempty"`
	Every      int       `json:"every,omitempty"`              // weeks, 0 to 12; 0 and 1: each
	Inactivity int       `json:"inactivity_minutes,omitempty"` // 0 to 120: wait for so much idle time from the slot on
}

// Flexible opens every day; each phone has one day of an interval.
type Flexible struct {
	Interval int   `json:"interval_days"` // 1 to 1000
	Begin    Dial  `json:"begin"`
	End      *Dial `json:"end,omitempty"`
}

// Bounds of a window.
const (
	MaxEvery      = 12
	MaxInactivity = 120
	MaxInterval   = 1000
	MaxBlackOut   = 100
	MaxBlackDays  = 366 // in one of them
)

// A FieldError names the member of a window that cannot be.
type FieldError struct {
	Field string // as in JSON: "weekly.days[1]"
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

func (e *FieldError) Unwrap() error { return e.Err }

func bad(field, format string, args ...any) error {
	return &FieldError{Field: field, Err: fmt.Errorf(format, args...)}
}

// Check reports the first member that cannot be, as a *[FieldError].
func (w *Window) Check() error {
	switch {
	case w.Weekly != nil && w.Flexible != nil:
		return bad("flexible", "a window is weekly or flexible, not both")
	case w.Weekly != nil:
		if err := w.Weekly.check(); err != nil {
			return err
		}
	case w.Flexible != nil:
		if n := w.Flexible.Interval; n < 1 || n > MaxInterval {
			return bad("flexible.interval_days", "%d: want 1 to %d", n, MaxInterval)
		}
		if err := checkDials("flexible", w.Flexible.Begin, w.Flexible.End); err != nil {
			return err
		}
	default:
		return bad("weekly", "a window needs weekly or flexible")
	}
	if w.Zone != "" {
		if _, err := LoadZone(w.Zone); err != nil {
			return &FieldError{Field: "zone", Err: err}
		}
	}
	if w.From != nil && w.Until != nil && *w.Until < *w.From {
		return bad("valid_to", "%v is before valid_from, %v", *w.Until, *w.From)
	}
	if n := len(w.BlackOut); n > MaxBlackOut {
		return bad("black_out", "%d spans of days, at most %d", n, MaxBlackOut)
	}
	for i, s := range w.BlackOut {
		if n := s.Last - s.First + 1; n < 1 || n > MaxBlackDays {
			return bad(fmt.Sprintf("black_out[%d]", i), "%v to %v: want 1 to %d days, the first of them first", s.First, s.Last, MaxBlackDays)
		}
	}
	return nil
}

func (w *Weekly) check() error {
	if len(w.Days) == 0 {
		return bad("weekly.days", "no day; want one or more of mon, tue, wed, thu, fri, sat, sun")
	}
	var seen [7]bool
	for i, d := range w.Days {
		field := fmt.Sprintf("weekly.days[%d]", i)
		if d < 0 || d > 6 {
			return bad(field, "%d is no day of the week", int(d))
		}
		if seen[d] {
			return bad(field, "%v is named twice", d)
		}
		seen[d] = true
	}
	if w.Every < 0 || w.Every > MaxEvery {
		return bad("weekly.every", "%d weeks: want 0 to %d", w.Every, MaxEvery)
	}
	if w.Inactivity < 0 || w.Inactivity > MaxInactivity {
		return bad("weekly.inactivity_minutes", "%d: want 0 to %d", w.Inactivity, MaxInactivity)
	}
	if err := checkDials("weekly", w.Begin, w.End); err != nil || w.End == nil || *w.End == w.Begin {
		return err
	}
	if open := (int(*w.End) - int(w.Begin) + minutesOfDay) % minutesOfDay; w.Inactivity >= open {
		return bad("weekly.inactivity_minutes", "%d: the window is open for %d, and no slot in it leaves so much", w.Inactivity, open)
	}
	return nil
}

// checkDials is for windows that were not read from JSON.
func checkDials(kind string, begin Dial, end *Dial) error {
	const last = 24*60 - 1
	if begin < 0 || begin > last {
		return bad(kind+".begin", "%d minutes after midnight: want 0 to %d", int(begin), last)
	}
	if end != nil && (*end < 0 || *end > last) {
		return bad(kind+".end", "%d minutes after midnight: want 0 to %d", int(*end), last)
	}
	return nil
}

// dials returns begin and end; end is nil if the window has none.
func (w *Window) dials() (begin Dial, end *Dial) {
	if w.Weekly != nil {
		return w.Weekly.Begin, w.Weekly.End
	}
	return w.Flexible.Begin, w.Flexible.End
}

// Spread reports whether slots differ: not so where the end is missing or equal
// to the begin.
func (w *Window) Spread() bool {
	begin, end := w.dials()
	return end != nil && *end != begin
}
