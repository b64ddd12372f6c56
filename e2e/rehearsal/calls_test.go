package rehearsal

import (
	"math"
	"math/rand/v2"
	"sort"
	"time"
)

// A call of a phone's first line.
type call struct{ begins, ends time.Time }

// chatter draws the calls of a phone, with pauses between them. Calls of between
// one and two minutes are as likely as those of between one and two hours.
func (p *plan) chatter(rng *rand.Rand) (calls []call) {
	at := p.begins.Add(-time.Duration(rng.Int64N(int64(p.pause))))
	for end := p.begins.Add(p.lasts); at.Before(end); {
		length := time.Duration(float64(p.shortest) * math.Pow(360, rng.Float64()))
		calls = append(calls, call{at, at.Add(length)})
		at = at.Add(length + p.pause/100 + time.Duration(rng.Int64N(int64(p.pause))))
	}
	return calls
}

// nextCall gives the call in which a phone is at a time, or else the next one.
func (t *trait) nextCall(at time.Time) (c call, ok bool) {
	i := sort.Search(len(t.calls), func(i int) bool { return t.calls[i].ends.After(at) })
	if i == len(t.calls) {
		return call{}, false
	}
	return t.calls[i], true
}

// call gives the call in which a phone is at a time.
func (t *trait) call(at time.Time) (c call, ok bool) {
	c, ok = t.nextCall(at)
	return c, ok && !at.Before(c.begins)
}

// line is the state of the first line, in the words of TR-104: a call rings for
// a tenth of its length.
func (t *trait) line(at time.Time) string {
	switch c, ok := t.call(at); {
	case !ok:
		return "Idle"
	case at.Sub(c.begins) < c.ends.Sub(c.begins)/10:
		return "Ringing"
	}
	return "InCall"
}
