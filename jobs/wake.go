package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// wakeLease outlasts any wake; see [Waker.Wake].
const wakeLease = 5 * time.Minute

// dropPage is how many entries are dropped in one commit, while more are due.
const dropPage = 64

// wakeLoop wakes phones that are due to be, as often as it is kicked.
func (s *Service) wakeLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wakes:
		}
		s.failing.report(ctx, "waking phones", s.wakeDue(ctx))
	}
}

// wakeDue wakes phones until none is due. It takes no more entries than it has
// free slots, so that a restart finds the others where they were, and a phone
// that takes long to reach holds up one slot and no other phone.
func (s *Service) wakeDue(ctx context.Context) (err error) {
	var (
		results = make(chan woken, s.wakeSlots)
		waking  = make(map[db.PhoneID]bool)
		missed  = make(map[db.PhoneID]bool) // due again while they were being woken
		running int
		done    []db.Due
	)
	drop := func(atLeast int) {
		if len(done) == 0 || len(done) < atLeast {
			return
		}
		if dropErr := s.store.DropDue(ctx, done); dropErr != nil {
			err = errors.Join(err, fmt.Errorf("drop wakes: %w", dropErr))
		}
		done = nil
	}
	finish := func(w woken) {
		running--
		delete(waking, w.Phone)
		if missed[w.Phone] { // its session may have been over before the answer was here
			delete(missed, w.Phone)
			s.soon.addFirst(w.Phone, s.clock.Now().Add(soonAfter))
		}
		if w.done && w.Kind == db.DueWake {
			done = append(done, w.Due)
		}
	}
	defer func() {
		for running > 0 {
			finish(<-results)
		}
		drop(1)
	}()
	for err == nil && ctx.Err() == nil {
		taken := 0
		if free := s.wakeSlots - running; free > 0 {
			due, takeErr := s.store.TakeDue(ctx, s.clock.Now(), free, wakeLease, db.DueWake)
			if takeErr != nil {
				return fmt.Errorf("take wakes: %w", takeErr)
			}
			s.metrics.observeLag(s.clock.Now(), due)
			due = append(due, s.soon.take(s.clock.Now(), free-len(due))...)
			taken = len(due)
			for _, d := range due {
				if waking[d.Phone] { // it is being woken, for all of its tasks
					missed[d.Phone] = true
					if d.Kind == db.DueWake {
						done = append(done, d)
					}
					continue
				}
				waking[d.Phone] = true
				running++
				go func() {
					results <- woken{d, s.wakePhone(ctx, d.Phone, d.Kind == db.DueWake || d.Attempt == 1)}
				}()
			}
		}
		drop(dropPage)
		if taken > 0 && running < s.wakeSlots {
			continue // there may be more
		}
		if running == 0 {
			break
		}
		select {
		case w := <-results:
			finish(w)
		case <-s.wakes: // more may be due
		case <-ctx.Done():
		}
	}
	return err
}

// woken is a due entry and whether it is done with.
type woken struct {
	db.Due
	done bool
}

// wakePhone wakes a phone for which a task is ready. One that would be given
// nothing is left in peace: the tasks wait for the session it begins itself.
// done is false if it could not be decided; the entry then comes again.
func (s *Service) wakePhone(ctx context.Context, id db.PhoneID, first bool) (done bool) {
	phone, err := s.store.Phone(ctx, id)
	if err != nil {
		return errors.Is(err, db.ErrNotFound)
	}
	if phone.State != db.PhoneApproved {
		return true
	}
	busy, lines, err := s.openOf(ctx, id)
	if err != nil {
		return false
	}
	if now := s.clock.Now(); now.Before(lines) { // only read, so no hold keeps it back
		s.soon.add(id, now.Add(2*lookAgain)) // it may not come, or break off
		return s.wake(ctx, id, false)
	}
	if busy { // what it holds is called back under a hold above all
		if done, ok, err := s.wakeToRecall(ctx, &phone, first); err != nil || ok {
			return done
		}
	}
	if phone.Held {
		return true
	}
	ready, err := s.store.ReadyTasks(ctx, id, s.clock.Now(), readyPage)
	if err != nil || !slices.ContainsFunc(ready, func(r db.ReadyTask) bool { return r.Task.State == db.TaskReady }) {
		return err == nil // what waits for its slot is given to a phone that comes, and wakes none
	}
	// What an open attempt holds back is given its own wake when it ends.
	if busy {
		return true
	}
	b := ready[0].Task.Busy
	done = s.wake(ctx, id, first || b != nil && !b.Wake.IsZero())
	s.noteWake(ctx, &phone, readyOf(ready))
	return done
}

// maxNoted is of how many tasks of a phone it is evidence how it was woken.
const maxNoted = 4

// readyOf are the first of some tasks that are ready.
func readyOf(tasks []db.ReadyTask) (ids []db.TaskID) {
	for i := range tasks {
		if t := &tasks[i].Task; t.State == db.TaskReady && len(ids) < maxNoted {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// noteWake notes with the tasks for which a phone was woken by which way it was,
// or why not, if it was asked at all since was. What cannot be noted is left.
func (s *Service) noteWake(ctx context.Context, was *db.PhoneStatus, tasks []db.TaskID) {
	p, err := s.store.Phone(ctx, was.ID)
	if err != nil || p.LastWake.Equal(was.LastWake) {
		return
	}
	kind, what := "could not be woken", clause(p.WakeError)
	if p.WakeError == "" {
		kind, what = "asked to begin a session by "+p.WakeWay, "the phone took the request"
		if p.WakeWay == db.WayUDP {
			what = "a session followed"
		}
		if p.WakeWay == "" {
			kind, what = "asked to begin a session", "one was open by then"
		}
	}
	for _, id := range tasks {
		if err := s.store.NoteRepeated(ctx, id, p.LastWake, kind, what); err != nil {
			s.log.DebugContext(ctx, "note of wake failed", logkey.Phone, was.ID.String(), logkey.Err, err)
		}
	}
}

// wake wakes a phone. Why it failed is kept with the phone; its tasks wait for
// its next Inform.
func (s *Service) wake(ctx context.Context, id db.PhoneID, first bool) (done bool) {
	err := s.waker.Wake(ctx, id)
	if ctx.Err() != nil {
		return false
	}
	var later *db.LaterError
	if errors.As(err, &later) {
		// It is asked again then. The entry stays, for a restart in between.
		s.soon.addFirst(id, later.At)
		s.metrics.wakes.WithLabelValues("later").Inc()
		return false
	}
	result := "woken"
	if err == nil && first {
		s.soon.add(id, s.clock.Now().Add(lookAgain))
	}
	if err != nil {
		result = "failed"
		s.log.DebugContext(ctx, "wake failed", logkey.Phone, id.String(), logkey.Err, err)
	}
	s.metrics.wakes.WithLabelValues(result).Inc()
	return true
}

// lookAgain is when to look whether a phone that was woken has come: TR-069
// 3.2.2 gives it 30 s. One that was in a session when it was to be woken, and
// had just been told that there is nothing more for it, is found by this too.
const lookAgain = 35 * time.Second
