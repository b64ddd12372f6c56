package provision

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
)

// Store is what the service needs of a store.
//
// Two more methods are used where the store has them: ListBlobs for
// [Service.Tidy], and StoreTag (see [db.Tasks]) to log attempts by CommandKey.
type Store interface {
	db.Files
	db.Blobs
	db.Links
	db.Uploads
}

// A Witness knows what attempts are about, and is told of what shows that one has
// had its effect.
type Witness interface {
	// Withhold says whether the file of an attempt is not to go out by now,
	// though its links live. It is asked until the first byte has.
	Withhold(ctx context.Context, id db.AttemptID) (bool, error)
	// Moved says that the attempt's file has gone out, or come in, whole; the
	// store knows it by then ([db.Attempt.Moved]). An error is logged: what the
	// store knows is found again at the attempt's deadline at the latest.
	Moved(ctx context.Context, id db.AttemptID) error
}

// Bounds and defaults of [Options].
const (
	DefaultMaxFile      = 1 << 30 // 1 GiB
	DefaultMaxTransfers = 1000
	DefaultStall        = time.Minute
	DefaultMaxUpload    = 16 << 20 // 16 MiB

	maxMaxFile = 1 << 40
)

// Options configure a [Service]. Only Store is mandatory.
type Options struct {
	Store Store
	// Clock decides what has expired; nil is the real one. Deadlines of
	// sockets always follow the real clock.
	Clock clockwork.Clock
	// Log takes one line for what an operator should know; nil discards.
	Log *slog.Logger
	// MaxFile bounds the size of a file, in bytes, up to 1 TiB; 0 means DefaultMaxFile.
	MaxFile int64
	// MaxTransfers bounds the requests that are served at one time; 0 means
	// DefaultMaxTransfers. One more is told to come again.
	MaxTransfers int
	// Stall is how long a phone may take for 128 KiB before it counts as gone;
	// 0 means DefaultStall. There is no bound on the whole transfer.
	Stall time.Duration
	// MaxUpload bounds what a phone may send in one piece, in bytes, up to 1
	// TiB; 0 means DefaultMaxUpload.
	MaxUpload int64
	// Witness is asked and told of attempts; nil means nobody.
	Witness Witness
	// Registerer takes the metrics; nil means none.
	Registerer prometheus.Registerer
}

// Service keeps the catalogue and serves links. It is safe for concurrent use.
type Service struct {
	opts    Options
	store   Store
	clock   clockwork.Clock
	log     *slog.Logger
	tag     string        // of the store; empty if it has none to give
	slots   chan struct{} // one element for each transfer under way
	ledger  *ledger
	hush    *hush
	metrics *metrics

	// catalogue orders the steps that tie entries to bytes: without it, bytes
	// could go with their last entry while a new entry for them is being made.
	catalogue sync.Mutex

	tidy    sync.Mutex
	orphans map[string]time.Time // bytes without an entry, since when
}

// New returns a service. It fails when an option is out of its range or the
// metrics are registered already.
func New(o Options) (*Service, error) {
	if o.Store == nil {
		return nil, errors.New("provision: no store")
	}
	if o.MaxFile < 0 || o.MaxFile > maxMaxFile || o.MaxUpload < 0 || o.MaxUpload > maxMaxFile || o.MaxTransfers < 0 || o.Stall < 0 {
		return nil, errors.New("provision: MaxFile, MaxUpload, MaxTransfers or Stall out of range")
	}
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxFile == 0 {
		o.MaxFile = DefaultMaxFile
	}
	if o.MaxUpload == 0 {
		o.MaxUpload = DefaultMaxUpload
	}
	if o.MaxTransfers == 0 {
		o.MaxTransfers = DefaultMaxTransfers
	}
	if o.Stall == 0 {
		o.Stall = DefaultStall
	}
	s := &Service{
		opts: o, store: o.Store, clock: o.Clock, log: o.Log,
		slots:   make(chan struct{}, o.MaxTransfers),
		ledger:  newLedger(),
		hush:    newHush(),
		orphans: make(map[string]time.Time),
	}
	if t, ok := o.Store.(interface{ StoreTag() string }); ok {
		s.tag = t.StoreTag()
	}
	s.metrics = newMetrics(func() float64 { return float64(len(s.slots)) })
	if err := s.metrics.register(o.Registerer); err != nil {
		return nil, fmt.Errorf("provision: register metrics: %w", err)
	}
	return s, nil
}
