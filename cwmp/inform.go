package cwmp

import (
	"strings"

	"github.com/beevik/etree"
)

// DeviceID names a CPE (TR-069 A.3.3.1). Decode trims white space and leaves
// the rest as it came: OUI in either case, fields empty.
type DeviceID struct{ Manufacturer, OUI, ProductClass, SerialNumber string }

// Inform opens every session (TR-069 A.3.3.1).
type Inform struct {
	DeviceID     DeviceID
	Events       []Event // in the order sent, which means nothing
	MaxEnvelopes uint32
	CurrentTime  string // the CPE's clock, verbatim; see ParseTime
	RetryCount   int    // failed attempts before this one
	Parameters   []ParameterValue
}

// RPC returns "Inform".
func (*Inform) RPC() string { return "Inform" }

// HasEvent reports whether code is among the events.
func (m *Inform) HasEvent(code string) bool {
	for _, e := range m.Events {
		if e.Code == code {
			return true
		}
	}
	return false
}

// Parameter returns the value of the parameter whose name without its root is
// suffix: "DeviceInfo.SoftwareVersion" finds it under Device. as under
// InternetGatewayDevice.
func (m *Inform) Parameter(suffix string) (string, bool) {
	for i := range m.Parameters {
		name := m.Parameters[i].Name
		rest, ok := strings.CutPrefix(name, "Device.")
		if !ok {
			rest, ok = strings.CutPrefix(name, "InternetGatewayDevice.")
		}
		if ok && rest == suffix {
			return m.Parameters[i].Value, true
		}
	}
	return "", false
}

func (m *Inform) decode(e *etree.Element) {
	m.CurrentTime = UnknownTime
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "DeviceId":
			m.DeviceID = decodeDeviceID(c)
		case "Event":
			m.Events = decodeEvents(c, m.Events)
		case "MaxEnvelopes":
			m.MaxEnvelopes = parseUint(c)
		case "CurrentTime":
			m.CurrentTime = parseTime(c)
		case "RetryCount":
			m.RetryCount = max(0, parseInt(c, 0))
		case "ParameterList":
			m.Parameters = parseValues(c, m.Parameters)
		}
	}
}

func decodeDeviceID(e *etree.Element) DeviceID {
	var id DeviceID
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "Manufacturer":
			id.Manufacturer = token(c)
		case "OUI":
			id.OUI = token(c)
		case "ProductClass":
			id.ProductClass = token(c)
		case "SerialNumber":
			id.SerialNumber = token(c)
		}
	}
	return id
}

// decodeEvents leaves out an event without a code, which says nothing.
func decodeEvents(e *etree.Element, list []Event) []Event {
	for c := range e.ChildElementsSeq() {
		var ev Event
		for f := range c.ChildElementsSeq() {
			switch f.Tag {
			case "EventCode":
				ev.Code = token(f)
			case "CommandKey":
				ev.CommandKey = text(f)
			}
		}
		if ev.Code != "" {
			list = append(list, ev)
		}
	}
	return list
}

func (m *Inform) encode(w *writer) {
	w.open("DeviceId")
	w.text("Manufacturer", m.DeviceID.Manufacturer, max64)
	w.text("OUI", m.DeviceID.OUI, 6)
	w.text("ProductClass", m.DeviceID.ProductClass, max64)
	w.text("SerialNumber", m.DeviceID.SerialNumber, max64)
	w.close("DeviceId")
	w.atMost("Event", len(m.Events), 64)
	w.openArray("Event", "cwmp:EventStruct", len(m.Events))
	for i, ev := range m.Events {
		w.at("Event", i)
		w.open("EventStruct")
		w.text("EventCode", ev.Code, max64)
		w.text("CommandKey", ev.CommandKey, maxKey)
		w.close("EventStruct")
	}
	w.closeArray("Event")
	w.uint("MaxEnvelopes", m.MaxEnvelopes)
	w.time("CurrentTime", m.CurrentTime)
	w.int("RetryCount", m.RetryCount)
	w.values(m.Parameters)
}

// InformResponse accepts an Inform.
type InformResponse struct {
	MaxEnvelopes uint32 // 1, since Amendment 1; 0 encodes as 1
}

// RPC returns "InformResponse".
func (*InformResponse) RPC() string { return "InformResponse" }

func (m *InformResponse) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "MaxEnvelopes" {
			m.MaxEnvelopes = parseUint(c)
		}
	}
	m.MaxEnvelopes = max(1, m.MaxEnvelopes)
}

func (m *InformResponse) encode(w *writer) { w.uint("MaxEnvelopes", max(1, m.MaxEnvelopes)) }
