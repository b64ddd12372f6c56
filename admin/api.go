package admin

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"
	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/schemas"
)

// Options says what an [API] works with.
type Options struct {
	Store      Store                 // required
	Orders     Orders                // required
	Waker      Waker                 // required
	Catalogue  Catalogue             // required
	Quirks     Quirks                // required
	Recorder   Recorder              // required
	Remarks    Remarks               // nil: there are none
	Backups    Backups               // required
	Gatherer   prometheus.Gatherer   // required: what /metrics shows
	Registerer prometheus.Registerer // nil: metrics are counted but not shown
	Clock      clockwork.Clock       // nil: the real one
	Log        *slog.Logger          // nil: none
	Version    string                // of the program, shown by /healthz; may be empty
	Demo       bool                  // the phones are simulated; every answer says so
	// Drain is closed when the server begins to stop: event streams end and
	// /readyz turns 503. nil: it never does.
	Drain <-chan struct{}
	// Hosts are the names, without port, under which the API may be reached
	// beside IP addresses and localhost. A page in an operator's browser that
	// had its own name resolved to our address (DNS rebinding) is refused by
	// this: the Host it sends is not ours.
	Hosts []string
	// CA is the certificate, in PEM form, of the authority that signs what
	// phones are shown; empty: the server has none of its own.
	CA []byte
	// Zone is in force for windows and sites that name none; nil: time.Local.
	Zone *time.Location
	// MaxFile is the largest file that may be added, in bytes; 0: 1 GiB.
	MaxFile int64
}

func (o *Options) validate() error {
	switch {
	case o.Store == nil:
		return errors.New("Options.Store is missing")
	case o.Orders == nil:
		return errors.New("Options.Orders is missing")
	case o.Waker == nil:
		return errors.New("Options.Waker is missing")
	case o.Catalogue == nil:
		return errors.New("Options.Catalogue is missing")
	case o.Quirks == nil:
		return errors.New("Options.Quirks is missing")
	case o.Recorder == nil:
		return errors.New("Options.Recorder is missing")
	case o.Backups == nil:
		return errors.New("Options.Backups is missing")
	case o.Gatherer == nil:
		return errors.New("Options.Gatherer is missing")
	case o.MaxFile < 0:
		return errors.New("Options.MaxFile is negative")
	}
	for _, h := range o.Hosts {
		if h == "" || strings.ContainsAny(h, ":/ ") {
			return fmt.Errorf("Options.Hosts has %q, which is no host name", h)
		}
	}
	return nil
}

const defaultMaxFile = 1 << 30

// An API answers admin requests. It is safe for concurrent use.
type API struct {
	store     Store
	orders    Orders
	waker     Waker
	catalogue Catalogue
	quirks    Quirks
	recorder  Recorder
	remarks   Remarks
	backups   Backups
	clock     clockwork.Clock
	log       *slog.Logger
	version   string
	demo      bool
	drain     <-chan struct{}
	hosts     map[string]bool
	maxFile   int64
	openAPI   []byte
	ca        []byte
	scrape    http.Handler // serves /metrics
	metrics   *metrics
	keys      keysInFlight
	guesses   *guesses
	readers   chan struct{} // one place for each event stream
	zone      *time.Location
	previews  chan struct{} // one place for each preview that reads phones
	router    *mux.Router
}

// New returns an API over its parts.
func New(o Options) (*API, error) {
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.MaxFile == 0 {
		o.MaxFile = defaultMaxFile
	}
	doc, err := schemas.OpenAPI()
	if err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	a := &API{
		store: o.Store, orders: o.Orders, waker: o.Waker, catalogue: o.Catalogue, quirks: o.Quirks, recorder: o.Recorder, remarks: o.Remarks, backups: o.Backups,
		clock: o.Clock, log: o.Log, version: o.Version, demo: o.Demo, drain: o.Drain,
		hosts: make(map[string]bool, len(o.Hosts)), maxFile: o.MaxFile,
		openAPI: doc, ca: o.CA, scrape: scraper(o.Gatherer, o.Log), metrics: m,
		keys:    keysInFlight{m: make(map[tokenKey]bool)},
		guesses: newGuesses(o.Clock),
		readers: make(chan struct{}, maxReaders),
		zone:    o.Zone, previews: make(chan struct{}, maxPreviews),
	}
	for _, h := range o.Hosts {
		a.hosts[hostKey(h)] = true
	}
	a.router = a.newRouter()
	return a, nil
}

// Handler returns the handler of all admin endpoints. It bounds how long bodies
// and answers take itself, whatever ReadTimeout and WriteTimeout its server
// has; ReadHeaderTimeout and IdleTimeout are the server's to set.
func (a *API) Handler() http.Handler { return a.outermost(a.router) }
