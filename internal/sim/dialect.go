package sim

import (
	"fmt"
	"slices"
)

// A Dialect is one way in which agents that shipped depart from the letter of
// TR-069. It is data: what it changes is a setting of [habits], looked at where
// a phone does that thing. Several go together unless they set the same one.
type Dialect struct {
	Name   string
	Quirks []int  // the rows of docs/spec.md that it shows, without the Q
	What   string // it changes, as a sentence

	set func(*habits)
}

// habits are what dialects change. The zero value is a phone as it should be.
type habits struct {
	http     httpHabits
	auth     authHabits
	read     readHabits
	write    []rewrite // of each envelope of the phone, in this order
	inform   informHabits
	rpc      rpcHabits
	names    nameHabits
	transfer transferHabits
	cr       crHabits
}

// dialects is the table, by concern.
var dialects = slices.Concat(httpDialects, bodyDialects, authDialects, readDialects, envelopeDialects, valueDialects,
	faultDialects, informDialects, rpcDialects, nameDialects, transferDialects, crDialects, crBrokenDialects)

// Dialects lists all dialects, those of one concern side by side.
func Dialects() []Dialect { return slices.Clone(dialects) }

// habitsOf brings the named dialects together.
func habitsOf(names []string) (h habits, err error) {
	for _, name := range names {
		i := slices.IndexFunc(dialects, func(d Dialect) bool { return d.Name == name })
		if i < 0 {
			return habits{}, fmt.Errorf("%w: no dialect is named %q", errBehaviour, name)
		}
		dialects[i].set(&h)
	}
	return h, nil
}
