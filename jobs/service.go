package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
)

// Store is what jobs needs of the store.
type Store interface {
	db.Phones
	Logins
	db.Sites
	db.Files
	db.Jobs
	db.Tasks
	db.Dues
	db.Filings
	db.StandingOrders
	Recurring
	db.Holds
	db.Values
	db.Traits
	db.Capabilities
	db.PhoneLines
	db.Runs
	db.Results
	// Window returns one, or db.ErrNotFound.
	Window(ctx context.Context, id db.WindowID) (db.Window, error)
	// Prune removes what is past its keeping, in bounded steps.
	Prune(ctx context.Context, now time.Time) error
}

// Recurring are the parts of [db.RecurringJobs] that run them.
type Recurring interface {
	Recurring(ctx context.Context, id db.RecurringID) (db.Recurring, error)
	RunRecurring(ctx context.Context, d db.Due, run db.RecurringRun, now time.Time) (db.Recurring, error)
}

// Logins are the parts of [db.Logins] that a session needs.
type Logins interface {
	Credentials(ctx context.Context, phone db.PhoneID) (db.Credentials, error)
	IssueCredentials(ctx context.Context, phone db.PhoneID, s db.SessionToken, o db.Offer, now time.Time) (db.Credentials, error)
	CredentialsTaken(ctx context.Context, phone db.PhoneID, s db.SessionToken, a db.OfferAnswer, now time.Time) error
}

// A Waker asks a phone to begin a session now.
type Waker interface {
	// Wake returns when the phone was asked, or with the reason why it could
	// not be. It keeps that reason for the operator itself, bounds how long it
	// takes, and is safe for concurrent use. A *db.LaterError says from when on
	// it is to be asked again.
	Wake(ctx context.Context, phone db.PhoneID) error
}

// Files makes capability links. None has an effect before the store has it;
// link.Attempt is filled in there.
type Files interface {
	// Link returns the URL below base at which a phone may fetch f until ttl,
	// and what the store keeps of it.
	Link(base string, f db.File, ttl time.Time) (url string, link db.Link, err error)
	// Lead is Link for a file that the phone is to be told of by a config: the
	// URL is that of the config.
	Lead(base string, f db.File, phone db.Phone, ttl time.Time) (url string, lead, link db.Link, err error)
	// Upload returns the URL at which a phone may put a file, one of
	// db.UploadKinds.
	Upload(base, kind string, ttl time.Time) (url string, link db.Link, err error)
	// UploadLead is Upload by a config, as Lead is Link.
	UploadLead(base, kind string, phone db.Phone, ttl time.Time) (url string, lead, link db.Link, err error)
}

// Options says what a [Service] works with.
type Options struct {
	Store      Store                 // required
	Waker      Waker                 // required
	Files      Files                 // required
	Notifier   Notifier              // nil: nothing leaves by SIP, and such orders are refused
	Quirks     Quirks                // nil: no phone has any
	Clock      clockwork.Clock       // nil: the real one
	Log        *slog.Logger          // nil: none
	Registerer prometheus.Registerer // nil: metrics are counted but not shown
	Zone       *time.Location        // of sites and windows that name none; nil: UTC
	STUN       *STUN                 // nil: no phone is set up to be woken through its NAT
	WakeSlots  int                   // phones woken at a time; 0: 32, at most 1,024
}

const (
	defaultWakeSlots = 32
	maxWakeSlots     = 1024
)

// A Service runs the jobs of one store. Its methods are safe for concurrent
// use, and all but [Service.Run] work whether it runs or not.
type Service struct {
	store     Store
	waker     Waker
	links     Files
	notifier  Notifier // nil: none
	quirks    Quirks
	clock     clockwork.Clock
	log       *slog.Logger
	metrics   *metrics
	wakeSlots int
	zone      *time.Location

	files      fileCache
	closed     closedLists
	reads      openReads
	admissions admissions
	walks      walks
	upkeep     openUpkeep
	guards     guards
	stun       *STUN
	unwakeable unwakeable
	prompts    prompts
	known      methodCache
	busy       chan struct{} // a job has tasks to be made or swept
	wakes      chan struct{} // a phone may be due to be woken
	soon       soonList
	failing    failureLog
	works      atomic.Pointer[[]work] // while Run runs
	partings   *partings
	started    atomic.Int64 // when Run began, in ns since 1970; 0: it has not
	serving    serving
}

// New returns a service over a store.
func New(o Options) (*Service, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("jobs: Options.Store is missing")
	case o.Waker == nil:
		return nil, errors.New("jobs: Options.Waker is missing")
	case o.Files == nil:
		return nil, errors.New("jobs: Options.Files is missing")
	case o.WakeSlots < 0 || o.WakeSlots > maxWakeSlots:
		return nil, errors.New("jobs: Options.WakeSlots is not within 0 and 1024")
	}
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Quirks == nil {
		o.Quirks = plainPhones{}
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.WakeSlots == 0 {
		o.WakeSlots = defaultWakeSlots
	}
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, err
	}
	return &Service{
		store: o.Store, waker: o.Waker, links: o.Files, notifier: o.Notifier, quirks: o.Quirks, clock: o.Clock, log: o.Log, metrics: m,
		wakeSlots: o.WakeSlots, zone: o.Zone, stun: o.STUN,
		busy:     make(chan struct{}, 1),
		wakes:    make(chan struct{}, 1),
		failing:  failureLog{log: o.Log, clock: o.Clock},
		partings: newPartings(),
	}, nil
}

// kick leaves a note in ch that there is something to do; one note is enough.
func kick(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// closedLists remembers in which session a phone was sent a task that ends the
// session's list. It holds one entry a phone at most, and needs to survive no
// restart: sessions do not either.
type closedLists struct {
	mu sync.Mutex
	m  map[db.PhoneID]db.SessionToken
}

func (c *closedLists) close(phone db.PhoneID, s db.SessionToken) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = make(map[db.PhoneID]db.SessionToken)
	}
	c.m[phone] = s
}

func (c *closedLists) isClosed(phone db.PhoneID, s db.SessionToken) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.m[phone] == s && s != ""
}

func (c *closedLists) forget(phone db.PhoneID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m, phone)
}
