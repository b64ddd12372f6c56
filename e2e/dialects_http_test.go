package e2e

import (
	"net/http"
	"testing"

	"phoneacs/internal/sim"
)

// httpCases are of cookies, headers and bodies.
var httpCases = []dialectCase{
	{name: "Q12 the end is 204 and never an empty 200", check: func(o *one) { o.informs("2 PERIODIC") }},
	{name: "Q1 a cookie needs its path", behave: "new-conn-each-post,dialect=cookie-path"},
	{name: "Q2 no cookie comes back", behave: "no-cookie"},
	{name: "Q3 the cookie is wanted in every answer", behave: "new-conn-each-post,dialect=cookie-fresh"},
	{name: "Q4 the last session's cookie comes with a new Inform", behave: "new-conn-each-post,stale-cookie"},
	{name: "Q5 cookies are separated by commas", behave: "new-conn-each-post,dialect=cookie-commas"},
	{name: "Q5 cookies are quoted", behave: "new-conn-each-post,dialect=cookie-quoted"},
	{name: "Q73 the cookie comes with its attributes", behave: "new-conn-each-post,dialect=cookie-attributes"},
	{name: "Q73 room for cookies is small", behave: "new-conn-each-post,dialect=cookie-room,dialect=cookie-path,dialect=cookie-fresh"},
	{name: "Q8 every POST has a connection of its own", behave: "new-conn-each-post"},
	{name: "Q10 the body waits for 100 Continue", behave: "dialect=expect-continue"},
	{name: "Q11 SOAPAction is missing", behave: "dialect=soapaction-none"},
	{name: "Q11 SOAPAction is empty", behave: "dialect=soapaction-quotes"},
	{name: "Q11 SOAPAction has a name", behave: "dialect=soapaction-name"},
	{name: "Q13 the queue is worked off before the 204", behave: "dialect=cr-no-url", work: oneSession},
	{name: "Q14 each connection is closed", behave: "dialect=no-keep-alive"},
	{name: "Q15 nothing but empty POSTs", behave: "dialect=only-empty", ref: unknown, work: neverInforms},
	{name: "Q16 the end is asked for twice more", behave: "dialect=empty-after"},
	{name: "Q17 chunks, Latin-1 and Basic unasked", behave: "chunked,dialect=latin1,dialect=basic-unasked", check: tellsUmlaut},
	{name: "Q18 gzip", behave: "dialect=gzip"},
	{name: "Q18 deflate", behave: "dialect=deflate"},
	{name: "Q18 deflate without zlib", behave: "dialect=deflate-bare"},
	{name: "Q18 the charset is in Content-Type alone", behave: "dialect=latin1-in-header", check: tellsUmlaut},
	{name: "Q19 Authorization cannot be read", behave: "dialect=auth-malformed"},
	{name: "Q33 the declaration is spread over lines", behave: "dialect=declaration-lines"},
	{name: "Q34 Latin-1 is declared as UTF-8", behave: "dialect=latin1-silent", check: tellsUmlaut},
	{name: "Q34 UTF-8 is declared as Latin-1", behave: "dialect=utf8-silent", check: tellsUmlaut},
	{name: "Q70 an empty POST comes first", behave: "dialect=empty-first"},
}

// tellsUmlaut wants the value that these dialects put into each Inform.
func tellsUmlaut(o *one) {
	o.t.Helper()
	o.reports("DeviceInfo.ProvisioningCode", "Küche", "string")
}

// oneSession has two tasks wait for a phone that cannot be woken, and wants
// both done in the one session that it begins.
func oneSession(o *one) {
	o.t.Helper()
	o.takesOwn()
	first, second := o.order(o.t, o.gets(o.root+"Time.")).ID, o.order(o.t, o.sets(o.root+"Time.NTPServer2", "string", "a")).ID
	for _, id := range []string{first, second} {
		o.patiently(id+" is ready", func() error { return o.ready(id) })
	}
	before := o.phone.Ledger().Sessions
	o.informs("2 PERIODIC")
	for _, k := range o.awaited(first, second) {
		o.ended(k, "succeeded", "")
	}
	if n := o.phone.Ledger().Sessions - before; n != 1 {
		o.t.Errorf("it took %d sessions", n)
	}
}

// neverInforms wants a phone that only posts nothing to be answered, and left.
func neverInforms(o *one) {
	o.t.Helper()
	for range 3 {
		o.informs()
	}
	a, err := o.server.do(o.t.Context(), http.MethodGet, "/api/v1/phones/"+o.phone.MAC().String(), nil)
	if err != nil || a.status != http.StatusNotFound || o.phone.Ledger().Informs != 0 {
		o.t.Errorf("the server answers %d, %v; the phone informed %d times", a.status, err, o.phone.Ledger().Informs)
	}
}

// contactRequests is how many HTTP requests the first contact of a new phone
// may take.
const contactRequests = 4

// TestFirstContact counts what a phone from the box sends until the server
// knows it.
func TestFirstContact(t *testing.T) {
	for _, enrol := range []string{"approve", "open"} {
		t.Run(enrol, func(t *testing.T) {
			s := startServer(t, t.TempDir(), "--enrol", enrol)
			n := countRequests(t, sim.Options{ACS: s.ACS(), Models: []string{"X6"}, PeriodicInterval: -1})
			s.awaitPhones(t, 1, 0)
			if n > contactRequests {
				t.Errorf("the first contact takes %d requests; %d are the bound", n, contactRequests)
			}
			t.Logf("%d requests", n)
		})
	}
}

// countRequests counts the HTTP requests of a phone's first session, whatever
// it is challenged with.
func countRequests(t *testing.T, o sim.Options) int {
	t.Helper()
	o.Manual = true
	p := sim.New(o).Phone(0)
	if err := p.Inform(t.Context(), "0 BOOTSTRAP", "1 BOOT"); err != nil {
		t.Fatalf("first contact: %v", err)
	}
	return p.Ledger().Posts
}
