package sim

import (
	"fmt"
	"slices"
	"strings"
)

// kind is the type of a parameter.
type kind uint8

const (
	kindString kind = iota
	kindUint
	kindInt
	kindBool
	kindTime
)

// String gives the local name in XML Schema.
func (k kind) String() string {
	return [...]string{"string", "unsignedInt", "int", "boolean", "dateTime"}[k]
}

// access says what the ACS may do with a parameter.
type access uint8

const (
	readOnly  access = iota
	readWrite        // and read back
	writeOnly        // reads back empty, as passwords do
)

// param is one parameter of a model. It is shared by all phones of that model;
// what a phone has of its own is in its flash or computed by live.
type param struct {
	name   string // from the root on
	kind   kind
	access access
	value  string
	live   func(*Phone) string // computes the value, nil for most
	notify uint8               // notification attribute out of the box
}

// model is what phones of one design have in common.
type model struct {
	name     string
	root     string // "Device." or "InternetGatewayDevice."
	dialect  dialect
	hardware string
	software string // as delivered
	lines    int
	params   []param // sorted by name
	inform   []int   // of params, sent with each Inform
}

// platform is a generation of Fanvil firmware.
type platform struct {
	root     string
	software string
	dialect  dialect
}

var (
	oldPlatform = platform{"InternetGatewayDevice.", "2.8.0.6321", dialect{version: "1.0", env: "SOAP-ENV", enc: "SOAP-ENC"}}
	newPlatform = platform{"Device.", "2.4.12", dialect{version: "1.2", env: "soapenv", enc: "soapenc"}}
)

// design is one model of the catalogue.
type design struct {
	name string
	platform
	lines int
}

var designs = []design{
	{"X3U", newPlatform, 6},
	{"X6", newPlatform, 6},
	{"V65", newPlatform, 12},
	{"H5", oldPlatform, 2},
	{"i30", oldPlatform, 2},
}

// Models lists the models a fleet can be made of.
func Models() []string {
	var out []string
	for _, m := range designs {
		out = append(out, m.name)
	}
	return out
}

// newModel builds the data model of a design, or of one like it (""), in a CWMP version ("" is its own),
// with further Inform parameters and so many KB of padding, as it is when set
// to speak with the ACS of China Telecom or with any other, and with its lines told in one way or another, its calls counted or not, and with STUN or not.
func newModel(name, like, version string, extra []string, padKB int, ctc bool, voice string, counts, stun bool) *model {
	d := designs[slices.IndexFunc(designs, func(d design) bool { return d.name == orDefault(like, name) })]
	m := &model{name: name, root: d.root, dialect: d.dialect, hardware: "V1.0", software: d.software, lines: d.lines}
	m.dialect.version = orDefault(version, m.dialect.version)
	m.dialect.ns = namespaces[m.dialect.version]
	if ctc {
		m.root = "InternetGatewayDevice."
		m.add(ctcParams)
		extra = append(slices.Clone(extra), ctcForced)
	}

	m.add(commonParams)
	if stun {
		m.add(stunParams)
	}
	forced := igdForced
	if m.root == "Device." {
		m.add(deviceParams)
		forced = deviceForced
	} else {
		m.add(igdParams)
	}
	m.addVoice(voice)
	if counts {
		m.addCounters(voice)
	}
	for n := 1; n <= padKB; n++ {
		m.add([]row{{fmt.Sprintf("X_0C383E_Pad.%d.Text", n), kindString, readWrite, padText}})
	}
	slices.SortFunc(m.params, func(a, b param) int { return strings.Compare(a.name, b.name) })
	for _, suffix := range append(slices.Clone(forced), extra...) {
		if i, ok := m.find(m.root + suffix); ok && !slices.Contains(m.inform, i) {
			m.inform = append(m.inform, i)
			if suffix != "DeviceInfo.HardwareVersion" {
				m.params[i].notify = 2
			}
		}
	}
	return m
}

// padText and the markup around it make about one KB.
var padText = strings.Repeat("The quick brown phone jumps over the lazy switch. ", 18)

// row is a parameter in a table: without the root, and with a value that may
// name a live one.
type row struct {
	name   string
	kind   kind
	access access
	value  string
}

func (m *model) add(rows []row) {
	for _, r := range rows {
		p := param{name: m.root + r.name, kind: r.kind, access: r.access, value: r.value}
		if strings.HasPrefix(r.value, "$") {
			p.live, p.value = live[r.value], ""
		}
		m.params = append(m.params, p)
	}
}

// find gives the index of a parameter by its full name.
func (m *model) find(name string) (int, bool) {
	return slices.BinarySearchFunc(m.params, name, func(p param, name string) int { return strings.Compare(p.name, name) })
}

// under gives the parameters whose names begin with prefix, which lie side by
// side.
func (m *model) under(prefix string) []param {
	lo, _ := m.find(prefix)
	hi := lo
	for hi < len(m.params) && strings.HasPrefix(m.params[hi].name, prefix) {
		hi++
	}
	return m.params[lo:hi]
}
