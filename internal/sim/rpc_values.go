package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// getParameterValues answers A.3.2.2: parameters by name, or all below a
// partial path.
func (s *session) getParameterValues(args *node, w *writer) error {
	checkArgs(args, s.note, "ParameterNames")
	names := s.array(args, "ParameterNames", "string")
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	m := s.p.model
	var found []*param
	h := &s.conduct.habits
	for _, n := range names {
		params := m.match(n.text)
		if len(params) == 0 || s.conduct.Tree.denies(n.text) || s.conduct.hides(n.text) || h.rpc.refused(n.text) || h.names.refuses(n.text, false) == 9005 {
			return newFault(9005)
		}
		for i := range params {
			if !h.rpc.refused(params[i].name) && !s.conduct.hides(params[i].name) {
				found = append(found, &params[i])
			}
		}
	}
	if len(names) == 0 {
		return newFault(9003)
	}
	if most := s.conduct.MaxValues; most > 0 && len(found) > most {
		return newFault(orDefault(h.rpc.tooMany, 9004))
	}
	found = h.rpc.told(m, found)
	w.open("cwmp:GetParameterValuesResponse")
	w.array("ParameterList", "cwmp:ParameterValueStruct", len(found))
	for _, pr := range found {
		value := s.p.shown(pr)
		s.p.sawLine(pr, value)
		w.value(pr.name, pr.kind, s.conduct.Tree.spelt(pr.kind, value))
	}
	w.close("ParameterList")
	w.close("cwmp:GetParameterValuesResponse")
	return nil
}

// match gives the parameters that a name means: itself, or all below a path
// that ends in a dot; "" is the whole tree.
func (m *model) match(name string) []param {
	if name == "" {
		return m.params
	}
	if strings.HasSuffix(name, ".") {
		return m.under(name)
	}
	if i, ok := m.find(name); ok {
		return m.params[i : i+1]
	}
	return nil
}

// setParameterValues answers A.3.2.1: all or nothing, with a fault for each
// parameter that will not do.
func (s *session) setParameterValues(args *node, w *writer) error {
	checkArgs(args, s.note, "ParameterList", "ParameterKey")
	key := s.bounded(args, "ParameterKey", 32)
	list := s.array(args, "ParameterList", "ParameterValueStruct")
	for _, v := range list {
		checkArgs(v, s.note, "Name", "Value")
		s.bounded(v, "Name", 256)
		if val := v.kid("Value"); val != nil && val.typ == "" {
			s.note(ruleValueType, v.trimmed("Name"))
		}
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	seen := map[string]bool{}
	var wrong []cpeError
	for _, v := range list {
		name := v.trimmed("Name")
		code := s.p.model.acceptable(name, v.kid("Value"))
		if code == 0 && (!s.conduct.Tree.takes(s.p.model, name, v.kid("Value").text) || s.conduct.habits.rpc.refuseForm(v.kid("Value"))) {
			code = 9007
		}
		if seen[name] {
			code = 9003
		}
		seen[name] = true
		if code != 0 {
			wrong = append(wrong, cpeError{code: code, text: faultText(code), name: name})
		}
	}
	if len(wrong) > 0 {
		f := newFault(9003)
		f.params = wrong
		return f
	}
	status := 0
	for _, v := range list {
		if s.conduct.habits.rpc.later {
			s.p.later, status = append(s.p.later, change{v.trimmed("Name"), v.kid("Value").text}), 1
			continue
		}
		s.p.assign(v.trimmed("Name"), v.kid("Value").text)
	}
	s.p.store(s.p.model.root+"ManagementServer.ParameterKey", key)
	w.open("cwmp:SetParameterValuesResponse")
	w.num("Status", status)
	w.close("cwmp:SetParameterValuesResponse")
	return nil
}

// acceptable gives the fault that setting a parameter to a value earns, 0 for
// none.
func (m *model) acceptable(name string, value *node) int {
	i, ok := m.find(name)
	switch {
	case !ok:
		return 9005
	case m.params[i].access == readOnly:
		return 9008
	case value == nil:
		return 9003
	}
	k := m.params[i].kind
	if value.typ != "" {
		_, local, _ := strings.Cut(value.typ, ":")
		if local != k.String() {
			return 9006
		}
	}
	if !k.valid(value.text) {
		return 9007
	}
	return 0
}

// valid reports whether a value is of the kind.
func (k kind) valid(s string) bool {
	var err error
	switch k {
	case kindUint:
		_, err = strconv.ParseUint(s, 10, 32)
	case kindInt:
		_, err = strconv.ParseInt(s, 10, 32)
	case kindBool:
		return slices.Contains([]string{"0", "1", "true", "false"}, s)
	case kindTime:
		if _, err = time.Parse(time.RFC3339, s); err != nil {
			_, err = time.Parse("2006-01-02T15:04:05", s)
		}
	}
	return err == nil
}

// assign stores a value the ACS set, with what follows from it; the phone is
// locked.
func (p *Phone) assign(name, value string) {
	i, _ := p.model.find(name)
	old := p.value(&p.model.params[i])
	p.store(name, value)
	switch strings.TrimPrefix(name, p.model.root) {
	case "ManagementServer.PeriodicInformEnable", "ManagementServer.PeriodicInformInterval":
		p.periodicAt = never
		p.planPeriodic()
	case "ManagementServer.URL":
		if value != old { // a new ACS knows nothing of us, and nothing else is due to it
			p.flash.events, p.flash.named = evBootstrap, nil
			p.flash.transfers = slices.DeleteFunc(p.flash.transfers, func(t *transfer) bool { return t.done })
			p.sessionAt = p.fleet.now()
		}
	}
}
