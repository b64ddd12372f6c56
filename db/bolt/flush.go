package bolt

import (
	"context"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// flushChunk bounds how many soft changes share a step.
const flushChunk = 1024

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
		s.lookForSpace()
	}
}

// Flush makes soft changes durable. Each is taken out of memory within the
// step that writes it, so that a durable change which overtakes a flush is not
// undone by it, and is put back if the step does not come through.
func (s *Store) Flush(ctx context.Context) error {
	f := &s.soft
	f.flush.Lock()
	defer f.flush.Unlock()
	f.dropEnded()
	informs, contacts := f.phones()
	if err := s.flushAudit(ctx); err != nil {
		return err
	}
	err := inChunks(informs, func(ids []db.PhoneID) error {
		return s.update(ctx, func(t *tx) error {
			for _, id := range ids {
				if err := t.applySoftInforms(id); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err == nil {
		err = s.flushFetches(ctx)
	}
	if err != nil {
		return err
	}
	return inChunks(contacts, func(ids []db.PhoneID) error {
		return s.update(ctx, func(t *tx) error {
			for _, id := range ids {
				if err := t.writeContact(id); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func inChunks(ids []db.PhoneID, write func([]db.PhoneID) error) error {
	for len(ids) > 0 {
		n := min(flushChunk, len(ids))
		if err := write(ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

func (s *Store) flushFetches(ctx context.Context) error {
	for more := true; more; {
		err := s.update(ctx, func(t *tx) error {
			fetches, putBack := s.soft.takeFetches(flushChunk)
			t.undo(putBack)
			more = len(fetches) == flushChunk
			for _, f := range fetches {
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
	return nil
}

func (t *tx) writeContact(id db.PhoneID) error {
	c, ok := t.s.soft.look(id)
	if !ok {
		return nil // a durable Inform has overtaken it
	}
	t.undo(t.s.soft.takeContact(id))
	key := be8(uint64(id))
	if !t.has(bPhones, key) {
		return nil // deleted meanwhile
	}
	stored := t.storedContact(id)
	c = c.over(stored)
	c.params = max(c.params, stored.params)
	return t.put(bContacts, key, c.encode())
}
