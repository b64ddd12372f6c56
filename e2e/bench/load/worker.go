package load

import (
	"context"
	"net"
	"time"
)

// A worker plays the sessions of its phones, one after another.
type worker struct {
	opts   *Options // shared, read only
	form   *form
	dialer net.Dialer
	conn   net.Conn    // of the session under way; nil when the next request must dial
	unhook func() bool // parts conn from the context
	reader replyReader
	out    []byte // the request being sent, when it is not the form
	body   []byte // its envelope
	result *Result
}

func newWorker(o *Options, f *form) *worker {
	return &worker{
		opts: o,
		form: f.copy(),
		// No keep-alive probes: three system calls for a connection of a millisecond.
		dialer: net.Dialer{KeepAlive: -1},
		result: newResult(),
	}
}

// run plays the sessions of every AtOnce-th phone, beginning with phone number
// first, until the options or ctx say that it is enough.
func (w *worker) run(ctx context.Context, first int) {
	for pass := 0; w.opts.Passes == 0 || pass < w.opts.Passes; pass++ {
		for i := first; i < len(w.opts.Phones); i += w.opts.AtOnce {
			if w.stopped(ctx) {
				return
			}
			w.informOnce(ctx, w.opts.Phones[i])
		}
	}
}

func (w *worker) stopped(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	case <-w.opts.Stop:
		return true
	default:
		return false
	}
}

// informOnce plays one session of p, and then one for each download that it
// put off.
func (w *worker) informOnce(ctx context.Context, p Phone) {
	key := w.count(ctx, p, nil)
	for key != nil && !w.stopped(ctx) {
		key = w.count(ctx, p, key)
	}
}

// count plays one session and counts its outcome.
func (w *worker) count(ctx context.Context, p Phone, transfer []byte) (key []byte) {
	start := time.Now()
	key, err := w.session(ctx, p, transfer, start)
	switch {
	case ctx.Err() != nil: // broken off by us: says nothing of the server
	case err == nil:
		w.result.Done++
		w.result.Latencies = append(w.result.Latencies, time.Since(start))
	default:
		if isRefusal(err) {
			w.result.Refused++
		} else {
			w.result.Failed++
		}
		if w.result.FirstError == nil {
			w.result.FirstError = err
		}
		return nil
	}
	return key
}
