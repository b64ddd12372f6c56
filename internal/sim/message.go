package sim

import (
	"slices"
	"strconv"
	"strings"
)

// message is what the ACS sent: a request, a response or a fault.
type message struct {
	id      string
	hold    bool   // HoldRequests
	version string // UseCWMPVersion
	method  string // local name; "Fault" for a fault
	body    *node
	foreign bool // not of the namespace of our Inform
}

// isRequest tells a request from an answer (TR-069 3.5: a response is named
// after its method).
func (m *message) isRequest() bool {
	return m.method != "Fault" && !strings.HasSuffix(m.method, "Response")
}

// faultCode gives the ACS's fault code, 0 when the fault carries none.
func (m *message) faultCode() int {
	d := m.body.kid("detail")
	if d == nil || d.kid("Fault") == nil {
		return 0
	}
	code, err := strconv.Atoi(d.kid("Fault").trimmed("FaultCode"))
	if err != nil {
		return 0
	}
	return code
}

// readMessage takes an envelope apart. Its namespace should be the one of our
// Inform; breaches that do not matter to the session go to note.
func readMessage(b []byte, ns string, note func(rule, detail string)) (*message, error) {
	root, err := parseXML(b)
	if err != nil {
		return nil, err
	}
	if root.name != "Envelope" || root.space != nsEnvelope {
		return nil, fatal(ruleEnvelope, "{%s}%s", root.space, root.name)
	}
	m := &message{}
	var body *node
	for _, part := range root.kids {
		switch {
		case part.space != nsEnvelope:
		case part.name == "Header":
			m.readHeader(part, note)
		case part.name == "Body" && body != nil:
			return nil, fatal(ruleBody, "more than one")
		case part.name == "Body":
			body = part
		}
	}
	if body == nil {
		return nil, fatal(ruleBody, "none")
	}
	if len(body.kids) != 1 {
		return nil, fatal(ruleMessages, "%d in one body", len(body.kids))
	}
	m.body = body.kids[0]
	m.method = m.body.name
	inner := m.body // the element whose namespace must be CWMP's
	if m.method == "Fault" && m.body.space == nsEnvelope {
		inner = nil
		if d := m.body.kid("detail"); d != nil {
			inner = d.kid("Fault")
		}
	}
	if inner == nil {
		return m, nil
	}
	if !isCWMP(inner.space) {
		return nil, fatal(ruleMethodNS, "{%s}%s", inner.space, inner.name)
	}
	if inner.space != ns {
		note(ruleNamespace, inner.space)
		m.foreign = true
	}
	return m, nil
}

func isCWMP(space string) bool { return strings.HasPrefix(space, "urn:dslforum-org:cwmp-1-") }

func (m *message) readHeader(header *node, note func(rule, detail string)) {
	for _, h := range header.kids {
		value := strings.TrimSpace(h.text)
		switch ours := isCWMP(h.space); {
		case ours && h.name == "ID":
			m.id = h.text
			if len(value) > 32 {
				note(ruleIDLong, value)
			}
		case ours && h.name == "HoldRequests":
			m.hold = value == "1" || value == "true"
		case ours && h.name == "UseCWMPVersion":
			m.version = value
		case h.must:
			note(ruleHeader, h.name)
		}
	}
}

// checkArgs notes arguments that are not exactly these, in this order and in no
// namespace (TR-069 3.5 and A.3).
func checkArgs(n *node, note func(rule, detail string), want ...string) {
	got := make([]string, len(n.kids))
	for i, k := range n.kids {
		got[i] = k.name
		if k.space != "" {
			note(ruleQualified, n.name+"/"+k.name)
		}
	}
	if !slices.Equal(got, want) {
		note(ruleArgs, n.name+": "+strings.Join(got, " "))
	}
}
