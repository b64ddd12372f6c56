package db

import "time"

// A Handover is the span of a window in which a phone does by itself what it was
// sent before.
type Handover struct {
	From   time.Time `json:"from"`  // its slot
	Until  time.Time `json:"until"` // the closing of its window
	Recall *Recall   `json:"recall,omitempty"`
}

// A Recall is what was said between server and phone of dropping what it was
// handed over. Whether it is to be dropped does not stand here: that follows
// from the order, the holds and the window as they are.
type Recall struct {
	Asked   time.Time `json:"asked,omitzero"`    // when the phone was last told to; zero: it cannot be told
	Why     string    `json:"why"`               // a clause
	Refused string    `json:"refused,omitempty"` // why the phone does not, as a clause; empty: it has not answered
	Final   bool      `json:"final,omitempty"`   // and it is told no more
}

// WithPhone reports whether an attempt is with its phone, which has not done it yet.
func (a *Attempt) WithPhone() bool {
	return a != nil && a.Handover != nil && a.Outcome == "" && a.Complete.IsZero() && !a.Awaited()
}

// HandsOver reports whether tasks of a job may be with their phones before their
// slots.
func (j *Job) HandsOver() bool { return j.Kind == KindDownload && j.When.Windowed() }
