package bolt

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// contact is what is kept softly of a phone.
type contact struct {
	db.Contact
	digest [16]byte // of the parameters of the last Inform that were stored
	params uint32   // number of parameters stored
}

// soft holds changes that may be lost: at most maxSoft phones' contacts and
// maxSoft Informs whose values differ, for at most Options.FlushEvery.
type soft struct {
	mu      sync.Mutex
	dirty   map[db.PhoneID]contact
	writing map[db.PhoneID]contact // being written by a flush
	informs []softInform
	fetches []softFetch
	ended   map[[32]byte]endedLink
	kick    chan struct{}
	flush   sync.Mutex // one flush at a time
}

type softInform struct {
	id     db.PhoneID
	in     db.Inform
	digest [16]byte
}

type softFetch struct {
	hash    [32]byte
	attempt db.AttemptID
	fetch   db.Fetch
}

// An endedLink is remembered for a while, for fetches that are told late.
type endedLink struct {
	attempt db.AttemptID
	at      time.Time
}

const endedKept = 10 * time.Second

const maxSoft = 8192

func (f *soft) init() {
	f.dirty = make(map[db.PhoneID]contact)
	f.ended = make(map[[32]byte]endedLink)
	f.kick = make(chan struct{}, 1)
}

// look returns a contact that is not on disk yet.
func (f *soft) look(id db.PhoneID) (contact, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.dirty[id]
	if !ok {
		c, ok = f.writing[id]
	}
	return c, ok
}

// change edits a contact; base is what the disk holds.
func (f *soft) change(id db.PhoneID, base contact, edit func(*contact)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.dirty[id]
	if !ok {
		if c, ok = f.writing[id]; !ok {
			c = base
		}
	}
	edit(&c)
	f.dirty[id] = c
	f.nudge()
}

func (f *soft) addInform(i softInform) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.informs = append(f.informs, i)
	f.nudge()
}

func (f *soft) addFetch(i softFetch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fetches = append(f.fetches, i)
	f.nudge()
}

// endLink remembers what a link was for. Beyond maxSoft it forgets at random:
// a fetch is evidence, not proof.
func (f *soft) endLink(hash [32]byte, id db.AttemptID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for h := range f.ended {
		if len(f.ended) < maxSoft {
			break
		}
		delete(f.ended, h)
	}
	f.ended[hash] = endedLink{id, time.Now()}
}

func (f *soft) endedLink(hash [32]byte) (db.AttemptID, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, ok := f.ended[hash]
	return e.attempt, ok
}

// nudge asks for a flush before its time when much has come together.
func (f *soft) nudge() {
	if len(f.dirty) >= maxSoft || len(f.informs) >= maxSoft/8 || len(f.fetches) >= maxSoft/8 {
		select {
		case f.kick <- struct{}{}:
		default:
		}
	}
}

// full says that soft changes come faster than they can be written; the caller
// waits for a flush.
func (f *soft) full() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.dirty) >= 2*maxSoft || len(f.informs) >= maxSoft || len(f.fetches) >= maxSoft
}

func (f *soft) forget(id db.PhoneID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.dirty, id)
	delete(f.writing, id)
}

func (f *soft) stillWriting(id db.PhoneID) (contact, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.writing[id]
	return c, ok
}

func (s *Store) flusher() {
	defer s.wg.Done()
	tick := time.NewTicker(s.opts.FlushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.soft.kick:
		case <-s.quit:
			return
		}
		if err := s.Flush(context.Background()); err != nil {
			s.opts.Log.Warn("soft changes not written", logkey.Err, err)
		}
	}
}

