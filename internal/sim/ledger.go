package sim

import (
	"context"
	"slices"
	"strings"
	"time"
)

// A ledger is bounded: it keeps so many entries of each kind and counts what
// came after them in Overflow.
const (
	maxCalls    = 512
	maxEntries  = 256
	maxWaits    = 32
	maxBreaches = 32
)

// Ledger is what happened to one phone since its fleet was made. It survives
// power cuts and factory resets.
type Ledger struct {
	Sessions int `json:"sessions"` // ended well, by 204
	Failed   int `json:"failed"`
	Cut      int `json:"cut"` // broken off by a power cut or the end of Run
	Informs  int `json:"informs"`
	Posts    int `json:"posts"` // HTTP requests of all sessions, refused and repeated ones too

	ConnectionRequests int `json:"connection_requests"` // answered with 200
	UDPRequests        int `json:"udp_requests"`        // of these, by UDP
	UDPCopies          int `json:"udp_copies"`          // that came again
	UDPRefused         int `json:"udp_refused"`         // requests by UDP that were not ours, or old
	Reboots            int `json:"reboots"`             // restarts asked for, or after a flash
	FactoryResets      int `json:"factory_resets"`
	PowerCuts          int `json:"power_cuts"`

	Notifies      []Notify `json:"notifies,omitempty"`       // SIP NOTIFYs, once each
	NotifyRepeats int      `json:"notify_repeats,omitempty"` // the same again
	Resyncs       int      `json:"resyncs,omitempty"`        // of them that were heeded

	Calls   []Call        `json:"calls,omitempty"`   // requests of the ACS, by RPC and CommandKey
	Applied []Applied     `json:"applied,omitempty"` // files taken into use, firmware too
	Sent    []Sent        `json:"sent,omitempty"`    // files put to a URL
	Reports []Report      `json:"reports,omitempty"` // transfers whose result the ACS has acknowledged
	Pending []string      `json:"pending,omitempty"` // CommandKeys of transfers that it has not
	Waits   []RetryWait   `json:"waits,omitempty"`   // the last waits before a retry
	Retry   int           `json:"retry"`             // failed sessions in a row
	Uptime  time.Duration `json:"uptime_ns"`         // 0 while the phone is down

	Breaches  []Breach `json:"breaches,omitempty"` // rules the server broke, the first 32
	LastError string   `json:"last_error,omitempty"`
	Overflow  int      `json:"overflow"` // entries that found no room
}

// Call counts the requests of one RPC with one CommandKey, "" for RPCs without.
// A request counts once received, whatever came of it.
type Call struct {
	RPC        string `json:"rpc"`
	CommandKey string `json:"command_key"`
	Count      int    `json:"count"`
}

// Notify is a SIP NOTIFY that came.
type Notify struct {
	User   string `json:"user"`
	Event  string `json:"event"`
	Status string `json:"status"` // as which it was taken, whether it was told or not
}

// Applied is a file that took effect. The type of one that a configuration
// named is the key of that setting.
type Applied struct {
	FileType   string `json:"file_type"`
	CommandKey string `json:"command_key"`
	Digest     string `json:"digest"` // SHA-256, lower-case hexadecimal
	Bytes      int64  `json:"bytes"`
	Version    string `json:"version,omitempty"` // of firmware, in force from the restart on
}

// Sent is a file that the phone has sent, and the server has taken.
type Sent struct {
	FileType   string `json:"file_type"`
	CommandKey string `json:"command_key"` // none for what a configuration asked for
	Digest     string `json:"digest"`      // SHA-256, lower-case hexadecimal
	Bytes      int64  `json:"bytes"`
}

// Report is a transfer result that the ACS acknowledged.
type Report struct {
	CommandKey string `json:"command_key"`
	Fault      int    `json:"fault"` // 0 for success
	Sent       int    `json:"sent"`  // TransferComplete requests it took
}

// RetryWait is the wait before the n-th retry, as drawn and scaled.
type RetryWait struct {
	Retry int           `json:"retry"`
	Wait  time.Duration `json:"wait_ns"`
}

// Count gives the number of requests of an RPC with a CommandKey.
func (l Ledger) Count(rpc, commandKey string) int {
	for _, c := range l.Calls {
		if c.RPC == rpc && c.CommandKey == commandKey {
			return c.Count
		}
	}
	return 0
}

// Total gives the number of requests of an RPC with any CommandKey.
func (l Ledger) Total(rpc string) int {
	n := 0
	for _, c := range l.Calls {
		if c.RPC == rpc {
			n += c.Count
		}
	}
	return n
}

// Configs gives the vendor configuration files that took effect.
func (l Ledger) Configs() []Applied { return l.appliedOf(fileConfig) }

// Firmware gives the firmware images that were flashed.
func (l Ledger) Firmware() []Applied { return l.appliedOf(fileFirmware) }

func (l Ledger) appliedOf(prefix string) []Applied {
	var out []Applied
	for _, a := range l.Applied {
		if strings.HasPrefix(a.FileType, prefix) {
			out = append(out, a)
		}
	}
	return out
}

// Ledger gives the phone's account as it stands. It is the caller's to keep.
func (p *Phone) Ledger() Ledger {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.account()
}

// account copies the ledger; the phone is locked.
func (p *Phone) account() Ledger {
	l := p.ledger
	l.Calls, l.Applied, l.Reports = slices.Clone(l.Calls), slices.Clone(l.Applied), slices.Clone(l.Reports)
	l.Waits, l.Breaches = slices.Clone(l.Waits), slices.Clone(l.Breaches)
	l.Sent, l.Notifies = slices.Clone(l.Sent), slices.Clone(l.Notifies)
	l.Retry = p.retry
	for _, t := range p.flash.transfers {
		if !t.silent {
			l.Pending = append(l.Pending, t.key)
		}
	}
	if p.up {
		l.Uptime = p.fleet.now() - p.bootedAt
	}
	return l
}

// Await waits until the phone's ledger is as ok wants it. It fails with ctx.
func (p *Phone) Await(ctx context.Context, ok func(Ledger) bool) error {
	for {
		p.mu.Lock()
		l, news := p.account(), p.listenNews()
		p.mu.Unlock()
		if ok(l) {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// listenNews gives a channel that closes at the next signal; the phone is
// locked.
func (p *Phone) listenNews() <-chan struct{} {
	if p.news == nil {
		p.news = make(chan struct{})
	}
	return p.news
}

// signal wakes who waits for news of this phone; the phone is locked.
func (p *Phone) signal() {
	if p.news != nil {
		close(p.news)
		p.news = nil
	}
}

func (l *Ledger) call(rpc, key string) {
	for i := range l.Calls {
		if l.Calls[i].RPC == rpc && l.Calls[i].CommandKey == key {
			l.Calls[i].Count++
			return
		}
	}
	keep(l, &l.Calls, Call{rpc, key, 1}, maxCalls)
}

// keep appends up to a bound.
func keep[T any](l *Ledger, to *[]T, v T, bound int) {
	if len(*to) >= bound {
		l.Overflow++
		return
	}
	*to = append(*to, v)
}

func (l *Ledger) wait(retry int, d time.Duration) {
	if len(l.Waits) == maxWaits {
		l.Waits = slices.Delete(l.Waits, 0, 1)
	}
	l.Waits = append(l.Waits, RetryWait{retry, d})
}
