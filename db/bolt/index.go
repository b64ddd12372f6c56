package bolt

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// Indexed fields of phones: the letter that stands for each in the index.
var indexed = []struct {
	letter byte
	field  string
}{{'v', "vendor"}, {'m', "model"}, {'g', "tags"}, {'l', "site"}, {'s', "state"}, {'w', "software_version"}}

// indexKeys are the keys under which a phone is found.
func indexKeys(p *db.Phone) (unique, index []string) {
	if p == nil {
		return nil, nil
	}
	if p.MAC != "" {
		unique = append(unique, "m"+p.MAC)
	}
	if p.Serial != "" {
		unique = append(unique, tripleKey(p.OUI, p.ProductClass, p.Serial))
		index = append(index, indexKey('o', p.OUI+"-"+p.Serial, p.ID))
	}
	st := db.PhoneStatus{Phone: *p}
	for _, ix := range indexed {
		v := st.Field(ix.field)
		for _, word := range v.List {
			index = append(index, indexKey(ix.letter, word, p.ID))
		}
		if v.Text != "" {
			index = append(index, indexKey(ix.letter, v.Text, p.ID))
		}
	}
	slices.Sort(index)
	return unique, slices.Compact(index)
}

func tripleKey(oui, class, serial string) string {
	return "t" + strings.ToLower(oui) + "\x00" + class + "\x00" + serial
}

func indexKey(letter byte, value string, id db.PhoneID) string {
	return string(letter) + filter.Fold(value) + "\x00" + string(be8(uint64(id)))
}

// index moves a phone's index entries from old to new; nil is no phone.
func (t *tx) index(old, new *db.Phone) error {
	oldU, oldI := indexKeys(old)
	newU, newI := indexKeys(new)
	for _, k := range newU {
		if owner := t.get(bUnique, []byte(k)); owner != nil && db.PhoneID(num(owner)) != new.ID {
			field := "serial"
			if k[0] == 'm' {
				field = "mac"
			}
			return &db.FieldError{Field: field, Err: fmt.Errorf("belongs to phone %s: %w", db.PhoneID(num(owner)), db.ErrExists)}
		}
	}
	for _, k := range oldU {
		if !slices.Contains(newU, k) {
			if err := t.del(bUnique, []byte(k)); err != nil {
				return err
			}
		}
	}
	for _, k := range newU {
		if !slices.Contains(oldU, k) {
			if err := t.put(bUnique, []byte(k), be8(uint64(new.ID))); err != nil {
				return err
			}
		}
	}
	for _, k := range oldI {
		if _, kept := slices.BinarySearch(newI, k); !kept {
			if err := t.del(bIndex, []byte(k)); err != nil {
				return err
			}
		}
	}
	for _, k := range newI {
		if _, had := slices.BinarySearch(oldI, k); !had {
			if err := t.put(bIndex, []byte(k), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// phoneIndexFor is the prefix of index entries that a filter demands, or nil.
func phoneIndexFor(f *filter.Filter) []byte {
	if f == nil {
		return nil
	}
	// The most telling field first.
	for _, field := range []string{"tags", "software_version", "model", "site", "state", "vendor"} {
		value, ok := f.Equal(field)
		if !ok {
			continue
		}
		for _, ix := range indexed {
			if ix.field == field {
				return []byte(string(ix.letter) + filter.Fold(value) + "\x00")
			}
		}
	}
	return nil
}

func (t *tx) byUnique(key string) (db.PhoneID, bool) {
	if v := t.get(bUnique, []byte(key)); v != nil {
		return db.PhoneID(num(v)), true
	}
	return 0, false
}

// FindPhone resolves a reference.
func (s *Store) FindPhone(ctx context.Context, ref string) (id db.PhoneID, err error) {
	err = s.view(ctx, func(t *tx) error { id, err = t.findPhone(ref); return err })
	return id, err
}

func (t *tx) findPhone(ref string) (db.PhoneID, error) {
	if id, err := db.ParsePhoneID(ref); err == nil && id != 0 {
		if t.has(bPhones, be8(uint64(id))) {
			return id, nil
		}
	} else if mac, ok := parseMAC(ref); ok {
		if id, ok := t.byUnique("m" + mac); ok {
			return id, nil
		}
	}
	return t.findSerial(ref)
}

// findSerial looks for OUI-Serial, then for OUI-ProductClass-Serial at every
// place where the class could end, since class and serial may hold hyphens.
func (t *tx) findSerial(ref string) (db.PhoneID, error) {
	prefix := []byte("o" + filter.Fold(ref) + "\x00")
	c := t.Bucket(bIndex).Cursor()
	var found []db.PhoneID
	for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix) && len(found) < 2; k, _ = c.Next() {
		found = append(found, db.PhoneID(num(k[len(prefix):])))
	}
	oui, rest, _ := strings.Cut(ref, "-")
	for i := range len(rest) {
		if rest[i] != '-' {
			continue
		}
		if id, ok := t.byUnique(tripleKey(oui, rest[:i], rest[i+1:])); ok && !slices.Contains(found, id) {
			found = append(found, id)
		}
	}
	if len(found) > 1 {
		return 0, fmt.Errorf("%q names several phones; use an id or a MAC: %w", ref, db.ErrConflict)
	} else if len(found) == 1 {
		return found[0], nil
	}
	return 0, fmt.Errorf("phone %q: %w", ref, db.ErrNotFound)
}

// parseMAC reads a MAC in the usual spellings.
func parseMAC(s string) (string, bool) {
	if len(s) > 17 {
		return "", false
	}
	s = strings.NewReplacer(":", "", "-", "", ".", "").Replace(strings.ToLower(s))
	b, err := hex.DecodeString(s)
	return s, err == nil && len(b) == 6
}
