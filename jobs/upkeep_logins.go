package jobs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/proof"
)

// giveLogins gives a phone logins of its own: the one by which it proves
// itself from its next session on, and the one by which we wake it. It is for
// approved phones that have proven nothing, so it is sent where anybody may
// listen; all that is worth listening for comes after the phone has used it.
//
// What is sent is durable before it leaves and stays the same until it is used
// or refused, so a lost answer costs nothing: sending again sends the same.
type giveLogins struct{}

// refusedFor is how long a phone that refused is left alone.
const refusedFor = 24 * time.Hour

func (giveLogins) name() string { return "SetParameterValues" }

func (giveLogins) wants(f upkeepFacts) bool { return !f.proven }

func (giveLogins) request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error) {
	if s.quirks.Of(ctx, f.phone).NoChallenge {
		return nil, nil // it could not use them
	}
	c, err := s.store.Credentials(ctx, f.phone.ID)
	switch {
	case err != nil:
		return nil, err
	case c.Refused != "" && f.now.Sub(c.RefusedAt) < refusedFor:
		return nil, nil
	case !c.Next.IsZero() && c.ConnectionRequestNext.IsZero():
		return nil, nil // the other was refused: giveOwnLogin goes on
	}
	own, err := proof.NewLogin(proof.Identity{
		OUI: f.phone.OUI, ProductClass: f.phone.ProductClass, Serial: f.phone.Serial, MAC: f.phone.MAC,
	})
	if err != nil {
		return nil, err
	}
	wake, err := proof.NewLogin(proof.Identity{OUI: f.phone.OUI, Serial: f.phone.Serial, MAC: f.phone.MAC})
	if err != nil {
		return nil, err
	}
	c, err = s.store.IssueCredentials(ctx, f.phone.ID, f.session.Token,
		db.Offer{Own: db.Login(own), ConnectionRequest: db.Login(wake)}, f.now)
	if err != nil {
		return nil, err
	}
	return s.setLogins(ctx, f, c.Next, c.ConnectionRequestNext)
}

func (giveLogins) answered(ctx context.Context, s *Service, f upkeepFacts, answer cwmp.Message) error {
	return s.loginsAnswered(ctx, f, db.OfferAnswer{Own: true, ConnectionRequest: true}, answer)
}

// refused forgets the login of connection requests and keeps the phone's own:
// more phones have the one fixed than the other. SetParameterValues sets all or
// nothing (A.3.2.1).
func (giveLogins) refused(ctx context.Context, s *Service, f upkeepFacts, fault *cwmp.Fault) error {
	return s.store.CredentialsTaken(ctx, f.phone.ID, f.session.Token,
		db.OfferAnswer{ConnectionRequest: true, Refused: refusal(fault)}, f.now)
}

// giveOwnLogin is what is left of giveLogins for a phone that does not let its
// connection requests be changed.
type giveOwnLogin struct{}

func (giveOwnLogin) name() string { return "SetParameterValues" }

func (giveOwnLogin) wants(f upkeepFacts) bool { return !f.proven }

func (giveOwnLogin) request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error) {
	c, err := s.store.Credentials(ctx, f.phone.ID)
	if err != nil || c.Next.IsZero() || !c.ConnectionRequestNext.IsZero() {
		return nil, err
	}
	return s.setLogins(ctx, f, c.Next, db.Login{})
}

func (giveOwnLogin) answered(ctx context.Context, s *Service, f upkeepFacts, answer cwmp.Message) error {
	return s.loginsAnswered(ctx, f, db.OfferAnswer{Own: true}, answer)
}

func (giveOwnLogin) refused(ctx context.Context, s *Service, f upkeepFacts, fault *cwmp.Fault) error {
	return s.store.CredentialsTaken(ctx, f.phone.ID, f.session.Token,
		db.OfferAnswer{Own: true, Refused: refusal(fault)}, f.now)
}

// setLogins builds the RPC that sets what is not zero.
func (s *Service) setLogins(ctx context.Context, f upkeepFacts, own, wake db.Login) (cwmp.Message, error) {
	root := s.quirks.Root(ctx, f.phone)
	if root == "" {
		return nil, nil // without a root, and so far no parameter, there is no name to set
	}
	server := root + "ManagementServer."
	m := &cwmp.SetParameterValues{}
	add := func(name, value string) {
		m.Parameters = append(m.Parameters, cwmp.ParameterValue{Name: server + name, Type: "string", Value: value})
	}
	if !wake.IsZero() {
		add("ConnectionRequestUsername", wake.User)
		add("ConnectionRequestPassword", wake.Password)
	}
	if !own.IsZero() {
		add("Username", own.User)
		add("Password", own.Password)
	}
	if len(m.Parameters) == 0 {
		return nil, nil
	}
	return m, nil
}

// loginsAnswered takes the response in. A phone for which tasks wait is woken
// soon: it takes them as soon as it has used its login.
func (s *Service) loginsAnswered(ctx context.Context, f upkeepFacts, a db.OfferAnswer, answer cwmp.Message) error {
	if _, ok := answer.(*cwmp.SetParameterValuesResponse); !ok {
		a = db.OfferAnswer{Own: true, Refused: "the phone was sent credentials of its own and answered with nothing"}
	}
	if err := s.store.CredentialsTaken(ctx, f.phone.ID, f.session.Token, a, f.now); err != nil {
		return err
	}
	if a.Refused == "" && a.ConnectionRequest {
		if err := s.forgetSTUN(ctx, f); err != nil {
			return err
		}
	}
	if a.Refused == "" {
		s.soon.add(f.phone.ID, f.now.Add(soonAfter))
	}
	return nil
}

// refusal says why a phone did not take its logins, and what would help.
func refusal(fault *cwmp.Fault) string {
	var names []string
	for _, p := range fault.Parameters {
		names = append(names, p.Name[strings.LastIndexByte(p.Name, '.')+1:])
	}
	which := ""
	if len(names) > 0 {
		which = " (" + enumerate(names) + ")"
	}
	return fmt.Sprintf("the phone did not take credentials of its own%s: %s", which, faulted(fault.Code, fault.String).why)
}
