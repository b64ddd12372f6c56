package sim

import (
	"container/heap"
	"math"
	"sync"
	"time"
)

// never is the due time of what is not due.
const never = time.Duration(math.MaxInt64)

// schedule holds each phone at most once, by the time it has something to do.
type schedule struct {
	mu   sync.Mutex
	due  dueHeap
	kick chan struct{} // tells the loop that the head may have changed
}

// set files p under a time, or takes it out for never.
func (s *schedule) set(p *Phone, at time.Duration) {
	s.mu.Lock()
	switch {
	case at == never && p.place > 0:
		heap.Remove(&s.due, p.place-1)
	case at == never:
	case p.place == 0:
		p.wake = at
		heap.Push(&s.due, p)
	case p.wake != at:
		p.wake = at
		heap.Fix(&s.due, p.place-1)
	}
	head := p.place == 1
	s.mu.Unlock()
	if head {
		select {
		case s.kick <- struct{}{}:
		default:
		}
	}
}

// next takes out the phone that is due, or says how long none will be.
func (s *schedule) next(now time.Duration) (*Phone, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.due) == 0 {
		return nil, time.Hour
	}
	if wait := s.due[0].wake - now; wait > 0 {
		return nil, wait
	}
	return heap.Pop(&s.due).(*Phone), 0
}

// dueHeap orders phones by wake; a phone knows its place, counted from 1.
type dueHeap []*Phone

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].wake < h[j].wake }

func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i+1, j+1
}

func (h *dueHeap) Push(x any) {
	*h = append(*h, x.(*Phone))
	x.(*Phone).place = len(*h)
}

func (h *dueHeap) Pop() any {
	old := *h
	p := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	p.place = 0
	return p
}
