package window

import (
	"fmt"
	"strings"
	"time"
)

// A Weekday is one of the week, in JSON "mon" to "sun".
type Weekday time.Weekday

var weekdays = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (d Weekday) String() string {
	if d < 0 || d > 6 {
		return fmt.Sprintf("Weekday(%d)", int(d))
	}
	return weekdays[d]
}

// MarshalText gives "mon" to "sun".
func (d Weekday) MarshalText() ([]byte, error) {
	if d < 0 || d > 6 {
		return nil, fmt.Errorf("%v is no day of the week", d)
	}
	return []byte(weekdays[d]), nil
}

// UnmarshalText takes a day's first three letters or its whole English name,
// in any case.
func (d *Weekday) UnmarshalText(b []byte) error {
	name := strings.ToLower(string(b))
	for i, short := range weekdays {
		if name == short || name == strings.ToLower(time.Weekday(i).String()) {
			*d = Weekday(i)
			return nil
		}
	}
	return fmt.Errorf("%q is no day of the week: want mon, tue, wed, thu, fri, sat or sun", clip(b))
}
