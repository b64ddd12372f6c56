package db

import "time"

// A Handover is the span of a window in which a phone does by itself what it was
// sent before.
type Handover struct {
	From  time.Time `json:"from"`  // its slot
	Until time.Time `json:"until"` // the closing of its window
}
