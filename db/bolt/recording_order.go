package bolt

import (
	"context"
	"fmt"
	"time"

	"phoneacs/db"
)

// SetRecording has a phone recorded until a time.
func (s *Store) SetRecording(ctx context.Context, o db.RecordingOrder) error {
	return s.update(ctx, func(t *tx) error {
		key := be8(uint64(o.Phone))
		if !t.has(bPhones, key) {
			return fmt.Errorf("phone %s: %w", o.Phone, db.ErrNotFound)
		}
		if !t.has(bRecordOrders, key) {
			n := 0
			c := t.Bucket(bRecordOrders).Cursor()
			for k, _ := c.First(); k != nil; k, _ = c.Next() {
				n++
			}
			if n >= db.RecordingOrders {
				return fmt.Errorf("%d phones are recorded: %w", n, db.ErrTooMany)
			}
		}
		return t.putJSON(bRecordOrders, key, o)
	})
}

// ClearRecording ends the recording of a phone.
func (s *Store) ClearRecording(ctx context.Context, phone db.PhoneID) error {
	return s.update(ctx, func(t *tx) error {
		key := be8(uint64(phone))
		if !t.has(bRecordOrders, key) {
			return fmt.Errorf("recording of phone %s: %w", phone, db.ErrNotFound)
		}
		return t.del(bRecordOrders, key)
	})
}

// RecordingOrder returns that of one phone.
func (s *Store) RecordingOrder(ctx context.Context, phone db.PhoneID) (o db.RecordingOrder, err error) {
	err = s.view(ctx, func(t *tx) error { return t.getJSON(bRecordOrders, be8(uint64(phone)), &o) })
	if err != nil {
		return o, fmt.Errorf("recording of phone %s: %w", phone, err)
	}
	return o, nil
}

// RecordingOrders returns all.
func (s *Store) RecordingOrders(ctx context.Context) (orders []db.RecordingOrder, err error) {
	err = s.view(ctx, func(t *tx) error {
		return t.Bucket(bRecordOrders).ForEach(func(_, v []byte) error {
			var o db.RecordingOrder
			if err := decode(bRecordOrders, v, &o); err != nil {
				return err
			}
			orders = append(orders, o)
			return nil
		})
	})
	return orders, err
}

// pruneOrders removes orders that are over.
func (s *Store) pruneOrders(ctx context.Context, now time.Time) error {
	orders, err := s.RecordingOrders(ctx)
	if err != nil {
		return err
	}
	over := func(o *db.RecordingOrder) bool { return !o.Until.After(now) }
	n := 0
	for i := range orders {
		if over(&orders[i]) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return s.update(ctx, func(t *tx) error {
		for i := range orders {
			// It may have been prolonged since it was read.
			key := be8(uint64(orders[i].Phone))
			var o db.RecordingOrder
			if v := t.get(bRecordOrders, key); v == nil {
				continue
			} else if err := decode(bRecordOrders, v, &o); err != nil {
				return err
			}
			if over(&o) {
				if err := t.del(bRecordOrders, key); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
