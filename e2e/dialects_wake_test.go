package e2e

import (
	"strings"

	"phoneacs/internal/sim"
)

// wakeCases are of connection requests. These phones begin no session by
// themselves but those that they owe, so a day is done only if they are woken.
var wakeCases = []dialectCase{
	{name: "Q21 the proof is taken over the same connection alone", behave: "dialect=cr-same-socket", check: woken},
	{name: "Q21 the proof is taken over a new connection alone", behave: "dialect=cr-new-socket", check: woken},
	{name: "Q21 the proof is refused over the same connection", behave: "dialect=cr-new-socket-401", check: woken},
	{name: "Q60 a challenge without qop", behave: "no-qop", check: woken},
	{name: "Q61 no proof is asked for", behave: "dialect=cr-open", check: woken},
	{name: "Q62 the URL is empty", behave: "dialect=cr-no-url", work: notWoken("has not said where it takes connection requests")},
	{name: "Q62 the URL is nonsense", behave: "dialect=cr-bad-url", work: notWoken("connection request URL cannot be used")},
	{name: "Q63 the Inform comes before the answer", behave: "dialect=cr-late", check: woken},
	{name: "Q64 the password is another", work: cured,
		with: func(o *sim.Options) { o.ConnReqPassword = "another" }},
	{name: "Q68 the connection closes after the 401", behave: "dialect=cr-closed-after-401", check: woken},
	{name: "Q78 lines end in LF", behave: "dialect=cr-lf", check: woken},
	{name: "Q78 lines end in LF, and there is no qop", behave: "dialect=cr-lf,no-qop", check: woken},
	{name: "Q78 the challenge is folded", behave: "dialect=cr-folded", check: woken},
	{name: "Q78 the headers have no end", behave: "dialect=cr-no-blank-line", check: woken},
	{name: "Q78 spaces for commas", behave: "dialect=cr-spaces", check: woken},
	{name: "Q78 only the very text is understood", behave: "dialect=cr-exact", check: woken},
	{name: "Q78 only the root is taken", behave: "dialect=cr-root", check: woken, with: func(o *sim.Options) { o.OwnListeners = true }},
	{name: "Q78 it is busy at first", behave: "dialect=cr-busy", work: busyAtFirst},
}

// woken wants the day to have been begun by connection requests.
func woken(o *one) {
	o.t.Helper()
	if n := o.phone.Ledger().ConnectionRequests; n == 0 {
		o.t.Error("no connection request was taken")
	}
}

// notWoken wants the reason why a phone cannot be woken, and its work done when
// it comes by itself.
func notWoken(why string) func(o *one) {
	return func(o *one) {
		o.t.Helper()
		if said := o.wakes(); !strings.Contains(said, why) {
			o.t.Errorf("the wake says %q; want %q in it", said, why)
		}
		o.takesOwn()
		id := o.order(o.t, o.gets(o.root+"Time.")).ID
		o.patiently(id+" is ready", func() error { return o.ready(id) })
		o.informs("2 PERIODIC")
		o.ended(o.awaited(id)[0], "succeeded", "values read")
		if n := o.phone.Ledger().ConnectionRequests; n != 0 {
			o.t.Errorf("%d connection requests were taken", n)
		}
	}
}

// cured wants the reason why the phone cannot be woken, and that it can be once
// it has been given other credentials in a session that it began by itself.
func cured(o *one) {
	o.t.Helper()
	if said := o.wakes(); !strings.Contains(said, "its connection-request password is not ours") {
		o.t.Errorf("the wake says %q", said)
	}
	o.takesOwn()
	o.day(nil)
	woken(o)
}

// takesOwn has a phone that cannot be woken take its own credentials.
func (o *one) takesOwn() {
	o.t.Helper()
	o.informs("2 PERIODIC")
	o.informs("2 PERIODIC")
	if m := o.managed(o.t, o.id); m.Proof != "own" {
		o.t.Errorf("after two sessions it is %+v", m)
	}
}

func busyAtFirst(o *one) {
	o.t.Helper()
	if said := o.wakes(); !strings.Contains(said, "it is busy") {
		o.t.Errorf("the first wake says %q", said)
	}
	if said := o.wakes(); !strings.Contains(said, "the next connection request may be made at") {
		o.t.Errorf("the second wake says %q; want it to be put off", said)
	}
	o.day(nil)
	woken(o)
}
