package bolt

import (
	"fmt"
	"slices"

	"phoneacs/db"
)

// A storedStanding is a standing order as its record has it: secrets among the
// arguments of its items are taken out of them and sealed, item by item.
type storedStanding struct {
	db.StandingOrder
	Sealed [][]byte `json:"sealed,omitempty"`
}

func standingContext(id db.StandingID, item int) string {
	return fmt.Sprintf("standing order %s item %d", id, item)
}

func (t *tx) putStanding(o db.StandingOrder) error {
	r := storedStanding{StandingOrder: o, Sealed: make([][]byte, len(o.Items))}
	r.Items = slices.Clone(o.Items)
	sealed := false
	for i := range r.Items {
		var err error
		if r.Items[i].Args, r.Sealed[i], err = t.s.sealArgs(standingContext(o.ID, i), o.Items[i].Args); err != nil {
			return err
		}
		sealed = sealed || r.Sealed[i] != nil
	}
	if !sealed {
		r.Sealed = nil
	}
	return t.putJSON(bStanding, be8(uint64(o.ID)), &r)
}

func (t *tx) decodeStanding(b []byte) (db.StandingOrder, error) {
	var r storedStanding
	if err := decode(bStanding, b, &r); err != nil {
		return r.StandingOrder, err
	}
	for i := range min(len(r.Sealed), len(r.Items)) {
		if err := t.s.openArgs(standingContext(r.ID, i), &r.Items[i].Args, r.Sealed[i]); err != nil {
			return r.StandingOrder, err
		}
	}
	return r.StandingOrder, nil
}
