package jobs

import (
	"context"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// askMethods asks a phone once for each firmware what RPCs it takes (TR-069
// A.3.1.1). That it was asked is kept before it is: an agent that dies of the
// question is asked no more until its firmware changes. One that refuses, or
// answers with nothing, cannot be asked, and nothing is kept from it for that.
type askMethods struct{}

func (askMethods) name() string { return "GetRPCMethods" }

func (askMethods) wants(f upkeepFacts) bool {
	return f.proven && (f.methods.Asked.IsZero() || f.methods.Firmware != clipText(f.phone.SoftwareVersion))
}

func (askMethods) request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error) {
	m := askedMethods(f)
	if s.quirks.Of(ctx, f.phone).NoMethods {
		m.Refused = "phones of its model are not asked: a quirk says that they cannot be"
		return nil, s.keepMethods(ctx, f.session, m)
	}
	m.Refused = "the phone was asked and did not answer"
	if err := s.keepMethods(ctx, f.session, m); err != nil {
		return nil, err
	}
	return &cwmp.GetRPCMethods{}, nil
}

func (askMethods) answered(ctx context.Context, s *Service, f upkeepFacts, answer cwmp.Message) error {
	m := askedMethods(f)
	if r, ok := answer.(*cwmp.GetRPCMethodsResponse); ok {
		m.Names = methodList(r.Methods)
	}
	if len(m.Names) == 0 {
		m.Refused = "the phone answered without a list"
	}
	return s.keepMethods(ctx, f.session, m)
}

func (askMethods) refused(ctx context.Context, s *Service, f upkeepFacts, fault *cwmp.Fault) error {
	m := askedMethods(f)
	m.Refused = faulted(fault.Code, fault.String).why
	return s.keepMethods(ctx, f.session, m)
}

func askedMethods(f upkeepFacts) db.Methods {
	m := db.Methods{Firmware: clipText(f.phone.SoftwareVersion), Asked: f.now, STUN: f.methods.STUN, Prompt: f.methods.Prompt}
	if m.STUN.Step == db.STUNRefused && m.Firmware != f.methods.Firmware {
		m.STUN = db.STUNSetup{} // another firmware may take what this one refused
	}
	if m.Firmware != f.methods.Firmware {
		m.Prompt.Refused = nil
	}
	return m
}
