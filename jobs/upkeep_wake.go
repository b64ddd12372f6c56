package jobs

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/proof"
)

// giveWakeLogin gives a phone that has proven who it is a new login for
// connection requests, where it took none of those that it should have. It is
// tried once in a day: a phone that lets it be set once and again, and never
// takes it, is left alone.
type giveWakeLogin struct{}

func (giveWakeLogin) name() string { return "SetParameterValues" }

func (giveWakeLogin) wants(f upkeepFacts) bool {
	switch f.session.Proof {
	case db.ProofOwn, db.ProofNext, db.ProofCertificate:
		return f.unwakeable
	}
	return false
}

func (giveWakeLogin) request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error) {
	login, err := proof.NewLogin(proof.Identity{OUI: f.phone.OUI, Serial: f.phone.Serial, MAC: f.phone.MAC})
	if err != nil {
		return nil, err
	}
	s.unwakeable.tried(f.phone.ID, f.now)
	c, err := s.store.IssueCredentials(ctx, f.phone.ID, f.session.Token, db.Offer{ConnectionRequest: db.Login(login)}, f.now)
	if err != nil {
		return nil, err
	}
	return s.setLogins(ctx, f, db.Login{}, c.ConnectionRequestNext)
}

func (giveWakeLogin) answered(ctx context.Context, s *Service, f upkeepFacts, answer cwmp.Message) error {
	a := db.OfferAnswer{ConnectionRequest: true}
	if _, ok := answer.(*cwmp.SetParameterValuesResponse); !ok {
		a.Refused = "the phone was sent a login for connection requests and answered with nothing"
	}
	if err := s.store.CredentialsTaken(ctx, f.phone.ID, f.session.Token, a, f.now); err != nil || a.Refused != "" {
		return err
	}
	return s.forgetSTUN(ctx, f)
}

func (giveWakeLogin) refused(ctx context.Context, s *Service, f upkeepFacts, fault *cwmp.Fault) error {
	return s.store.CredentialsTaken(ctx, f.phone.ID, f.session.Token,
		db.OfferAnswer{ConnectionRequest: true, Refused: refusal(fault)}, f.now)
}

// WakeRefused notes that a phone answered 401 to a connection request with each
// login that it may have, and says whether it is given a new one in the next
// session in which it proves who it is.
func (s *Service) WakeRefused(phone db.PhoneID) bool {
	return s.unwakeable.add(phone, s.clock.Now())
}

// Bounds of what is remembered of phones that cannot be woken.
const (
	maxUnwakeable = 10_000
	wakeLoginPace = 24 * time.Hour
)

// unwakeable are the phones that took no connection request of ours. It is soft:
// after a restart the next request that fails tells it again. It costs the
// session of another phone one look at a number, mostly.
type unwakeable struct {
	waiting atomic.Int64
	mu      sync.Mutex
	m       map[db.PhoneID]time.Time // when it was last sent a login; zero: it waits for one
}

func (u *unwakeable) add(phone db.PhoneID, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	at, known := u.m[phone]
	switch {
	case known && at.IsZero():
		return true
	case known && now.Sub(at) < wakeLoginPace:
		return false
	case !known && len(u.m) >= maxUnwakeable:
		for id, at := range u.m {
			if !at.IsZero() && now.Sub(at) >= wakeLoginPace {
				delete(u.m, id)
			}
		}
		if len(u.m) >= maxUnwakeable {
			return false
		}
	}
	if u.m == nil {
		u.m = make(map[db.PhoneID]time.Time)
	}
	u.m[phone] = time.Time{}
	u.waiting.Add(1)
	return true
}

// has says whether a phone waits for a login.
func (u *unwakeable) has(phone db.PhoneID) bool {
	if u.waiting.Load() == 0 {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	at, known := u.m[phone]
	return known && at.IsZero()
}

func (u *unwakeable) tried(phone db.PhoneID, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if at, known := u.m[phone]; known && at.IsZero() {
		u.m[phone] = now
		u.waiting.Add(-1)
	}
}
