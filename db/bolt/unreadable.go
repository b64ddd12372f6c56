package bolt

import (
	"bytes"
	"context"
	"time"

	"phoneacs/db"
)

// unreadableKey sorts by time, then by number: those of the same millisecond
// need one.
func unreadableKey(last time.Time, n uint64) []byte { return key2(uint64(max(0, last.UnixMilli())), n) }

// AddUnreadable keeps a message that was not understood. There are few, so all
// are looked at.
func (s *Store) AddUnreadable(ctx context.Context, u db.Unreadable) error {
	return s.update(ctx, func(t *tx) error {
		kept, err := t.allUnreadable()
		if err != nil {
			return err
		}
		u.Count = max(u.Count, 1)
		for _, k := range kept {
			if k.Rule == u.Rule && k.Source == u.Source && k.Excerpt == u.Excerpt {
				u.First, u.Count = k.First, k.Count+u.Count
				if err := t.del(bUnreadable, k.key); err != nil {
					return err
				}
				return t.putUnreadable(u)
			}
		}
		if victim := crowded(kept, u.Source); victim != nil {
			if err := t.del(bUnreadable, victim); err != nil {
				return err
			}
		}
		return t.putUnreadable(u)
	})
}

func (t *tx) putUnreadable(u db.Unreadable) error {
	n, err := t.next(bUnreadable)
	if err != nil {
		return err
	}
	return t.putJSON(bUnreadable, unreadableKey(u.Last, n), u)
}

type keptUnreadable struct {
	db.Unreadable
	key []byte
}

// allUnreadable returns all, oldest first.
func (t *tx) allUnreadable() (all []keptUnreadable, err error) {
	c := t.Bucket(bUnreadable).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		u := keptUnreadable{key: bytes.Clone(k)}
		if err := decode(bUnreadable, v, &u.Unreadable); err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// crowded returns what has to go for one more of a source: its own oldest if it
// has its share, else the oldest of the source that has most. So nobody who
// sends much drives out who sent little.
func crowded(kept []keptUnreadable, source string) (key []byte) {
	counts := make(map[string]int)
	for i := range kept {
		counts[kept[i].Source]++
	}
	most := source
	switch {
	case counts[source] >= db.UnreadablePerSource:
	case len(kept) < db.UnreadableKept:
		return nil
	default:
		for i := range kept { // in the order of the list, for the same choice each time
			if counts[kept[i].Source] > counts[most] {
				most = kept[i].Source
			}
		}
	}
	for i := range kept {
		if kept[i].Source == most {
			return kept[i].key
		}
	}
	return nil
}

// ListUnreadable returns them, the newest first.
func (s *Store) ListUnreadable(ctx context.Context, q db.Query) (page db.Page[db.Unreadable], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.Unreadable]{name: "unreadable", q: q, c: t.Bucket(bUnreadable).Cursor(), reverse: true}
		l.load = func(_, v []byte) (u db.Unreadable, err error) { err = decode(bUnreadable, v, &u); return u, err }
		l.field = (*db.Unreadable).Field
		page, err = l.page()
		return err
	})
	return page, err
}

// pruneUnreadable removes those that last came before a time.
func (s *Store) pruneUnreadable(ctx context.Context, before time.Time) error {
	end := unreadableKey(before, 0)
	old := false
	err := s.view(ctx, func(t *tx) error {
		k, _ := t.Bucket(bUnreadable).Cursor().First()
		old = k != nil && bytes.Compare(k, end) < 0
		return nil
	})
	if err != nil || !old {
		return err
	}
	return s.update(ctx, func(t *tx) error {
		kept, err := t.allUnreadable()
		if err != nil {
			return err
		}
		for _, u := range kept {
			if bytes.Compare(u.key, end) < 0 {
				if err := t.del(bUnreadable, u.key); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
