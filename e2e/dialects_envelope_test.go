package e2e

import (
	"strings"

	"phoneacs/internal/sim"
)

// envelopeCases are of what is around a message, read and written.
var envelopeCases = []dialectCase{
	{name: "Q20 only the phone's namespace is understood, 1.0", behave: "dialect=namespace-strict", with: speaking("1.0")},
	{name: "Q20 only the phone's namespace is understood, 1.1", behave: "dialect=namespace-strict", with: speaking("1.1")},
	{name: "Q28 a phone of 1.2", behave: "dialect=namespace-strict", with: speaking("1.2")},
	{name: "Q28 a phone of 1.3", behave: "dialect=namespace-strict", with: speaking("1.3")},
	{name: "Q28 a phone of 1.4", behave: "dialect=namespace-strict", with: speaking("1.4")},
	{name: "Q22 no ID", behave: "dialect=no-id"},
	{name: "Q22 no Header", behave: "dialect=no-header"},
	{name: "Q24 a blank ID", behave: "dialect=id-blank"},
	{name: "Q25 the id is echoed exactly", behave: "dialect=id-strict"},
	{name: "Q26 the SOAP prefix is bound to the encoding, and there is no Header", behave: "dialect=prefix-of-encoding,dialect=no-header"},
	{name: "Q26 prefixes of its own", behave: "dialect=prefix-odd"},
	{name: "Q26 no prefixes", behave: "dialect=prefix-none"},
	{name: "Q26 arguments in the namespace of CWMP", behave: "dialect=children-qualified"},
	{name: "Q27 namespaces are looked for on the Envelope alone", behave: "dialect=namespaces-on-top"},
	{name: "Q29 namespaces without a slash, names with a blank", behave: "dialect=namespace-no-slash"},
	{name: "Q30 lists of a wrong length", behave: "dialect=array-counts"},
	{name: "Q30 lists without a type", behave: "dialect=array-none"},
	{name: "Q32 control characters", behave: "dialect=control-characters"},
	{name: "Q32 ampersands", behave: "dialect=ampersands", check: tellsAmpersands},
	{name: "Q37 types where there are none, HoldRequests 0", behave: "dialect=typed-elements"},
	{name: "Q69 no declaration may stand before the envelope", behave: "dialect=no-declaration"},
	{name: "Q74 XML Schema of 1999", behave: "dialect=schema-1999"},
	{name: "Q74 prefixes that are never declared", behave: "dialect=undeclared-prefixes", broken: []string{"namespace.differs"}},
	{name: "Q74 an attribute twice", behave: "dialect=attribute-twice"},
}

func speaking(version string) func(*sim.Options) {
	return func(o *sim.Options) { o.Version = version }
}

// tellsAmpersands wants the URL as it was meant, and the phone to be woken by it.
func tellsAmpersands(o *one) {
	o.t.Helper()
	v, _ := o.reported(o.root + "ManagementServer.ConnectionRequestURL")
	if !strings.HasSuffix(v, "?a=1&b=2&&c&copy;") {
		o.t.Errorf("the URL came as %q", v)
	}
}
