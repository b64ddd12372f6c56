package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// serialPrefix comes before the MAC in the serial number of a Fanvil phone.
const serialPrefix = "00100400FV0200100000"

// Phone is one simulated phone. Its methods are safe for concurrent use.
type Phone struct {
	fleet *Fleet
	index int
	mac   MAC

	wake  time.Duration // of the schedule, like place
	place int

	mu      sync.Mutex
	rng     rand.PCG
	model   *model
	conduct *Behaviour // shared and never written, but for a FaultNext of the phone's own
	drops   int        // of DropTimes, still to come
	ledger  Ledger
	flash   flash
	memory

	// life counts restarts and power cuts. Work that began in another life must
	// leave no trace in this one.
	life     uint32
	up       bool
	bootAt   time.Duration
	bootedAt time.Duration
	talks    talks

	sipPort              int    // 0: none
	sipBranch, sipAnswer string // of the last NOTIFY

	inSession  bool
	endSession context.CancelCauseFunc
	fetching   bool
	endFetch   context.CancelCauseFunc
	news       chan struct{} // closed when the ledger changes; nil while nobody waits
}

// flash survives restarts and power cuts.
type flash struct {
	params    map[string]string // set by the ACS or the user
	notify    map[string]uint8
	events    eventSet
	named     []event
	transfers []*transfer
	scheduled []scheduled
	software  string // "" as delivered
	next      string // flashed, in force from the next boot on
	config    string // digest of the configuration file in force
}

// memory is lost with the power.
type memory struct {
	retry      int      // sessions that failed in a row
	changed    []string // parameters to tell with 4 VALUE CHANGE
	repeat     []event  // of the session that failed
	jar        []string // cookies of the last session, for a phone that keeps them
	later      []change // parameters to set when the session has ended
	challenge  *digest  // of the last session, for a phone that keeps it
	asked      bool     // by a connection request
	restartDue bool     // when the session ends
	resetDue   bool     // to factory defaults, with that restart
	sessionAt  time.Duration
	periodicAt time.Duration
}

func (p *Phone) init(f *Fleet, index int, conduct *Behaviour) {
	p.fleet, p.index, p.mac = f, index, f.opts.Start.add(index)
	p.rng.Seed(uint64(f.opts.Seed), uint64(index)*0x9e3779b97f4a7c15)
	p.model = f.model(f.opts.Models[index%len(f.opts.Models)], conduct.PadKB)
	p.conduct, p.drops = conduct, conduct.DropTimes
	if len(conduct.FaultNext) > 0 || conduct.TransferFaultNext != 0 {
		p.conduct = conduct.clone()
	}
	p.up = true
	p.bootAt, p.sessionAt, p.periodicAt = never, never, never
}

// Index is the phone's number in its fleet, from 0.
func (p *Phone) Index() int { return p.index }

// MAC is the phone's hardware address.
func (p *Phone) MAC() MAC { return p.mac }

// Serial is the SerialNumber of the phone's DeviceIdStruct.
func (p *Phone) Serial() string { return serialPrefix + p.mac.String() }

// Model is the phone's ProductClass.
func (p *Phone) Model() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.model.name
}

// Set changes how the phone behaves from its next session on. It panics on a
// Behaviour that [ParseBehaviour] would refuse.
func (p *Phone) Set(b Behaviour) {
	if err := b.Check(); err != nil {
		panic(fmt.Sprintf("sim: %v", err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if b.PadKB != p.conduct.PadKB {
		p.model = p.fleet.model(p.model.name, b.PadKB)
	}
	p.talks.turn(p.fleet.now(), p.conduct.InCall, b.InCall)
	p.conduct, p.drops = b.clone(), b.DropTimes
}

// Param gives the value of a parameter by its full name and reports whether the
// phone has it. Unlike the ACS it also sees passwords.
func (p *Phone) Param(name string) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, ok := p.model.find(name)
	if !ok {
		return "", false
	}
	return p.value(&p.model.params[i]), true
}

// Root is the root object of the phone's data model with its dot.
func (p *Phone) Root() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.model.root
}

// value gives a parameter's value; the phone is locked.
func (p *Phone) value(pr *param) string {
	if v, ok := p.flash.params[pr.name]; ok {
		return v
	}
	if pr.live != nil {
		return pr.live(p)
	}
	return pr.value
}

// setting gives the value of a parameter that each model has; the phone is
// locked.
func (p *Phone) setting(suffix string) string {
	i, _ := p.model.find(p.model.root + suffix)
	return p.value(&p.model.params[i])
}

// store keeps a value in flash; the phone is locked.
func (p *Phone) store(name, value string) {
	if p.flash.params == nil {
		p.flash.params = map[string]string{}
	}
	p.flash.params[name] = value
}

// software is the firmware version in force; the phone is locked.
func (p *Phone) software() string { return orDefault(p.flash.software, p.model.software) }

// defaultUser is the phone's name at the ACS (TR-069 3.4.4).
func (p *Phone) defaultUser() string {
	if u := p.fleet.opts.Username; u != "" {
		return u
	}
	return p.mac.OUI() + "-" + url.PathEscape(p.model.name) + "-" + p.Serial()
}

func (p *Phone) defaultInterval() string {
	every := p.fleet.opts.PeriodicInterval
	if every < 0 {
		every = time.Hour
	}
	return strconv.Itoa(max(1, int(every/time.Second)))
}

// random gives the next number of [0, 1) of the phone's own row.
func (p *Phone) random() float64 { return rand.New(&p.rng).Float64() }

// agent is the User-Agent of a Fanvil phone.
func (p *Phone) agent() string {
	return "Fanvil " + p.model.name + " " + p.software() + " " + p.mac.String()
}
