package proof

import (
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// shards is in how many parts a table is locked.
const shards = 16

// table remembers failures under keys, a bounded number of them: the one whose
// last failure is longest ago makes room. Keys are hashes under a seed that
// nobody knows; two that fall together share their failures.
type table struct {
	seed   maphash.Seed
	forget time.Duration
	parts  [shards]shard
}

type shard struct {
	mu      sync.Mutex
	rows    []row // grows up to most
	most    int
	index   map[uint64]int32
	newest  int32 // -1: there is none
	oldest  int32
	free    int32 // dropped rows, linked by older
	evicted *atomic.Uint64
}

// row is what is remembered under one key.
type row struct {
	key          uint64
	last         time.Duration
	newer, older int32 // -1 at the ends
	fails        uint16
	held         held
}

// fail counts one more failure and returns how many there are.
func (r *row) fail() int {
	if r.fails < math.MaxUint16 {
		r.fails++
	}
	return int(r.fails)
}

func newTable(entries int, forget time.Duration, evicted *atomic.Uint64) *table {
	t := &table{seed: maphash.MakeSeed(), forget: forget}
	for i := range t.parts {
		t.parts[i] = shard{most: entries / shards, index: map[uint64]int32{}, newest: -1, oldest: -1, free: -1, evicted: evicted}
	}
	return t
}

func (t *table) key(s string) uint64 { return maphash.String(t.seed, s) }

func (t *table) shard(key uint64) *shard { return &t.parts[key%shards] }

// with gives the row of a key to do, which must not keep it.
func (t *table) with(key uint64, now time.Duration, do func(*row)) {
	s := t.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	i, known := s.index[key]
	if known {
		s.unlink(i)
	} else {
		i = s.room()
		s.rows[i] = row{key: key, last: now}
		s.index[key] = i
	}
	s.link(i)
	r := &s.rows[i]
	if now-r.last > t.forget {
		r.fails = 0
	}
	r.last = now
	do(r)
}

// drop forgets a key.
func (t *table) drop(key uint64) {
	s := t.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, known := s.index[key]; known {
		s.unlink(i)
		delete(s.index, key)
		s.rows[i].older, s.free = s.free, i
	}
}

func (t *table) size() int {
	n := 0
	for i := range t.parts {
		s := &t.parts[i]
		s.mu.Lock()
		n += len(s.index)
		s.mu.Unlock()
	}
	return n
}

// room returns the place of a row that may be written over and is not linked.
func (s *shard) room() int32 {
	switch {
	case s.free >= 0:
		i := s.free
		s.free = s.rows[i].older
		return i
	case len(s.rows) < s.most:
		s.rows = append(s.rows, row{})
		return int32(len(s.rows) - 1)
	}
	i := s.oldest
	s.unlink(i)
	delete(s.index, s.rows[i].key)
	s.evicted.Add(1)
	return i
}

// link makes a row the newest.
func (s *shard) link(i int32) {
	r := &s.rows[i]
	r.newer, r.older = -1, s.newest
	if s.newest >= 0 {
		s.rows[s.newest].newer = i
	} else {
		s.oldest = i
	}
	s.newest = i
}

func (s *shard) unlink(i int32) {
	r := &s.rows[i]
	if r.newer >= 0 {
		s.rows[r.newer].older = r.older
	} else {
		s.newest = r.older
	}
	if r.older >= 0 {
		s.rows[r.older].newer = r.newer
	} else {
		s.oldest = r.newer
	}
}
