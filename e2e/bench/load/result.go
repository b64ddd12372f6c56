package load

import (
	"slices"
	"time"
)

// Result is what came of a run.
type Result struct {
	Done    int // sessions that went from Inform to the server's empty answer
	Refused int // sessions turned away: status 503 or 429, or no connection was taken
	Failed  int // sessions that ended in any other way

	Elapsed   time.Duration   // from the first session's begin to the last one's end
	Latencies []time.Duration // of the sessions done, from dialling on, in rising order

	RPCs      map[string]int // requests that the server made, by name
	Downloads int            // downloads that ended: Status 0, or a TransferComplete answered

	FirstError error // of a session refused or failed; nil when there was none
}

func newResult() *Result { return &Result{RPCs: make(map[string]int)} }

// Percentile returns the latency that the share q (0 to 1) of the sessions
// stayed within, or 0 when there were none.
func (r *Result) Percentile(q float64) time.Duration {
	if len(r.Latencies) == 0 {
		return 0
	}
	i := int(q * float64(len(r.Latencies)))
	return r.Latencies[min(i, len(r.Latencies)-1)]
}

// Rate returns sessions done a second.
func (r *Result) Rate() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.Done) / r.Elapsed.Seconds()
}

// Lost returns the sessions that did not end well.
func (r *Result) Lost() int { return r.Refused + r.Failed }

// Merge returns the runs as if they had been one: counts and times add up.
func Merge(runs ...*Result) *Result {
	total := newResult()
	for _, r := range runs {
		total.add(r)
		total.Elapsed += r.Elapsed
	}
	total.sort()
	return total
}

// add counts r's sessions into t; the time that passed is the caller's to say.
func (t *Result) add(r *Result) {
	t.Done += r.Done
	t.Refused += r.Refused
	t.Failed += r.Failed
	t.Downloads += r.Downloads
	t.Latencies = append(t.Latencies, r.Latencies...)
	for name, n := range r.RPCs {
		t.RPCs[name] += n
	}
	if t.FirstError == nil {
		t.FirstError = r.FirstError
	}
}

func (t *Result) sort() { slices.Sort(t.Latencies) }
