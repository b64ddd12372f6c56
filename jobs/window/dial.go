package window

import "fmt"

// A Dial is a time as clocks show it: minutes since midnight, 0 to 1439.
type Dial int

// String gives HH:MM.
func (c Dial) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText gives HH:MM.
func (c Dial) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText takes HH:MM, from 00:00 to 23:59.
func (c *Dial) UnmarshalText(b []byte) error {
	bad := fmt.Errorf("%q is no time from 00:00 to 23:59", clip(b))
	if len(b) != 5 || b[2] != ':' {
		return bad
	}
	for _, i := range []int{0, 1, 3, 4} {
		if b[i] < '0' || b[i] > '9' {
			return bad
		}
	}
	h, m := int(b[0]-'0')*10+int(b[1]-'0'), int(b[3]-'0')*10+int(b[4]-'0')
	if h > 23 || m > 59 {
		return bad
	}
	*c = Dial(h*60 + m)
	return nil
}
