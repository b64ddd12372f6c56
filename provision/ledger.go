package provision

import (
	"sync"
	"time"

	"phoneacs/db"
)

const (
	// maxPerLink keeps one phone from taking every slot.
	maxPerLink = 16
	// idleKept bridges the time until the store's own sum holds what went out.
	idleKept = time.Minute
)

// A ledger holds the budgets of links in use, so that requests at the same time
// cannot spend the same bytes. What is spent beyond this process's memory is in
// db.Link.Out.
type ledger struct {
	mu       sync.Mutex
	accounts map[[32]byte]*account
	swept    time.Time
}

type account struct {
	budget   int64
	out      int64 // went out
	reserved int64 // may go out for requests under way
	reached  int64 // the file went out without a gap up to here
	open     int   // requests under way
	idle     time.Time
}

func newLedger() *ledger { return &ledger{accounts: make(map[[32]byte]*account)} }

// open begins a request; ok is false if the link has too many under way.
// Every open account is closed once.
func (l *ledger) open(link db.Link, now time.Time) (a *account, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	a = l.accounts[link.Hash]
	if a == nil {
		a = &account{}
		l.accounts[link.Hash] = a
	}
	if a.open >= maxPerLink {
		return nil, false
	}
	a.open++
	a.budget = link.Budget
	a.out = max(a.out, link.Out)
	return a, true
}

// reserve sets bytes aside before they are sent.
func (l *ledger) reserve(a *account, n int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 0 || n > a.budget-a.out-a.reserved {
		return false
	}
	a.reserved += n
	return true
}

// reach notes that n bytes from start on have gone out, and returns how far the
// file has without a gap: phones that fetch in pieces go from the front to the
// end. Where it was is forgotten with the account; then the file has to be
// fetched anew to count as whole.
func (l *ledger) reach(a *account, start, n int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if start <= a.reached {
		a.reached = max(a.reached, start+n)
	}
	return a.reached
}

// close ends a request: of what was reserved, went is spent and the rest
// given back.
func (l *ledger) close(a *account, reserved, went int64, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.reserved -= reserved
	a.out += went
	a.open--
	a.idle = now
}

// sweep forgets accounts that the store knows as well by now.
func (l *ledger) sweep(now time.Time) {
	if now.Sub(l.swept) < idleKept {
		return
	}
	l.swept = now
	for hash, a := range l.accounts {
		if a.open == 0 && now.Sub(a.idle) >= idleKept {
			delete(l.accounts, hash)
		}
	}
}
