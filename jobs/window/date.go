package window

import (
	"fmt"
	"time"
)

// A Date is a day of the calendar, without a zone: days since 1970-01-01.
type Date int

// DateOf is the day that an instant has in its own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Day(y, m, d)
}

// Day is the day of that name.
func Day(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay)
}

const secondsOfDay = 24 * 60 * 60

func (d Date) utc() time.Time { return time.Unix(int64(d)*secondsOfDay, 0).UTC() }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// String gives YYYY-MM-DD.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

// MarshalText gives YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText takes YYYY-MM-DD, of the years 1970 to 2999.
func (d *Date) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil || t.Year() < 1970 || t.Year() > 2999 {
		return fmt.Errorf("%q is no day such as 2027-01-31, from 1970 to 2999", clip(b))
	}
	*d = DateOf(t)
	return nil
}

// Days are the days from First to Last, both included.
type Days struct {
	First Date `json:"first"`
	Last  Date `json:"last"`
}

func (s Days) has(d Date) bool { return s.First <= d && d <= s.Last }

// clip keeps what is repeated in an error short.
func clip(b []byte) string { return string(b[:min(len(b), 40)]) }
