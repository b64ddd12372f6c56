package e2e

import (
	"net/http"
	"strings"

	"phoneacs/internal/sim"
)

// valueCases are of what a phone says of itself, and of its refusals.
var valueCases = []dialectCase{
	{name: "Q23 Q35 values without type, or no Value at all", behave: "dialect=untyped-values"},
	{name: "Q24 an identity padded with blanks", behave: "dialect=identity-padded"},
	{name: "Q35 times without a zone", behave: "dialect=times-no-zone"},
	{name: "Q36 the type xsd: and no more", behave: "dialect=type-without-name"},
	{name: "Q36 a type of its own", behave: "dialect=type-of-its-own"},
	{name: "Q39 a DeviceId with a child more, an event without code", behave: "dialect=identity-extra"},
	{name: "Q40 the OUI in lower case, a key that says (null)", behave: "dialect=oui-lower", check: tellsNull},
	{name: "Q41 the serial number of all others", behave: "dialect=serial-placeholder", ref: "0C383E-X6-001122334455"},
	{name: "Q42 odd characters in the product class", behave: "dialect=class-odd"},
	{name: "Q43 TRUE and False", behave: "dialect=booleans-odd", work: oddBooleans},
	{name: "Q43 numbers and booleans are empty", behave: "dialect=empty-numbers"},
	{name: "Q44 times that are none", behave: "dialect=times-none"},
	{name: "Q58 an Inform four times a second", behave: "dialect=retry-storm", check: storms},
	{name: "Q77 0 BOOTSTRAP without 1 BOOT", behave: "dialect=bootstrap-alone"},
	{name: "Q79 secrets come in clear", behave: "dialect=secrets-told", with: withPassword, check: tellsNoSecrets},

	{name: "Q23 a fault without ID", behave: "dialect=fault-no-id", work: refuses("fault 9005, the phone has no parameter of that name")},
	{name: "Q38 a faultstring in capitals, several parameters", behave: "dialect=fault-capitals", work: refuses("fault 9005, the phone has no parameter of that name")},
	{name: "Q38 a fault of SOAP alone", behave: "dialect=fault-soap-alone", work: refuses("Method not implemented")},
	{name: "Q74 a fault within faultstring", behave: "dialect=fault-nested", work: refuses("fault 9005, the phone has no parameter of that name")},
}

func tellsNull(o *one) {
	o.t.Helper()
	o.reports("ManagementServer.ParameterKey", "(null)", "string")
	var p struct{ OUI string }
	o.call(o.t, http.MethodGet, "/api/v1/phones/"+o.id, nil, &p)
	if p.OUI != "0C383E" {
		o.t.Errorf("the OUI is kept as %q", p.OUI)
	}
}

// oddBooleans sets one boolean of a phone that writes them in its own way.
func oddBooleans(o *one) {
	o.t.Helper()
	name := o.root + "ManagementServer.UpgradesManaged"
	o.ended(o.ordered(o.sets(name, "boolean", "true"))[0], "succeeded", "read back: 1 value as ordered")
	o.reports("ManagementServer.UpgradesManaged", "TRUE", "boolean")
	o.ended(o.ordered(o.sets(name, "boolean", "1"))[0], "skipped", "already reports")
}

// storms wants the sessions of a phone that never rests to have ended well.
func storms(o *one) {
	o.t.Helper()
	if l := o.phone.Ledger(); l.Failed != 0 || l.Informs < 4 {
		o.t.Errorf("%d sessions failed, of %d Informs", l.Failed, l.Informs)
	}
}

const dialectSecret = "the-secret-of-one-phone"

func withPassword(o *sim.Options) { o.Password = dialectSecret }

// tellsNoSecrets looks for the password that the phone told, wherever the
// server speaks.
func tellsNoSecrets(o *one) {
	o.t.Helper()
	told := o.Log()
	for _, path := range []string{"", "/parameters", "/history", "/tasks"} {
		a, err := o.server.do(o.t.Context(), http.MethodGet, "/api/v1/phones/"+o.id+path, nil)
		if err != nil || a.status != http.StatusOK {
			o.t.Fatalf("GET %s: status %d, %v", path, a.status, err)
		}
		told += string(a.body)
	}
	if strings.Contains(told, dialectSecret) {
		o.t.Error("the server tells the phone's password")
	}
	for _, name := range []string{"Password", "ConnectionRequestPassword"} {
		o.reports("ManagementServer."+name, "", "masked")
	}
}

// refuses has a phone refuse two orders, in its own way, and take the next.
func refuses(why string) func(o *one) {
	return func(o *one) {
		o.t.Helper()
		set := o.only(newJob{Kind: "set-parameters", Args: map[string]any{"parameters": []map[string]string{
			{"name": o.root + "Nothing", "value": "1"}, {"name": o.root + "DeviceInfo.UpTime", "type": "unsignedInt", "value": "1"},
		}}})
		tasks := o.ordered(set, o.gets(o.root+"Nothing"), o.gets(o.root+"Time."))
		o.ended(tasks[0], "failed", why)
		o.ended(tasks[1], "failed", "fault 900")
		o.ended(tasks[2], "succeeded", "values read")
	}
}
