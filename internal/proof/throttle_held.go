package proof

import "time"

// heldSlots divide the longest hold: to that grain is known when holds end.
const heldSlots = 8

// held counts answers by when their hold ends. They go as time passes: nobody
// has to say that an answer has left.
type held struct {
	first int64 // the step that ends[0] stands for
	ends  [heldSlots + 1]uint16
}

// at moves to now and returns how many are held.
func (h *held) at(now, step time.Duration) int {
	gone := int64(now/step) - h.first
	if gone > 0 {
		kept := 0
		if gone < int64(len(h.ends)) {
			kept = copy(h.ends[:], h.ends[gone:])
		}
		clear(h.ends[kept:])
		h.first += gone
	}
	sum := 0
	for _, n := range h.ends {
		sum += int(n)
	}
	return sum
}

// add counts one that is held from now on. at has been called for now, or for a
// later time by who came first: it may be over by then.
func (h *held) add(hold, now, step time.Duration) {
	i := int64((now+hold)/step) - h.first
	h.ends[min(max(0, i), int64(len(h.ends))-1)]++
}
