package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// Bounds of what waits to be written, and of how fast it is.
const (
	maxQueue = 256
	// maxHeld bounds the bytes kept of sessions that are open or wait to be written.
	maxHeld = 64 << 20
	// Sessions that failed are kept at failedRate a second in the long run: when
	// the network breaks, all that are open fail at once.
	failedRate, failedBurst = 2, 100
	// drainTime is how long what waits may take to be written when the server stops.
	drainTime = 5 * time.Second
)

// A Store keeps what was recorded.
type Store interface {
	SetRecording(ctx context.Context, o db.RecordingOrder) error
	ClearRecording(ctx context.Context, phone db.PhoneID) error
	RecordingOrders(ctx context.Context) ([]db.RecordingOrder, error)
	AddRecording(ctx context.Context, r db.Recording) (db.RecordingID, error)
	AddUnreadable(ctx context.Context, u db.Unreadable) error
}

// Options say what a [Recorder] keeps and where.
type Options struct {
	Store      Store                 // required
	Clock      clockwork.Clock       // nil: the real one
	Log        *slog.Logger          // nil: nothing is logged
	Failed     bool                  // keep sessions that failed, of all phones
	Registerer prometheus.Registerer // nil: metrics are not registered
}

// A Recorder decides which sessions are kept, and writes them once they have
// ended. It is safe for concurrent use; Run must go on for anything to be
// written.
type Recorder struct {
	opts    Options
	metrics *metrics
	queue   chan item
	held    atomic.Int64 // bytes of sessions that are open or wait
	failed  bucket
	senders senders

	mu     sync.RWMutex
	orders map[db.PhoneID]time.Time // until when a phone is recorded
	change sync.Mutex               // held while an order goes to the store and to orders
}

// An item waits to be written: one of the two.
type item struct {
	tape       *Tape
	unreadable *db.Unreadable
}

// New returns a recorder that knows which phones are to be recorded.
func New(ctx context.Context, o Options) (*Recorder, error) {
	if o.Store == nil {
		return nil, errors.New("record: Options.Store is missing")
	}
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	r := &Recorder{
		opts: o, queue: make(chan item, maxQueue), orders: make(map[db.PhoneID]time.Time),
		failed: bucket{rate: failedRate, burst: failedBurst, left: failedBurst},
	}
	r.senders.init()
	orders, err := o.Store.RecordingOrders(ctx)
	if err != nil {
		return nil, fmt.Errorf("record: read which phones are recorded: %w", err)
	}
	for _, order := range orders {
		r.orders[order.Phone] = order.Until
	}
	if r.metrics, err = newMetrics(o.Registerer, r); err != nil {
		return nil, err
	}
	return r, nil
}

// Record has the sessions of a phone recorded that begin from now on, until the
// time that the order names. It is durable on return.
func (r *Recorder) Record(ctx context.Context, o db.RecordingOrder) error {
	r.change.Lock()
	defer r.change.Unlock()
	if err := r.opts.Store.SetRecording(ctx, o); err != nil {
		return fmt.Errorf("record phone %s: %w", o.Phone, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.orders[o.Phone] = o.Until
	return nil
}

// Stop ends the recording of a phone, with its next session; db.ErrNotFound if
// it was not recorded.
func (r *Recorder) Stop(ctx context.Context, phone db.PhoneID) error {
	r.change.Lock()
	defer r.change.Unlock()
	err := r.opts.Store.ClearRecording(ctx, phone)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("stop recording phone %s: %w", phone, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.orders, phone)
	return err
}

// wants reports whether a session of a phone that begins now is recorded whole.
func (r *Recorder) wants(phone db.PhoneID, now time.Time) bool {
	r.mu.RLock()
	until, ok := r.orders[phone]
	r.mu.RUnlock()
	return ok && now.Before(until)
}

// take reserves bytes of what may be held.
func (r *Recorder) take(n int64) bool {
	if r.held.Add(n) > maxHeld {
		r.held.Add(-n)
		return false
	}
	return true
}

// send queues an item. It never waits.
func (r *Recorder) send(i item) bool {
	select {
	case r.queue <- i:
		return true
	default:
		return false
	}
}

// Run writes what is recorded until ctx ends, and then what still waits.
func (r *Recorder) Run(ctx context.Context) error {
	for {
		select {
		case i := <-r.queue:
			r.write(ctx, i)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
			defer cancel()
			for {
				select {
				case i := <-r.queue:
					r.write(last, i)
				default:
					return nil
				}
			}
		}
	}
}

// write keeps one item. What cannot be kept is lost, and said: nothing else
// depends on it.
func (r *Recorder) write(ctx context.Context, i item) {
	if u := i.unreadable; u != nil {
		if err := r.opts.Store.AddUnreadable(ctx, *u); err != nil {
			r.metrics.lost(dropStore)
			r.opts.Log.LogAttrs(ctx, slog.LevelWarn, "unreadable message not kept", slog.String(logkey.Rule, u.Rule), slog.Any(logkey.Err, err))
			return
		}
		r.metrics.unreadable.Inc()
		return
	}
	defer i.tape.release()
	rec := i.tape.recording()
	_, err := r.opts.Store.AddRecording(ctx, rec)
	switch {
	case errors.Is(err, db.ErrNotFound): // the phone was deleted meanwhile
		r.metrics.lost(dropGone)
	case err != nil:
		r.metrics.lost(dropStore)
		r.opts.Log.LogAttrs(ctx, slog.LevelWarn, "session not kept", slog.String(logkey.Session, rec.Session),
			slog.String(logkey.Phone, rec.Phone.String()), slog.Any(logkey.Err, err))
	default:
		r.metrics.kept[i.tape.whole].Inc()
	}
}

// bucket lets rate a second through in the long run, and burst at once.
type bucket struct {
	mu    sync.Mutex
	rate  float64
	burst float64
	left  float64
	at    time.Time
}

func (b *bucket) pass(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.left, b.at = min(b.burst, b.left+passed*b.rate), now
	}
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