// Flush makes soft changes durable.
func (s *Store) Flush(ctx context.Context) error {
	f := &s.soft
	f.flush.Lock()
	defer f.flush.Unlock()
	f.mu.Lock()
	f.writing, f.dirty = f.dirty, make(map[db.PhoneID]contact)
	ids := sortedKeys(f.writing)
	informs, fetches := f.informs, f.fetches
	f.informs, f.fetches = nil, nil
	for h, e := range f.ended {
		if time.Since(e.at) > endedKept {
			delete(f.ended, h)
		}
	}
	f.mu.Unlock()

	err := s.flushOut(ctx, ids, informs, fetches)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		// Contacts are kept for the next try; what came later wins. Values are
		// dropped: the phone's next Inform brings them again, because the
		// digest that would hide them goes too.
		for id, c := range f.writing {
			if _, newer := f.dirty[id]; !newer {
				c.digest = [16]byte{}
				f.dirty[id] = c
			}
		}
	}
	f.writing = nil
	return err
}

func (s *Store) flushOut(ctx context.Context, ids []db.PhoneID, informs []softInform, fetches []softFetch) error {
	const chunk = 1024
	for len(informs) > 0 || len(fetches) > 0 {
		in, fe := informs[:min(chunk, len(informs))], fetches[:min(chunk, len(fetches))]
		informs, fetches = informs[len(in):], fetches[len(fe):]
		err := s.update(ctx, func(t *tx) error {
			for i := range in {
				if err := t.applySoftInform(&in[i]); err != nil {
					return err
				}
			}
			for _, f := range fe {
				if err := t.applyFetch(f); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for len(ids) > 0 {
		part := ids[:min(chunk, len(ids))]
		ids = ids[len(part):]
		err := s.update(ctx, func(t *tx) error {
			for _, id := range part {
				key := be8(uint64(id))
				if !t.has(bPhones, key) {
					continue // deleted meanwhile
				}
				c, ok := s.soft.stillWriting(id)
				if !ok {
					continue // a durable Inform has overtaken it
				}
				c.params = max(c.params, t.storedContact(id).params)
				if err := t.put(bContacts, key, c.encode()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// contact is a phone's contact, the newest there is.
func (t *tx) contact(id db.PhoneID) contact {
	if c, ok := t.s.soft.look(id); ok {
		return c
	}
	return t.storedContact(id)
}

func (t *tx) storedContact(id db.PhoneID) contact {
	return decodeContact(t.get(bContacts, be8(uint64(id))))
}

// A contact's record: last inform and last wake (ms), informs, parameters,
// digest, then address and wake error with a byte of length for the first.
const contactHead = 8 + 8 + 8 + 4 + 16 + 1

func (c contact) encode() []byte {
	b := make([]byte, 0, contactHead+len(c.Address)+len(c.WakeError))
	b = binary.BigEndian.AppendUint64(b, millis(c.LastInform))
	b = binary.BigEndian.AppendUint64(b, millis(c.LastWake))
	b = binary.BigEndian.AppendUint64(b, c.Informs)
	b = binary.BigEndian.AppendUint32(b, c.params)
	b = append(b, c.digest[:]...)
	addr := c.Address[:min(len(c.Address), 255)]
	b = append(b, byte(len(addr)))
	b = append(b, addr...)
	return append(b, c.WakeError...)
}

func decodeContact(b []byte) (c contact) {
	if len(b) < contactHead || len(b) < contactHead+int(b[contactHead-1]) {
		return c
	}
	c.LastInform = fromMillis(num(b))
	c.LastWake = fromMillis(num(b[8:]))
	c.Informs = num(b[16:])
	c.params = binary.BigEndian.Uint32(b[24:])
	copy(c.digest[:], b[28:])
	addr, rest := b[contactHead:contactHead+int(b[contactHead-1])], b[contactHead+int(b[contactHead-1]):]
	c.Address, c.WakeError = string(addr), string(rest)
	return c
}

func millis(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(max(t.UnixMilli(), 0))
}

func fromMillis(ms uint64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(ms)).UTC()
}

// RecordWake notes how a connection request went.
func (s *Store) RecordWake(phone db.PhoneID, at time.Time, failure string) {
	_ = s.view(context.Background(), func(t *tx) error {
		s.soft.change(phone, t.storedContact(phone), func(c *contact) {
			c.LastWake, c.WakeError = at, failure[:min(len(failure), maxText)]
		})
		return nil
	})
}
