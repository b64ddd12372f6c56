package window

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"time"
)

// A Slot is a phone's own instant in one period of a window, with the span
// that it lies in.
type Slot struct {
	At     time.Time
	Opens  time.Time // At lies in Opens up to, but without, Closes
	Closes time.Time // equal to Opens where nothing is spread
	Period Date      // first day of the period
	Day    Date      // that the span belongs to
}

// A Phone asks for its slots.
type Phone struct {
	Key  string // MAC address, 12 lower-case hexadecimal digits; else the phone's id
	Anew *Date  // day on which it last had by other means what the window is for; flexible windows only
}

// Digest is what a slot is drawn from; see the package comment.
func Digest(phone, window string, period Date) [32]byte {
	b := make([]byte, 0, 96)
	b = append(b, "phoneacs.slot.v1\n"...)
	b = append(append(b, phone...), '\n')
	b = append(append(b, window...), '\n')
	b = append(b, period.String()...)
	return sha256.Sum256(b)
}

// share scales the eight bytes to 0 to n-1, without the bias of a remainder.
func share(eight []byte, n uint64) uint64 {
	high, _ := bits.Mul64(binary.BigEndian.Uint64(eight), n)
	return high
}

// span is when the window opens and closes on a day.
func (w *Window) span(d Date, zone *time.Location) (opens, closes time.Time) {
	begin, end := w.dials()
	from := time.Duration(begin) * time.Minute
	opens, _ = resolve(d, from, zone)
	if !w.Spread() {
		return opens, opens
	}
	to := time.Duration(*end) * time.Minute
	if to < from {
		to += 24 * time.Hour
	}
	if _, closes = resolve(d, to, zone); !closes.After(opens) {
		closes = opens.Add(to - from)
	}
	return opens, closes
}

// draw finds the slot of a phone in a period, on one of days; false if there is none.
func (w *Window) draw(phone Phone, id string, period Date, days []Date, zone *time.Location) (Slot, bool) {
	if len(days) == 0 {
		return Slot{}, false
	}
	digest := Digest(phone.Key, id, period)
	s := Slot{Period: period, Day: days[share(digest[8:16], uint64(len(days)))]}
	s.Opens, s.Closes = w.span(s.Day, zone)
	seconds := uint64(s.Closes.Sub(s.Opens) / time.Second)
	s.At = s.Opens.Add(time.Duration(share(digest[0:8], seconds)) * time.Second)
	return s, true
}
