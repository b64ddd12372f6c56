package sim

import (
	"slices"
	"strconv"
	"strings"
)

// getParameterAttributes answers A.3.2.5.
func (s *session) getParameterAttributes(args *node, w *writer) error {
	checkArgs(args, s.note, "ParameterNames")
	names := s.array(args, "ParameterNames", "string")
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	var found []*param
	for _, n := range names {
		params := s.p.model.match(n.text)
		if len(params) == 0 || s.conduct.Tree.denies(n.text) {
			return newFault(9005)
		}
		for i := range params {
			found = append(found, &params[i])
		}
	}
	if most := s.conduct.MaxValues; most > 0 && len(found) > most {
		return newFault(9004)
	}
	w.open("cwmp:GetParameterAttributesResponse")
	w.array("ParameterList", "cwmp:ParameterAttributeStruct", len(found))
	for _, pr := range found {
		w.open("ParameterAttributeStruct")
		w.elem("Name", pr.name)
		w.num("Notification", int(s.p.notification(pr)))
		w.array("AccessList", "xsd:string", 0)
		w.close("AccessList")
		w.close("ParameterAttributeStruct")
	}
	w.close("ParameterList")
	w.close("cwmp:GetParameterAttributesResponse")
	return nil
}

// setParameterAttributes answers A.3.2.4. Only the notification counts: access
// lists are taken and forgotten.
func (s *session) setParameterAttributes(args *node, w *writer) error {
	checkArgs(args, s.note, "ParameterList")
	list := s.array(args, "ParameterList", "SetParameterAttributesStruct")
	highest := 2
	if s.dialect.version == "1.4" {
		highest = 6
	}
	type order struct {
		params []param
		value  uint8
	}
	var orders []order
	for _, a := range list {
		checkArgs(a, s.note, "Name", "NotificationChange", "Notification", "AccessListChange", "AccessList")
		s.array(a, "AccessList", "string")
		if l := a.kid("AccessList"); s.conduct.habits.rpc.typedLists && l != nil && l.arrayType == "" {
			return newFault(9003)
		}
		n, err := strconv.Atoi(a.trimmed("Notification"))
		if err != nil || n < 0 || n > highest {
			return newFault(9003)
		}
		if !s.boolean(a, "NotificationChange") {
			continue
		}
		orders = append(orders, order{s.p.model.match(strings.TrimSpace(s.bounded(a, "Name", 256))), uint8(n)})
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	for _, c := range orders {
		if len(c.params) == 0 {
			return newFault(9005)
		}
	}
	for _, c := range orders {
		for _, pr := range c.params {
			if s.p.flash.notify == nil {
				s.p.flash.notify = map[string]uint8{}
			}
			s.p.flash.notify[pr.name] = c.value
		}
	}
	w.put("<cwmp:SetParameterAttributesResponse/>")
	return nil
}

// notification gives a parameter's notification attribute; the phone is locked.
func (p *Phone) notification(pr *param) uint8 {
	if n, ok := p.flash.notify[pr.name]; ok {
		return n
	}
	return pr.notify
}

// SetParam changes a parameter on the phone itself, whatever the ACS may do
// with it: a call begins, somebody presses a key. With passive notification the
// next Inform tells, with active notification the phone opens a session for it.
// It reports false when the phone has no such parameter.
func (p *Phone) SetParam(name, value string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, ok := p.model.find(name)
	if !ok {
		return false
	}
	pr := &p.model.params[i]
	if p.value(pr) == value {
		return true
	}
	p.store(name, value)
	notify := p.notification(pr)
	if notify == 0 {
		return true
	}
	if !slices.Contains(p.changed, name) {
		p.changed = append(p.changed, name)
	}
	if notify == 2 {
		p.sessionAt = p.fleet.now()
		p.reschedule()
	}
	return true
}
