package bolt

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"phoneacs/db"
)

// saveParams stores the values that differ and adds them to changes.
func (t *tx) saveParams(p *db.Phone, c *contact, in *db.Inform, changes *[]db.Change) error {
	limit := uint32(maxParams)
	if p.State == db.PhonePending {
		limit = maxParamsPending
	}
	for i := range in.Parameters {
		param := &in.Parameters[i]
		if param.Name == "" || len(param.Name) > maxText {
			continue // TR-069 A.3.2.1: at most 256 characters
		}
		key := append(be8(uint64(p.ID)), param.Name...)
		old := t.get(bParams, key)
		if old == nil {
			if c.params >= limit {
				continue
			}
			c.params++
		} else {
			was, err := decodeStored(param.Name, old)
			if err != nil {
				return err
			}
			if was.Type == param.Type && was.Value == param.Value && param.Type != db.TypePending {
				continue
			}
			if change, told := changeOf(&was, param); told {
				*changes = append(*changes, change)
			}
		}
		if err := t.put(bParams, key, encodeParam(param, in.Now)); err != nil {
			return err
		}
	}
	return nil
}

func encodeParam(p *db.Parameter, now time.Time) []byte {
	typ, value := p.Type[:min(len(p.Type), 255)], p.Value
	if p.Type == db.TypePending {
		value = pendingMark(p)
	}
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 9+len(typ)+len(value)), millis(now))
	b = append(b, byte(len(typ)))
	b = append(b, typ...)
	return append(b, value...)
}

// decodeParam reads a parameter as it is given out.
func decodeParam(name string, b []byte) (db.Parameter, error) {
	p, err := decodeStored(name, b)
	if p.Type == db.TypePending {
		p.Value = ""
	}
	return p, err
}

func decodeStored(name string, b []byte) (db.Parameter, error) {
	if len(b) < 9 || len(b) < 9+int(b[8]) {
		return db.Parameter{}, fmt.Errorf("parameter %s: %w", name, errCorrupt)
	}
	n := 9 + int(b[8])
	return db.Parameter{Name: name, Changed: fromMillis(num(b)), Type: string(b[9:n]), Value: string(b[n:])}, nil
}

func short(s string) string { return s[:min(len(s), maxText)] }

func eventChanges(events []string) []db.Change {
	var changes []db.Change
	for _, e := range events {
		if e != "2 PERIODIC" && e != "6 CONNECTION REQUEST" && len(changes) < 16 {
			changes = append(changes, db.Change{What: "event", New: short(e), By: "phone"})
		}
	}
	return changes
}

// addHistory appends to a phone's history and drops what is over the bound.
// Entries are numbered without gaps, so that each new one names the one to go.
func (t *tx) addHistory(id db.PhoneID, now time.Time, changes []db.Change) error {
	if len(changes) == 0 {
		return nil
	}
	if len(changes) > db.HistoryKept {
		changes = changes[len(changes)-db.HistoryKept:]
	}
	prefix := be8(uint64(id))
	n := uint64(1)
	c := t.Bucket(bHistory).Cursor()
	k, _ := c.Seek(successor(prefix))
	if k == nil {
		k, _ = c.Last()
	} else {
		k, _ = c.Prev()
	}
	if bytes.HasPrefix(k, prefix) {
		n = num(k[8:]) + 1
	}
	for _, change := range changes {
		change.Time = now
		b, err := json.Marshal(change)
		if err != nil {
			return fmt.Errorf("encode history: %w", err)
		}
		if err := t.put(bHistory, key2(uint64(id), n), b); err != nil {
			return err
		}
		if n > db.HistoryKept {
			if err := t.del(bHistory, key2(uint64(id), n-db.HistoryKept)); err != nil {
				return err
			}
		}
		n++
	}
	return nil
}

func sortedKeys[K ~uint64, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
