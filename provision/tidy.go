package provision

import (
	"context"
	"fmt"
	"time"

	"phoneacs/internal/logkey"
)

// orphanKept is how long bytes without an entry are left alone, so that an
// entry which is just being made elsewhere is not robbed of them.
const orphanKept = time.Hour

// A blobLister is a store that can say which bytes it keeps.
type blobLister interface {
	ListBlobs(ctx context.Context, each func(sha256 string, size int64) error) error
}

// Tidy removes bytes that no entry has and that it has seen so for an hour:
// what a crash between bytes and entry left behind. Call it now and then; the
// hour is counted from the first call of this process that saw them. It does
// nothing if the store has no method ListBlobs.
func (s *Service) Tidy(ctx context.Context) error {
	store, ok := s.store.(blobLister)
	if !ok {
		return nil
	}
	s.tidy.Lock()
	defer s.tidy.Unlock()

	found := make(map[string]bool)
	err := store.ListBlobs(ctx, func(sum string, _ int64) error {
		found[sum] = true
		return ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("tidy: list bytes: %w", err)
	}
	used, err := s.inUse(ctx, found)
	if err != nil {
		return fmt.Errorf("tidy: %w", err)
	}
	now := s.clock.Now()
	due := make(map[string]bool)
	orphans := make(map[string]time.Time)
	for sum := range found {
		if used[sum] {
			continue
		}
		since, seen := s.orphans[sum]
		if !seen {
			since = now
		}
		orphans[sum] = since
		if now.Sub(since) >= orphanKept {
			due[sum] = true
		}
	}
	s.orphans = orphans
	if len(due) == 0 {
		return nil
	}
	return s.removeOrphans(ctx, due)
}

// removeOrphans removes bytes, having looked once more with no entry being made.
func (s *Service) removeOrphans(ctx context.Context, due map[string]bool) error {
	s.catalogue.Lock()
	defer s.catalogue.Unlock()
	used, err := s.inUse(ctx, due)
	if err != nil {
		return fmt.Errorf("tidy: %w", err)
	}
	count := 0
	for sum := range due {
		if used[sum] {
			continue
		}
		if err := s.store.DeleteBlob(ctx, sum); err != nil {
			return fmt.Errorf("tidy: %w", err)
		}
		delete(s.orphans, sum)
		count++
	}
	s.log.InfoContext(ctx, "bytes without an entry removed", logkey.Count, count)
	return nil
}
