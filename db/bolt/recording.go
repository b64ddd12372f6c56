package bolt

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"phoneacs/db"
)

// The counters of recordings and of the bytes they take.
const (
	countRecordings = "recordings"
	countRecordSize = "recordings.bytes"
)

// maxUnpacked bounds what a recording's messages may unfold to, in bytes.
const maxUnpacked = 64 << 20

// pruneStep is how many recordings are removed in one transaction.
const pruneStep = 64

// AddRecording keeps a recording.
func (s *Store) AddRecording(ctx context.Context, r db.Recording) (id db.RecordingID, err error) {
	packed, err := packLog(r.Log)
	if err != nil {
		return 0, err
	}
	r.Log = nil
	err = s.update(ctx, func(t *tx) error {
		if !t.has(bPhones, be8(uint64(r.Phone))) {
			return fmt.Errorf("phone %s: %w", r.Phone, db.ErrNotFound)
		}
		n, err := t.next(bRecordings)
		if err != nil {
			return err
		}
		r.ID = db.RecordingID(n)
		head, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encode recording: %w", err)
		}
		size := int64(len(head) + len(packed))
		if size > s.opts.RecordingsSpace {
			return fmt.Errorf("recording of %d bytes: %w", size, db.ErrTooMany)
		}
		if err := t.makeRoom(r.Phone, size); err != nil {
			return err
		}
		t.number(countRecordings, 1)
		t.number(countRecordSize, size)
		if err := t.put(bRecordings, be8(n), head); err != nil {
			return err
		}
		if err := t.put(bRecordBodies, be8(n), packed); err != nil {
			return err
		}
		id = r.ID
		return t.put(bRecordPhones, key2(uint64(r.Phone), n), nil)
	})
	return id, err
}

// makeRoom removes what is oldest, of the phone and of all.
func (t *tx) makeRoom(phone db.PhoneID, size int64) error {
	own := t.recordingsOf(phone)
	for ; len(own) >= db.RecordingsPerPhone; own = own[1:] {
		if err := t.delRecording(own[0]); err != nil {
			return err
		}
	}
	for t.readNumber(countRecordSize)+size > t.s.opts.RecordingsSpace {
		k, _ := t.Bucket(bRecordings).Cursor().First()
		if k == nil {
			return nil
		}
		if err := t.delRecording(db.RecordingID(num(k))); err != nil {
			return err
		}
	}
	return nil
}

// recordingsOf returns the recordings of a phone, oldest first.
func (t *tx) recordingsOf(phone db.PhoneID) (ids []db.RecordingID) {
	prefix := be8(uint64(phone))
	c := t.Bucket(bRecordPhones).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		ids = append(ids, db.RecordingID(num(k[8:])))
	}
	return ids
}

func (t *tx) delRecording(id db.RecordingID) error {
	key := be8(uint64(id))
	head, packed := t.get(bRecordings, key), t.get(bRecordBodies, key)
	var r db.Recording
	if err := decode(bRecordings, head, &r); err != nil {
		return err
	}
	t.number(countRecordings, -1)
	t.number(countRecordSize, -int64(len(head)+len(packed)))
	for _, b := range [][]byte{bRecordings, bRecordBodies} {
		if err := t.del(b, key); err != nil {
			return err
		}
	}
	return t.del(bRecordPhones, key2(uint64(r.Phone), uint64(id)))
}

// delRecordingsOf forgets what was recorded of a phone, and the order to.
func (t *tx) delRecordingsOf(phone db.PhoneID) error {
	for _, id := range t.recordingsOf(phone) {
		if err := t.delRecording(id); err != nil {
			return err
		}
	}
	return t.del(bRecordOrders, be8(uint64(phone)))
}

// Recording returns one with its messages.
func (s *Store) Recording(ctx context.Context, id db.RecordingID) (r db.Recording, err error) {
	var packed []byte
	err = s.view(ctx, func(t *tx) error {
		packed = bytes.Clone(t.get(bRecordBodies, be8(uint64(id))))
		return t.getJSON(bRecordings, be8(uint64(id)), &r)
	})
	if err != nil {
		return r, fmt.Errorf("recording %s: %w", id, err)
	}
	r.Log, err = unpackLog(packed)
	return r, err
}

// ListRecordings returns recordings, newest first.
func (s *Store) ListRecordings(ctx context.Context, phone db.PhoneID, q db.Query) (page db.Page[db.Recording], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.Recording]{name: "recordings", q: q, c: t.Bucket(bRecordings).Cursor(), reverse: true}
		l.load = func(_, v []byte) (r db.Recording, err error) { err = decode(bRecordings, v, &r); return r, err }
		if phone != 0 {
			if !t.has(bPhones, be8(uint64(phone))) {
				return fmt.Errorf("phone %s: %w", phone, db.ErrNotFound)
			}
			l.name, l.c, l.prefix = "phonerecordings", t.Bucket(bRecordPhones).Cursor(), be8(uint64(phone))
			l.load = func(k, _ []byte) (r db.Recording, err error) {
				return r, t.getJSON(bRecordings, k[8:], &r)
			}
		}
		l.field = (*db.Recording).Field
		page, err = l.page()
		return err
	})
	return page, err
}

// packLog deflates the messages: XML shrinks to a tenth.
func packLog(log []db.RecordedMessage) ([]byte, error) {
	b, err := json.Marshal(log)
	if err != nil {
		return nil, fmt.Errorf("encode recording: %w", err)
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("pack recording: %w", err)
	}
	return out.Bytes(), nil
}

func unpackLog(packed []byte) (log []db.RecordedMessage, err error) {
	b, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxUnpacked))
	if err != nil {
		return nil, fmt.Errorf("unpack recording: %w", err)
	}
	return log, decode(bRecordBodies, b, &log)
}

// pruneRecordings removes recordings, unreadable messages and orders to record
// whose time is over.
func (s *Store) pruneRecordings(ctx context.Context, now time.Time) error {
	before := now.Add(-s.opts.RecordingsKept)
	for more := true; more; {
		old, err := s.oldRecordings(ctx, before)
		if err != nil {
			return err
		}
		more = len(old) == pruneStep
		if len(old) == 0 {
			break
		}
		err = s.update(ctx, func(t *tx) error {
			for _, id := range old {
				if !t.has(bRecordings, be8(uint64(id))) {
					continue // made room for another meanwhile
				}
				if err := t.delRecording(id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return errors.Join(s.pruneUnreadable(ctx, before), s.pruneOrders(ctx, now))
}

// oldRecordings returns the first that ended before a time. They are kept in
// the order in which they ended, or nearly so: one that is out of it goes with
// its neighbours.
func (s *Store) oldRecordings(ctx context.Context, before time.Time) (ids []db.RecordingID, err error) {
	err = s.view(ctx, func(t *tx) error {
		c := t.Bucket(bRecordings).Cursor()
		for k, v := c.First(); k != nil && len(ids) < pruneStep; k, v = c.Next() {
			var r db.Recording
			if err := decode(bRecordings, v, &r); err != nil {
				return err
			}
			if !r.Ended.Before(before) {
				return nil
			}
			ids = append(ids, r.ID)
		}
		return nil
	})
	return ids, err
}
