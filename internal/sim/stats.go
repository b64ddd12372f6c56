package sim

import (
	"context"
	"errors"
	"io"
	"maps"
	"math"
	"math/bits"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Stats is the account of a whole fleet since it was made.
type Stats struct {
	Phones int `json:"phones"`
	Active int `json:"active"` // sessions open now

	Sessions           int64 `json:"sessions"` // ended well, by 204
	Failed             int64 `json:"failed"`
	Cut                int64 `json:"cut"` // broken off by a power cut or the end of Run
	Informs            int64 `json:"informs"`
	Requests           int64 `json:"requests"` // RPCs of the ACS
	Faults             int64 `json:"faults"`   // of them answered with a fault
	ConnectionRequests int64 `json:"connection_requests"`
	Transfers          int64 `json:"transfers"` // files fetched and taken into use
	TransfersFailed    int64 `json:"transfers_failed"`
	Fetched            int64 `json:"fetched_bytes"`
	Reboots            int64 `json:"reboots"`
	PowerCuts          int64 `json:"power_cuts"`
	Breaches           int64 `json:"breaches"` // rules the server broke

	// Failures counts failed sessions by cause: dial, auth, timeout, closed,
	// http.STATUS, fault.CODE, dropped, a breach's rule, other.
	Failures map[string]int64 `json:"failures,omitempty"`
	Latency  Latency          `json:"latency"` // of sessions that ended well
	Elapsed  time.Duration    `json:"elapsed_ns"`
}

// Latency describes durations, exact to a twelfth.
type Latency struct {
	P50 time.Duration `json:"p50_ns"`
	P95 time.Duration `json:"p95_ns"`
	P99 time.Duration `json:"p99_ns"`
	Max time.Duration `json:"max_ns"`
}

// counters are the live form of Stats.
type counters struct {
	active, sessions, failed, cut, informs, requests, faults, connReqs atomic.Int64
	transfers, transfersFailed, fetched, reboots, powerCuts, breaches  atomic.Int64

	mu       sync.Mutex
	failures map[string]int64
	took     histogram
	news     chan struct{}
}

func (c *counters) begin() { c.failures = map[string]int64{} }

// maxCauses bounds the causes told apart.
const maxCauses = 64

// concluded counts a session by its result.
func (c *counters) concluded(err error, cut bool, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case cut:
		c.cut.Add(1)
	case err == nil:
		c.sessions.Add(1)
		c.took.add(took)
	default:
		c.failed.Add(1)
		why := cause(err)
		if _, ok := c.failures[why]; !ok && len(c.failures) >= maxCauses {
			why = "other"
		}
		c.failures[why]++
	}
	if c.news != nil {
		close(c.news)
		c.news = nil
	}
}

// Stats gives the account of the fleet as it stands.
func (f *Fleet) Stats() Stats {
	c := &f.stats
	c.mu.Lock()
	defer c.mu.Unlock()
	return Stats{
		Phones: len(f.phones), Active: int(c.active.Load()),
		Sessions: c.sessions.Load(), Failed: c.failed.Load(), Cut: c.cut.Load(), Informs: c.informs.Load(),
		Requests: c.requests.Load(), Faults: c.faults.Load(), ConnectionRequests: c.connReqs.Load(),
		Transfers: c.transfers.Load(), TransfersFailed: c.transfersFailed.Load(), Fetched: c.fetched.Load(),
		Reboots: c.reboots.Load(), PowerCuts: c.powerCuts.Load(), Breaches: c.breaches.Load(),
		Failures: maps.Clone(c.failures), Latency: c.took.latency(), Elapsed: f.now(),
	}
}

// Await waits until the fleet's account is as ok wants it, looking at the end
// of each session. It fails with ctx.
func (f *Fleet) Await(ctx context.Context, ok func(Stats) bool) error {
	for {
		f.stats.mu.Lock()
		if f.stats.news == nil {
			f.stats.news = make(chan struct{})
		}
		news := f.stats.news
		f.stats.mu.Unlock()
		if ok(f.Stats()) {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// cause gives the token under which a failed session is counted.
func cause(err error) string {
	var status *StatusError
	var fault *FaultError
	var breach *BreachError
	var timeout net.Error
	var dial *dialError
	switch {
	case errors.As(err, &breach):
		return breach.Rule
	case errors.Is(err, ErrDropped):
		return "dropped"
	case errors.Is(err, ErrAuth):
		return "auth"
	case errors.As(err, &status):
		return "http." + strconv.Itoa(status.Status)
	case errors.As(err, &fault):
		return "fault." + strconv.Itoa(fault.Code)
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.As(err, &dial):
		return "dial"
	case isClosed(err):
		return "closed"
	default:
		return "other"
	}
}

// isClosed reports whether the peer hung up or broke the connection.
func isClosed(err error) bool {
	var op *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe) || errors.As(err, &op)
}

// histogram has eight buckets an octave, from a nanosecond on.
type histogram struct {
	count [64 * 8]int64
	total int64
	max   time.Duration
}

func (h *histogram) add(d time.Duration) {
	n := uint64(max(d, 8))
	octave := bits.Len64(n) - 1
	h.count[octave*8+int(n>>(octave-3)&7)]++
	h.total++
	h.max = max(h.max, d)
}

func (h *histogram) latency() Latency {
	return Latency{P50: h.quantile(0.50), P95: h.quantile(0.95), P99: h.quantile(0.99), Max: h.max}
}

// quantile gives the middle of the bucket in which the q-th part ends.
func (h *histogram) quantile(q float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	left := int64(math.Ceil(q * float64(h.total)))
	for i, n := range h.count {
		if left -= n; left <= 0 {
			low := math.Ldexp(1+float64(i%8)/8, i/8)
			return min(time.Duration(low*(1+1.0/32)), h.max)
		}
	}
	return h.max
}
