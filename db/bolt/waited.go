package bolt

import (
	"sync/atomic"
	"time"
)

// oldest is since when the writer's oldest step waits. Steps are taken up in the
// order in which they came, so all that wait behind a batch are younger than
// the first of it.
type oldest struct{ at atomic.Int64 } // 1 + ns since the store was opened; 0: none waits

func (o *oldest) begin(at time.Duration) { o.at.Store(int64(at) + 1) }

func (o *oldest) end() { o.at.Store(0) }

// Waited is how long the oldest step has waited for the disk.
func (s *Store) Waited() time.Duration {
	at := s.oldest.at.Load()
	if at == 0 {
		return 0
	}
	return time.Since(s.opened) - time.Duration(at-1)
}
