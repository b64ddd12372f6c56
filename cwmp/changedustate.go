package cwmp

import (
	"strings"

	"github.com/beevik/etree"
)

// ChangeDUState installs, updates and removes software modules (TR-069
// A.4.1, since 1.2). DUStateChangeComplete reports the outcome.
type ChangeDUState struct {
	Operations []DUOperation // at least one; a CPE takes 16 or more
	CommandKey string        // at most 32 characters
}

// RPC returns "ChangeDUState".
func (*ChangeDUState) RPC() string { return "ChangeDUState" }

func (m *ChangeDUState) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "Operations":
			m.Operations = append(m.Operations, decodeDUOperation(c))
		case "CommandKey":
			m.CommandKey = text(c)
		}
	}
}

func (m *ChangeDUState) encode(w *writer) {
	const tag = "Operations"
	w.atLeastOne(tag, len(m.Operations))
	for i := range m.Operations {
		w.at(tag, i)
		w.operation(&m.Operations[i])
	}
	w.list = ""
	w.text("CommandKey", m.CommandKey, maxKey)
}

// ChangeDUStateResponse says that the operations are queued.
type ChangeDUStateResponse struct{}

// RPC returns "ChangeDUStateResponse".
func (*ChangeDUStateResponse) RPC() string { return "ChangeDUStateResponse" }

func (*ChangeDUStateResponse) decode(*etree.Element) {}
func (*ChangeDUStateResponse) encode(*writer)        {}

// DUOperation is one operation. A field that its kind does not have stays
// empty, and empty stands for "not given".
type DUOperation struct {
	Kind               string // "Install", "Update" or "Uninstall"
	URL                string // Install and Update; at most 1024 characters
	UUID               string
	Version            string // Update and Uninstall; at most 32 characters
	Username, Password string // Install and Update; at most 256 each
	ExecutionEnvRef    string // Install and Uninstall; at most 256
}

// duFields lists the elements of each kind in the order of the schema; the
// first of Install and Uninstall is required.
var duFields = map[string][]string{
	"Install":   {"URL", "UUID", "Username", "Password", "ExecutionEnvRef"},
	"Update":    {"UUID", "Version", "URL", "Username", "Password"},
	"Uninstall": {"UUID", "Version", "ExecutionEnvRef"},
}

// field returns the place of an element and its longest value.
func (o *DUOperation) field(tag string) (*string, int) {
	switch tag {
	case "URL":
		return &o.URL, max1024
	case "UUID":
		return &o.UUID, max64
	case "Version":
		return &o.Version, maxKey
	case "Username":
		return &o.Username, max256
	case "Password":
		return &o.Password, max256
	default:
		return &o.ExecutionEnvRef, max256
	}
}

// decodeDUOperation reads the fields that belong to the kind, which its
// xsi:type names: "cwmp:InstallOpStruct".
func decodeDUOperation(e *etree.Element) DUOperation {
	var o DUOperation
	for _, a := range e.Attr {
		if a.Key == "type" {
			kind := strings.TrimSpace(a.Value)
			kind = strings.TrimSuffix(kind[strings.LastIndexByte(kind, ':')+1:], "OpStruct")
			if duFields[kind] != nil {
				o.Kind = kind
			}
		}
	}
	for _, tag := range duFields[o.Kind] {
		for c := range e.ChildElementsSeq() {
			if c.Tag == tag {
				v, _ := o.field(tag)
				*v = text(c)
			}
		}
	}
	return o
}

func (w *writer) operation(o *DUOperation) {
	fields := duFields[o.Kind]
	if fields == nil {
		w.failAt("Kind", ErrBadValue)
	}
	w.raw(`<Operations xsi:type="cwmp:`)
	w.raw(o.Kind)
	w.raw(`OpStruct">`)
	for i, tag := range fields {
		v, limit := o.field(tag)
		if i == 0 && o.Kind != "Update" {
			w.text(tag, *v, limit)
			continue
		}
		w.optional(tag, *v, limit)
	}
	w.raw(`</Operations>`)
}
