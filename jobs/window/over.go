package window

import (
	"fmt"
	"time"
)

// Over says, as a clause, why the window does not open any more after an
// instant, for nobody; "" if it does, or is open then.
func (w *Window) Over(zone *time.Location, after time.Time) string {
	if w.Until == nil {
		return "" // black-outs end, and each week has its days
	}
	zone = w.zone(zone)
	today := DateOf(after.In(zone))
	from := today - margin
	if w.From != nil {
		from = max(from, *w.From)
	}
	var closed *Date
	for d := from; d <= *w.Until; d++ {
		if !w.opensOn(d) {
			continue
		}
		opens, closes := w.span(d, zone)
		if closes.After(after) || opens.After(after) {
			return ""
		}
		if d >= today {
			closed = &d
		}
	}
	switch {
	case *w.Until < today:
		return fmt.Sprintf("valid_to is %v, and that is past", *w.Until)
	case closed != nil:
		return fmt.Sprintf("%v was its last day, and it has closed", *closed)
	case len(w.BlackOut) > 0:
		return fmt.Sprintf("up to valid_to, %v, no day is left that is not blacked out", *w.Until)
	}
	return fmt.Sprintf("none of its days of the week comes up to valid_to, %v", *w.Until)
}
