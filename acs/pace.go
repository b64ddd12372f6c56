package acs

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// How often a phone may inform before it is asked to come later. Some inform
// each few seconds for hours, whatever their retry policy should say; each time
// costs a session, and with many of them everybody's.
const (
	paceBurst  = 20     // Informs of one phone at once, and one more each Options.InformPace
	addrBurst  = 10_000 // of all phones at one address, which may be a NAT's or a proxy's
	addrPerSec = 500
	// manyRetries is from when on a phone is held to the pace whatever it has to
	// tell: it says that it could not for so many times, and will say it again.
	manyRetries = 10
	// oftenAnHour is from when on a phone informs too often, refused or not.
	oftenAnHour = 360
	// paceKept bounds the phones, and the addresses, that are remembered: those
	// of the current half and of the one before.
	paceKept = 50_000
)

// pace holds phones to how often they may inform. It forgets with a restart.
type pace struct {
	seed maphash.Seed
	rate float64 // Informs of one phone a second; 0: any number

	mu     sync.Mutex
	phones halves[uint64, paced]
	addrs  halves[netip.Addr, bucket]
	known  halves[db.PhoneID, uint64] // the phone's key in phones
}

func newPace(every time.Duration) *pace {
	p := &pace{seed: maphash.MakeSeed()}
	if every > 0 {
		p.rate = float64(time.Second) / float64(every)
	}
	return p
}

// A paced phone, by what it says of itself and from where.
type paced struct {
	bucket
	phone   db.PhoneID // 0: it was never let in
	hour    int64      // hours since 1970 that counts are of
	informs [2]uint32  // in that hour, and in the one before
	refused [2]uint32
	row     int    // put off in a row
	retries int    // RetryCount of the newest Inform
	event   string // what it came for, in words; see causeOf
}

// A bucket holds tokens, and is full at first.
type bucket struct {
	spent float64 // tokens
	at    int64   // ns
}

// take takes a token, unless there is none.
func (b *bucket) take(now int64, burst, perSecond float64) bool {
	if gone := float64(now-b.at) / 1e9; gone > 0 {
		b.spent = max(0, b.spent-gone*perSecond)
		b.at = now
	}
	if b.spent+1 > burst {
		return false
	}
	b.spent++
	return true
}

// halves is a map of bounded size that forgets what was not used for longest:
// when its newer half is full it becomes the older one.
type halves[K comparable, V any] struct{ newer, older map[K]*V }

func (h *halves[K, V]) get(k K) *V {
	if v := h.newer[k]; v != nil {
		return v
	}
	v := h.older[k]
	if v == nil {
		return nil
	}
	return h.keep(k, v)
}

func (h *halves[K, V]) keep(k K, v *V) *V {
	if h.newer == nil || len(h.newer) >= paceKept {
		h.newer, h.older = make(map[K]*V), h.newer
	}
	h.newer[k] = v
	return v
}

// use is get that makes what is not there.
func (h *halves[K, V]) use(k K) *V {
	if v := h.get(k); v != nil {
		return v
	}
	return h.keep(k, new(V))
}

// keyOf stands for what a phone says of itself, from where: what anybody says
// elsewhere in its name is not held against it.
func (p *pace) keyOf(id *cwmp.DeviceID, from netip.Addr) uint64 {
	var h maphash.Hash
	h.SetSeed(p.seed)
	for _, t := range [...]string{id.OUI, id.ProductClass, id.SerialNumber} {
		h.WriteString(t)
		h.WriteByte(0)
	}
	a := from.As16()
	h.Write(a[:])
	return h.Sum64()
}

// patient reports whether nothing is lost if an Inform is put off: its events
// come again by themselves, or the phone has been told often enough that it
// keeps them and tries again.
// What we put off ourselves is not held against it: row is how often in a row.
func patient(in *cwmp.Inform, row int) bool {
	if in.RetryCount-row >= manyRetries {
		return true
	}
	for _, e := range in.Events {
		switch e.Code {
		case cwmp.EventPeriodic, cwmp.EventValueChange, cwmp.EventHeartbeat, cwmp.EventConnectionRequest:
		default:
			return false
		}
	}
	return true
}

