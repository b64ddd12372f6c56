package bolt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"phoneacs/db"
)

// blobHolds counts who needs all bytes to stay.
type blobHolds struct {
	mu sync.RWMutex // held for reading while bytes are deleted
	n  int
}

// HoldBlobs keeps bytes from being deleted. It returns once no deletion is
// under way.
func (s *Store) HoldBlobs() (release func()) {
	s.held.mu.Lock()
	defer s.held.mu.Unlock()
	s.held.n++
	return sync.OnceFunc(func() {
		s.held.mu.Lock()
		defer s.held.mu.Unlock()
		s.held.n--
	})
}

// Space measures the store's file and its disk.
func (s *Store) Space(ctx context.Context) (sp db.Space, err error) {
	path := filepath.Join(s.opts.Dir, FileName)
	info, err := os.Stat(path)
	if err != nil {
		return sp, err
	}
	sp.Store = info.Size()
	sp.Disk, sp.DiskSize = diskRoom(s.opts.Dir)
	err = s.view(ctx, func(*tx) error {
		st := s.bolt.Stats()
		sp.Free = int64(st.FreePageN+st.PendingPageN) * int64(s.bolt.Info().PageSize)
		return nil
	})
	return sp, err
}

// RoomFor says whether there is room for something large.
func (s *Store) RoomFor(bytes int64) error {
	if s.opts.MinFree <= 0 {
		return nil
	}
	if free := diskFree(s.opts.Dir); free >= 0 && free-bytes < s.opts.MinFree {
		return fmt.Errorf("%d MiB are free on the disk, and %d MiB are to stay free: %w", free>>20, s.opts.MinFree>>20, db.ErrNoSpace)
	}
	return nil
}

// taskBytes is about what a task takes in the end, with its entries and evidence.
const taskBytes = 2 << 10

// roomForTasks turns away an order for many phones while there is little room.
// One for few is let pass: it may be what makes room again.
func (s *Store) roomForTasks(n int) error {
	const few = 100
	if n <= few {
		return nil
	}
	return s.RoomFor(int64(n) * taskBytes)
}

// SkipJobs passes over numbers of jobs, so that none is given again that a
// phone may know from a time which this store has no record of.
func (s *Store) SkipJobs(ctx context.Context, n uint64) error {
	return s.update(ctx, func(t *tx) error {
		b := t.Bucket(bJobs)
		t.changes++
		return b.SetSequence(b.Sequence() + n)
	})
}
