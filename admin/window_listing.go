package admin

import (
	"time"

	"phoneacs/db"
)

// A listing counts phones by reason and keeps some of them: those after an id,
// as many as are asked for.
type listing struct {
	limit   int
	after   db.PhoneID
	reasons []string // all there are, in the order in which they are told
	counts  map[string]int
	phones  []oddPhone
	more    bool
}

func newListing(limit int, after db.PhoneID, reasons []string) listing {
	return listing{limit: limit, after: after, reasons: reasons, counts: make(map[string]int), phones: []oddPhone{}}
}

// add takes a phone in; they come in the order of their ids.
func (l *listing) add(st *db.PhoneStatus, site *place, reason string, odd oddPhone) {
	l.counts[reason]++
	switch {
	case st.ID <= l.after:
		return
	case len(l.phones) >= l.limit:
		l.more = true
		return
	}
	odd.ID, odd.MAC, odd.Name, odd.Site, odd.Reason = st.ID, st.MAC, st.Name, site.name, reason
	l.phones = append(l.phones, odd)
}

// oddPhone is a phone that has no slot, or cannot be woken in it.
type oddPhone struct {
	ID         db.PhoneID `json:"id"`
	MAC        string     `json:"mac,omitempty"`
	Name       string     `json:"name,omitempty"`
	Site       string     `json:"site"`
	Reason     string     `json:"reason"`
	Why        string     `json:"why"`
	Slot       time.Time  `json:"slot,omitzero"`
	LastInform time.Time  `json:"last_inform,omitzero"`
	Interval   int        `json:"interval_seconds,omitempty"`
	Speaks     string     `json:"speaks,omitempty"`
	Expected   time.Time  `json:"expected,omitzero"`
}

type leftOutView struct {
	Count   int          `json:"count"`
	Reasons []reasonView `json:"reasons"`
	Phones  []oddPhone   `json:"phones"`
	Next    string       `json:"next,omitempty"`
}

type reasonView struct {
	Reason string `json:"reason"`
	Phones int    `json:"phones"`
}

func (l *listing) view() leftOutView {
	v := leftOutView{Reasons: []reasonView{}, Phones: l.phones}
	for _, reason := range l.reasons {
		if n := l.counts[reason]; n > 0 {
			v.Count += n
			v.Reasons = append(v.Reasons, reasonView{reason, n})
		}
	}
	if l.more && len(l.phones) > 0 {
		v.Next = l.phones[len(l.phones)-1].ID.String()
	}
	return v
}