// comes counts an Inform. over says that it comes too early, by the pace of the
// phone or of all at its address; phone names it, if it was let in before.
func (p *pace) comes(now time.Time, in *cwmp.Inform, address netip.Addr) (phone db.PhoneID, over bool) {
	ns := now.UnixNano()
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.phones.use(p.keyOf(&in.DeviceID, address))
	one.turn(now)
	one.informs[0]++
	one.retries, one.event = in.RetryCount, causeOf(in, one.row)
	if p.rate == 0 {
		return one.phone, false
	}
	mine, all := one.take(ns, paceBurst, p.rate), true
	if !address.IsLoopback() { // that of a proxy nobody has told us of, with all phones behind it
		all = p.addrs.use(address).take(ns, addrBurst, addrPerSec)
	}
	return one.phone, patient(in, one.row) && !(mine && all)
}

// turn moves the counts on to the hour of now.
func (one *paced) turn(now time.Time) {
	hour := now.Unix() / 3600
	switch hour - one.hour {
	case 0:
		return
	case 1:
		one.informs[1], one.refused[1] = one.informs[0], one.refused[0]
	default:
		one.informs[1], one.refused[1] = 0, 0
	}
	one.hour, one.informs[0], one.refused[0] = hour, 0, 0
}

// refuses counts an Inform that was put off.
func (p *pace) refuses(in *cwmp.Inform, address netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.phones.use(p.keyOf(&in.DeviceID, address))
	one.refused[0]++
	one.row++
}

// letIn remembers which phone it is that says so of itself.
func (p *pace) letIn(in *cwmp.Inform, address netip.Addr, phone db.PhoneID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := p.keyOf(&in.DeviceID, address)
	one := p.phones.use(key)
	one.row, one.phone = 0, phone
	*p.known.use(phone) = key
}

// causeOf says in words what a phone that informs over and over comes for.
func causeOf(in *cwmp.Inform, row int) string {
	has := func(code string) bool { return in.HasEvent(code) }
	switch {
	case in.RetryCount-row >= 3:
		return "its sessions fail and it does not wait longer each time"
	case has(cwmp.EventBoot), has(cwmp.EventBootstrap):
		return "it restarts over and over"
	case has(cwmp.EventValueChange):
		return "a parameter that it reports by itself changes all the time"
	case has(cwmp.EventConnectionRequest):
		return "somebody asks it to, by connection requests"
	case has(cwmp.EventPeriodic):
		return "its periodic inform interval is set to seconds"
	}
	return "it does not know that it was answered"
}

// remark says that a phone informs too often; "" if it does not. Of the hour
// before, as much counts as lies within 60 minutes.
func (p *pace) remark(now time.Time, phone db.PhoneID) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := p.known.get(phone)
	if key == nil {
		return ""
	}
	one := p.phones.get(*key)
	if one == nil || one.phone != phone {
		return ""
	}
	one.turn(now)
	before := 1 - float64(now.Unix()%3600)/3600
	count := func(n [2]uint32) int { return int(n[0]) + int(float64(n[1])*before+0.5) }
	informs, refused := count(one.informs), count(one.refused)
	if informs < oftenAnHour && refused == 0 {
		return ""
	}
	said := fmt.Sprintf("it informs too often: %d in the last hour", informs)
	if refused > 0 {
		said += fmt.Sprintf(", %d of them put off", refused)
	}
	if one.retries > 0 {
		said += fmt.Sprintf(" (its retry count is %d)", one.retries)
	}
	return said + "; most likely " + one.event
}

// later is when a phone that was turned away is to come again, in seconds:
// spread, or all that were come back at once.
func later() int { return 30 + rand.IntN(90) }
