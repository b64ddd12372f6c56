package bolt

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// A page looks at so many records, or for so long, at the most: a read may not
// hold back the file for longer.
const (
	maxScan     = 5000
	maxScanTime = 100 * time.Millisecond
)

// list walks the keys of a bucket that have a prefix. The cursor that it gives
// out is the last key looked at, after the prefix, so rows that come and go
// between pages move nothing.
type list[T any] struct {
	name    string // of the list, so that no other one takes its cursors
	q       db.Query
	c       *bbolt.Cursor
	prefix  []byte
	reverse bool
	load    func(k, v []byte) (T, error)
	field   func(*T, string) filter.Value // nil: the list takes no filter
}

func (l *list[T]) page() (page db.Page[T], err error) {
	limit := l.q.Limit
	if limit <= 0 {
		limit = db.DefaultLimit
	}
	limit = min(limit, db.MaxLimit)
	after, err := l.after()
	if err != nil {
		return page, err
	}
	page.Items = []T{}
	until := time.Now().Add(maxScanTime)
	k, v := l.first(after)
	for n := 1; k != nil && bytes.HasPrefix(k, l.prefix); n++ {
		item, err := l.load(k, v)
		if err != nil {
			return page, err
		}
		if l.q.Filter.Match(func(name string) filter.Value { return l.field(&item, name) }) {
			page.Items = append(page.Items, item)
		}
		last := k
		k, v = l.step()
		more := k != nil && bytes.HasPrefix(k, l.prefix)
		if more && (len(page.Items) == limit || n >= maxScan || n%64 == 0 && time.Now().After(until)) {
			page.Next = base64.RawURLEncoding.EncodeToString(append([]byte(l.name+"\x00"), last...))
			return page, nil
		}
	}
	return page, nil
}

// after is the key that the query's cursor names, or nothing.
func (l *list[T]) after() ([]byte, error) {
	if l.q.Cursor == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(l.q.Cursor)
	key, mine := bytes.CutPrefix(b, []byte(l.name+"\x00"))
	if err != nil || !mine || len(key) == 0 || !bytes.HasPrefix(key, l.prefix) {
		return nil, fmt.Errorf("cursor %q: %w", l.q.Cursor, db.ErrCursor)
	}
	return key, nil
}

func (l *list[T]) first(after []byte) (k, v []byte) {
	if !l.reverse {
		if len(after) == 0 {
			return l.c.Seek(l.prefix)
		}
		k, v = l.c.Seek(after)
		if bytes.Equal(k, after) {
			return l.c.Next()
		}
		return k, v
	}
	if len(after) > 0 {
		k, _ = l.c.Seek(after)
	} else {
		k, _ = l.c.Seek(successor(l.prefix))
	}
	if k == nil {
		return l.c.Last()
	}
	return l.c.Prev()
}

func (l *list[T]) step() (k, v []byte) {
	if l.reverse {
		return l.c.Prev()
	}
	return l.c.Next()
}

// successor is the first key after all that have a prefix; for the empty
// prefix it is a key after any.
func successor(prefix []byte) []byte {
	s := bytes.Clone(prefix)
	for i := len(s) - 1; i >= 0; i-- {
		if s[i]++; s[i] != 0 {
			return s[:i+1]
		}
	}
	return bytes.Repeat([]byte{0xff}, 64)
}
