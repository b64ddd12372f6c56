package window

import (
	"slices"
	"time"
)

const minutesOfDay = 24 * 60

// A Curve counts the slots of a fleet by the minute that they are in. It takes
// 6 kB for each day that has any, however many phones there are. The zero value
// is empty.
type Curve struct {
	days        map[int64]*[minutesOfDay]uint32 // by days since 1970-01-01, in UTC
	spans       map[spanKey]int                 // slots in each
	n           int
	first, last time.Time
}

// A spanKey names a span by its seconds since 1970.
type spanKey struct{ opens, closes int64 }

// A Bucket is how many slots are in a stretch of time that begins at At.
type Bucket struct {
	At    time.Time
	Slots int
}

// Add counts a slot.
func (c *Curve) Add(s Slot) {
	if c.days == nil {
		c.days, c.spans = make(map[int64]*[minutesOfDay]uint32), make(map[spanKey]int)
	}
	minute := minuteOf(s.At)
	day := floorDiv(minute, minutesOfDay)
	if c.days[day] == nil {
		c.days[day] = new([minutesOfDay]uint32)
	}
	c.days[day][minute-day*minutesOfDay]++
	c.spans[spanKey{s.Opens.Unix(), s.Closes.Unix()}]++
	if c.n == 0 || s.At.Before(c.first) {
		c.first = s.At
	}
	if c.n == 0 || s.At.After(c.last) {
		c.last = s.At
	}
	c.n++
}

// Slots is how many were counted.
func (c *Curve) Slots() int { return c.n }

// First is the earliest slot; the zero time if there is none.
func (c *Curve) First() time.Time { return c.first }

// Last is the latest slot; the zero time if there is none.
func (c *Curve) Last() time.Time { return c.last }

// Busiest is the minute that has most, the first of them if several have.
func (c *Curve) Busiest() (b Bucket) {
	c.minutes(func(minute int64, n int) {
		if n > b.Slots {
			b = Bucket{timeOf(minute), n}
		}
	})
	return b
}

// AtOnce is how many are under way at once where each lasts for so long, taken
// by whole minutes, and the minute in which that is first so. 0 lasts a minute.
func (c *Curve) AtOnce(each time.Duration) (b Bucket) {
	width := max(1, int64((each+time.Minute-1)/time.Minute))
	var under []struct{ minute, n int64 } // those begun within width
	var sum int64
	c.minutes(func(minute int64, n int) {
		for len(under) > 0 && under[0].minute <= minute-width {
			sum -= under[0].n
			under = under[1:]
		}
		under = append(under, struct{ minute, n int64 }{minute, int64(n)})
		if sum += int64(n); sum > int64(b.Slots) {
			b = Bucket{timeOf(minute), int(sum)}
		}
	})
	return b
}

// steps are the stretches that [Curve.Buckets] chooses from, in minutes.
var steps = []int64{1, 5, 15, 60, 360, minutesOfDay}

// Buckets returns the curve in at most so many stretches as long as step, those
// without a slot left out, in order: minutes where they are few enough, else the
// shortest of 5 and 15 minutes, 1, 6 and 24 hours. Where even days are too many
// there are as many as there are.
func (c *Curve) Buckets(most int) (step time.Duration, out []Bucket) {
	for _, width := range steps {
		out = out[:0]
		c.minutes(func(minute int64, n int) {
			at := timeOf(floorDiv(minute, width) * width)
			if k := len(out) - 1; k >= 0 && out[k].At.Equal(at) {
				out[k].Slots += n
			} else if len(out) <= most || width == minutesOfDay {
				out = append(out, Bucket{at, n})
			}
		})
		if step = time.Duration(width) * time.Minute; len(out) <= most {
			break
		}
	}
	return step, out
}

// minutes calls f for each minute that has slots, in order.
func (c *Curve) minutes(f func(minute int64, n int)) {
	days := make([]int64, 0, len(c.days))
	for day := range c.days {
		days = append(days, day)
	}
	slices.Sort(days)
	for _, day := range days {
		for i, n := range c.days[day] {
			if n > 0 {
				f(day*minutesOfDay+int64(i), int(n))
			}
		}
	}
}

// in is how many slots a minute has.
func (c *Curve) in(minute int64) int {
	day := floorDiv(minute, minutesOfDay)
	if c.days[day] == nil {
		return 0
	}
	return int(c.days[day][minute-day*minutesOfDay])
}

func minuteOf(t time.Time) int64 { return floorDiv(t.Unix(), 60) }

func timeOf(minute int64) time.Time { return time.Unix(minute*60, 0).UTC() }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
