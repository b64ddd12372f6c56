package bolt

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"time"

	"phoneacs/db"
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
	informs map[db.PhoneID][]softInform // oldest first
	waiting int                         // Informs in informs
	fetches []softFetch
	ended   map[[32]byte]endedLink
	kick    chan struct{}
	flush   sync.Mutex // one flush at a time
}

type softInform struct {
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
	f.informs = make(map[db.PhoneID][]softInform)
	f.ended = make(map[[32]byte]endedLink)
	f.kick = make(chan struct{}, 1)
}

// look returns a contact that is not on disk yet.
func (f *soft) look(id db.PhoneID) (contact, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.dirty[id]
	return c, ok
}

// change edits a contact; base is what the disk holds.
func (f *soft) change(id db.PhoneID, base contact, edit func(*contact)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.dirty[id]
	if !ok {
		c = base
	}
	c = c.over(base)
	edit(&c)
	f.dirty[id] = c
	f.nudge()
}

// takeContact takes a contact out, for a step that writes or forgets it.
func (f *soft) takeContact(id db.PhoneID) (putBack func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.dirty[id]
	if !ok {
		return nil
	}
	delete(f.dirty, id)
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if _, newer := f.dirty[id]; !newer {
			f.dirty[id] = c
		}
	}
}

func (f *soft) addInform(id db.PhoneID, i softInform) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.informs[id] = append(f.informs[id], i)
	f.waiting++
	f.nudge()
}

// takeInforms takes out what a phone's Informs said softly, oldest first.
func (f *soft) takeInforms(id db.PhoneID) (informs []softInform, putBack func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	informs = f.informs[id]
	if len(informs) == 0 {
		return nil, nil
	}
	delete(f.informs, id)
	f.waiting -= len(informs)
	return informs, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.informs[id] = append(informs, f.informs[id]...)
		f.waiting += len(informs)
	}
}

func (f *soft) addFetch(i softFetch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fetches = append(f.fetches, i)
	f.nudge()
}

// takeFetches takes up to n fetches out.
func (f *soft) takeFetches(n int) (fetches []softFetch, putBack func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fetches = f.fetches[:min(n, len(f.fetches))]
	f.fetches = f.fetches[len(fetches):]
	return fetches, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.fetches = append(slices.Clone(fetches), f.fetches...)
	}
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

func (f *soft) dropEnded() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for h, e := range f.ended {
		if time.Since(e.at) > endedKept {
			delete(f.ended, h)
		}
	}
}

// nudge asks for a flush before its time when much has come together.
func (f *soft) nudge() {
	if len(f.dirty) >= maxSoft || f.waiting >= maxSoft/8 || len(f.fetches) >= maxSoft/8 {
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
	return len(f.dirty) >= 2*maxSoft || f.waiting >= maxSoft || len(f.fetches) >= maxSoft
}

// phones lists whose changes wait.
func (f *soft) phones() (informs, contacts []db.PhoneID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return sortedKeys(f.informs), sortedKeys(f.dirty)
}

// contact is a phone's contact, the newest there is.
func (t *tx) contact(id db.PhoneID) contact {
	stored := t.storedContact(id)
	if c, ok := t.s.soft.look(id); ok {
		return c.over(stored)
	}
	return stored
}

// over is a soft contact laid over the stored one. A step that was under way
// when the soft one was begun may have stored a later Inform since: then all
// but the wake is the stored one's.
func (c contact) over(stored contact) contact {
	if !stored.LastInform.After(c.LastInform) {
		return c
	}
	if c.LastWake.After(stored.LastWake) {
		stored.LastWake, stored.WakeError = c.LastWake, c.WakeError
	}
	return stored
}

func (t *tx) storedContact(id db.PhoneID) contact {
	return decodeContact(t.get(bContacts, be8(uint64(id))))
}

// A contact's record: last inform, last wake, bootstrap and boot (ms), informs,
// parameters, digest, then address and wake error with a byte of length for
// the first, and after a NUL the way by which the phone was woken.
const contactHead = 4*8 + 8 + 4 + 16 + 1

func (c contact) encode() []byte {
	b := make([]byte, 0, contactHead+len(c.Address)+len(c.WakeError))
	b = binary.BigEndian.AppendUint64(b, millis(c.LastInform))
	b = binary.BigEndian.AppendUint64(b, millis(c.LastWake))
	b = binary.BigEndian.AppendUint64(b, millis(c.Bootstrap))
	b = binary.BigEndian.AppendUint64(b, millis(c.Boot))
	b = binary.BigEndian.AppendUint64(b, c.Informs)
	b = binary.BigEndian.AppendUint32(b, c.params)
	b = append(b, c.digest[:]...)
	addr := c.Address[:min(len(c.Address), 255)]
	b = append(b, byte(len(addr)))
	b = append(b, addr...)
	b = append(b, c.WakeError...)
	if c.WakeWay != "" {
		b = append(append(b, wayMark...), c.WakeWay...)
	}
	return b
}

// wayMark stands before the way in a contact that has one: records of earlier
// versions have none, and end with the wake error.
const wayMark = "\x00"

func decodeContact(b []byte) (c contact) {
	if len(b) < contactHead || len(b) < contactHead+int(b[contactHead-1]) {
		return c
	}
	c.LastInform = fromMillis(num(b))
	c.LastWake = fromMillis(num(b[8:]))
	c.Bootstrap = fromMillis(num(b[16:]))
	c.Boot = fromMillis(num(b[24:]))
	c.Informs = num(b[32:])
	c.params = binary.BigEndian.Uint32(b[40:])
	copy(c.digest[:], b[44:])
	addr, rest := b[contactHead:contactHead+int(b[contactHead-1])], b[contactHead+int(b[contactHead-1]):]
	c.Address = string(addr)
	c.WakeError, c.WakeWay, _ = strings.Cut(string(rest), wayMark)
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
func (s *Store) RecordWake(phone db.PhoneID, at time.Time, way, failure string) {
	failure = strings.ReplaceAll(failure[:min(len(failure), maxText)], wayMark, " ")
	_ = s.view(context.Background(), func(t *tx) error {
		s.soft.change(phone, t.storedContact(phone), func(c *contact) {
			c.LastWake, c.WakeError = at, failure
			if way != "" {
				c.WakeWay = way
			}
		})
		return nil
	})
}
