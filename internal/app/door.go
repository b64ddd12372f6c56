package app

import (
	"errors"
	"fmt"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/acs"
	"phoneacs/internal/proof"
)

// checkDoor reports settings about the proof of phones that cannot be.
func (c *Config) checkDoor() []error {
	var errs []error
	for _, s := range []struct{ flag, ask string }{{"auth", c.Auth}, {"auth-tls", c.AuthTLS}} {
		switch acs.Ask(s.ask) {
		case "", acs.AskMD5, acs.AskSHA256, acs.AskBasic:
		default:
			errs = append(errs, c.bad(s.flag, fmt.Errorf("%q: want digest-md5, digest-sha256 or basic", s.ask)))
		}
	}
	switch {
	case c.EnrolUser != "" && c.EnrolPassword == "":
		errs = append(errs, c.bad("enrol-user", fmt.Errorf("needs its password, in %s", EnrolPasswordVariable)))
	case c.EnrolUser == "" && c.EnrolPassword != "":
		errs = append(errs, c.bad("enrol-password", errors.New("needs the name that it goes with, by --enrol-user")))
	case c.EnrolUser != "" && acs.Enrol(c.Enrol) == acs.EnrolOpen:
		errs = append(errs, c.bad("enrol-user", errors.New("is for phones that have to prove something, and --enrol open asks for nothing")))
	}
	return errs
}

// door makes what phones prove themselves to. Its key is derived from the
// store's, so that challenges outlive a restart.
func (a *App) door(clock clockwork.Clock) (*acs.Door, error) {
	checker, err := proof.New(proof.Options{Key: a.store.Subkey("nonces"), Clock: clock})
	if err != nil {
		return nil, err
	}
	throttle, err := proof.NewThrottle(proof.ThrottleOptions{Clock: clock})
	if err != nil {
		return nil, err
	}
	for name, m := range map[string]struct {
		help  string
		value func(proof.ThrottleStats) uint64
	}{
		"failures_total": {"Wrong credentials that phones came with.", func(s proof.ThrottleStats) uint64 { return s.Failed }},
		"refusals_total": {"Wrong credentials that were refused at once, as many answers were held back already.", func(s proof.ThrottleStats) uint64 { return s.Refused }},
	} {
		if err := a.metrics.Register(prometheus.NewCounterFunc(
			prometheus.CounterOpts{Name: "phoneacs_proof_" + name, Help: m.help},
			func() float64 { return float64(m.value(throttle.Stats())) },
		)); err != nil {
			return nil, fmt.Errorf("register metrics of proofs: %w", err)
		}
	}
	return &acs.Door{
		Checker: checker, Throttle: throttle,
		Enrol: proof.Login{User: a.cfg.EnrolUser, Password: a.cfg.EnrolPassword},
		Clear: acs.Ask(a.cfg.Auth), TLS: acs.Ask(a.cfg.AuthTLS),
	}, nil
}
