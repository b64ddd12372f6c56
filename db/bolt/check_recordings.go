package bolt

import (
	"phoneacs/db"
)

// recordings holds what is recorded to its phones, its indexes and its bounds.
func (c *checker) recordings() error {
	perPhone := make(map[db.PhoneID]int)
	err := c.each(bRecordings, func(k, v []byte) error {
		var r db.Recording
		if err := decode(bRecordings, v, &r); err != nil {
			c.faultf("recording %d: %v", num(k), err)
			return nil
		}
		packed := c.get(bRecordBodies, k)
		c.numbers[countRecordings]++
		c.numbers[countRecordSize] += int64(len(v) + len(packed))
		perPhone[r.Phone]++
		if uint64(r.ID) != num(k) {
			c.faultf("recording %s is stored under %d", r.ID, num(k))
		}
		if !c.has(bPhones, be8(uint64(r.Phone))) {
			c.faultf("recording %s is of phone %s, which does not exist", r.ID, r.Phone)
		}
		if !c.has(bRecordPhones, key2(uint64(r.Phone), num(k))) {
			c.faultf("recording %s is not listed with its phone", r.ID)
		}
		if _, err := unpackLog(packed); err != nil {
			c.faultf("recording %s: %v", r.ID, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for phone, n := range perPhone {
		if n > db.RecordingsPerPhone {
			c.faultf("phone %s has %d recordings, %d are kept", phone, n, db.RecordingsPerPhone)
		}
	}
	if size := c.numbers[countRecordSize]; size > c.s.opts.RecordingsSpace {
		c.faultf("recordings take %d bytes, they may take %d", size, c.s.opts.RecordingsSpace)
	}
	return c.recordIndexes()
}

func (c *checker) recordIndexes() error {
	err := c.each(bRecordBodies, func(k, _ []byte) error {
		if !c.has(bRecordings, k) {
			c.faultf("messages of recording %d are kept without it", num(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = c.each(bRecordPhones, func(k, _ []byte) error {
		if !c.has(bRecordings, k[8:]) {
			c.faultf("phone %d lists recording %d, which does not exist", num(k), num(k[8:]))
		}
		return nil
	})
	if err != nil {
		return err
	}
	orders := 0
	err = c.each(bRecordOrders, func(k, v []byte) error {
		orders++
		var o db.RecordingOrder
		if err := decode(bRecordOrders, v, &o); err != nil {
			c.faultf("order to record phone %d: %v", num(k), err)
		} else if uint64(o.Phone) != num(k) || !c.has(bPhones, k) {
			c.faultf("order to record phone %s is stored under %d, or the phone does not exist", o.Phone, num(k))
		}
		return nil
	})
	if orders > db.RecordingOrders {
		c.faultf("%d orders to record, %d may be", orders, db.RecordingOrders)
	}
	return err
}

// unreadable holds messages that were not understood to their bounds.
func (c *checker) unreadable() error {
	kept, err := c.allUnreadable()
	if err != nil {
		c.faultf("unreadable messages: %v", err)
		return nil
	}
	sources := make(map[string]int)
	for _, u := range kept {
		if sources[u.Source]++; sources[u.Source] == db.UnreadablePerSource+1 {
			c.faultf("source %s has more unreadable messages than %d", u.Source, db.UnreadablePerSource)
		}
		if got := unreadableKey(u.Last, num(u.key[8:])); string(got) != string(u.key) {
			c.faultf("unreadable message of %s is stored under another time than its own", u.Source)
		}
	}
	if len(kept) > db.UnreadableKept {
		c.faultf("%d unreadable messages, %d are kept", len(kept), db.UnreadableKept)
	}
	return nil
}
