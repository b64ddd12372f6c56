package sim

import (
	"context"
	"slices"
	"time"
)

// timeLayout is a local time with its offset (TR-069 A.3.3.1, CurrentTime).
const timeLayout = "2006-01-02T15:04:05Z07:00"

// inform opens the session: the Inform goes out, and the events that an
// InformResponse acknowledges are done with once it has come.
func (s *session) inform(ctx context.Context) error {
	id := s.nextID()
	if err := s.enter(); err != nil {
		return err
	}
	s.gather()
	envelope := s.writeInform(id)
	to, err := parseTarget(s.p.setting("ManagementServer.URL"))
	s.c.to = to
	s.p.ledger.Informs++
	s.p.mu.Unlock()
	if err != nil {
		return err
	}
	if err := s.collect(ctx); err != nil {
		return err
	}
	s.p.fleet.stats.informs.Add(1)
	call := s.call
	if s.conduct.DoubleInform {
		call = s.callTwice
	}
	m, err := call(ctx, "Inform", envelope, id, AfterInform)
	if err != nil {
		return err
	}
	checkArgs(m.body, s.note, "MaxEnvelopes")
	if n := m.body.trimmed("MaxEnvelopes"); n != "1" {
		s.note(ruleMaxEnvelopes, n)
	}
	if v := m.version; v != "" && (s.dialect.version != "1.4" || namespaces[v] == "") {
		s.note(ruleVersion, v)
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	s.informed = true
	s.c.auth.silent = s.conduct.habits.auth.informOnly
	s.settle()
	return nil
}

// gather fixes what this Inform tells: the events, the changed parameters and
// the transfers whose results follow. The phone is locked.
func (s *session) gather() {
	p := s.p
	set := p.flash.events
	for _, name := range p.changed {
		s.told = append(s.told, p.current(name))
	}
	if len(s.told) > 0 {
		set |= evValueChange
	}
	h := &s.conduct.habits
	if !s.conduct.NeverReport && h.transfer.reports(set) {
		for _, t := range p.flash.transfers {
			if t.done && !t.silent {
				s.results = append(s.results, t)
			}
		}
	}
	if len(s.results) > 0 && !h.transfer.noEvent {
		set |= evTransferComplete
	}
	s.carried = append(set.list(), p.flash.named...)
	for _, t := range s.results {
		code := "M Download"
		switch {
		case t.upload:
			code = "M Upload"
		case t.scheduled:
			code = "M ScheduleDownload"
		}
		if !h.transfer.noEvent {
			s.carried = append(s.carried, event{code, t.key})
		}
	}
	for _, e := range p.repeat {
		if !slices.Contains(s.carried, e) {
			s.carried = append(s.carried, e)
		}
	}
	if len(s.carried) > maxEvents {
		s.carried = s.carried[:maxEvents]
	}
}

// maxEvents is what one Inform has room for.
const maxEvents = 64

// settle forgets what the InformResponse acknowledged. Event 7 and M Download
// are not among it: they last until TransferCompleteResponse. The phone is
// locked.
func (s *session) settle() {
	p := s.p
	set, _ := parseEvents(codes(s.carried))
	p.flash.events &^= set
	p.flash.named = slices.DeleteFunc(p.flash.named, func(e event) bool { return slices.Contains(s.carried, e) })
	p.changed = slices.DeleteFunc(p.changed, func(name string) bool {
		return slices.Contains(s.told, p.current(name)) // unless it has changed again
	})
	p.repeat = nil
}

// change is a parameter with the value that an Inform told.
type change struct{ name, value string }

// current gives a parameter as it stands; the phone is locked.
func (p *Phone) current(name string) change {
	c := change{name: name}
	if i, ok := p.model.find(name); ok {
		c.value = p.value(&p.model.params[i])
	}
	return c
}

func codes(events []event) []string {
	out := make([]string, len(events))
	for i, e := range events {
		out[i] = e.code
	}
	return out
}

// writeInform writes the Inform; the phone is locked.
func (s *session) writeInform(id string) []byte {
	p := s.p
	w := s.envelope()
	switch s.dialect.version {
	case "1.3":
		w.begin(id, "SessionTimeout", "60")
	case "1.4":
		w.begin(id, "SessionTimeout", "60", "SupportedCWMPVersions", "1.0,1.1,1.2,1.3,1.4")
	default:
		w.begin(id)
	}
	w.open("cwmp:Inform")
	w.open("DeviceId")
	w.elem("Manufacturer", "Fanvil")
	w.elem("OUI", p.mac.OUI())
	w.elem("ProductClass", p.model.name)
	w.elem("SerialNumber", p.Serial())
	w.close("DeviceId")
	events := s.conduct.habits.inform.arrange(s.carried)
	w.array("Event", "cwmp:EventStruct", len(events))
	for _, e := range events {
		w.open("EventStruct")
		w.elem("EventCode", e.code)
		w.elem("CommandKey", e.key)
		w.close("EventStruct")
	}
	w.close("Event")
	w.num("MaxEnvelopes", 1)
	w.elem("CurrentTime", time.Now().Format(timeLayout))
	w.num("RetryCount", s.conduct.habits.inform.count(p))
	params := slices.Clone(p.model.inform)
	if s.conduct.habits.inform.secrets {
		for _, name := range secretParams {
			if i, ok := p.model.find(p.model.root + name); ok {
				params = append(params, i)
			}
		}
	}
	for _, c := range s.told {
		if i, ok := p.model.find(c.name); ok && !slices.Contains(params, i) {
			params = append(params, i)
		}
	}
	w.array("ParameterList", "cwmp:ParameterValueStruct", len(params))
	for _, i := range params {
		pr := &p.model.params[i]
		w.value(pr.name, pr.kind, p.shown(pr))
	}
	w.close("ParameterList")
	w.close("cwmp:Inform")
	return s.seal(w)
}

// shown is a parameter's value as the ACS may see it; the phone is locked.
func (p *Phone) shown(pr *param) string {
	if pr.access == writeOnly && !p.conduct.habits.inform.secrets {
		return ""
	}
	return p.value(pr)
}
