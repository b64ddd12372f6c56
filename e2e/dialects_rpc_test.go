package e2e

// rpcCases are of what a phone makes of requests.
var rpcCases = []dialectCase{
	{name: "Q31 an access list says its type", behave: "dialect=access-list-typed", work: typedList},
	{name: "Q43 a boolean is taken as 0 or 1 alone", behave: "dialect=booleans-01", work: digitsAlone},
	{name: "Q45 times have whole seconds", behave: "dialect=whole-seconds", work: wholeSeconds},
	{name: "Q51 values are left out", behave: "dialect=values-less", work: leavesOut},
	{name: "Q51 values are added", behave: "dialect=values-more"},
	{name: "Q75 an unsupported RPC is answered with nothing", behave: "dialect=unsupported-empty", quirks: askedNothing, work: unsupportedNoted},
	{name: "Q75 an unsupported RPC is not answered", behave: "dialect=unsupported-silent", quirks: askedNothing, work: unsupported},
	{name: "Q75 an unsupported RPC ends the agent", behave: "dialect=unsupported-ends", quirks: askedNothing, work: unsupported},
	{name: "Q80 SetParameterValues answers 1", behave: "dialect=set-later",
		want: map[string][]string{"set-parameters": {"accepted", "Status 1"}}},
}

// askedNothing keeps the server from asking what a phone can do: else it is not
// sent what it does not know.
var askedNothing = map[string]any{"no_methods": true}

// digitsAlone: what a phone takes is for the order to say, and its refusal for
// the phone.
func digitsAlone(o *one) {
	o.t.Helper()
	name := o.root + "ManagementServer.UpgradesManaged"
	tasks := o.ordered(o.sets(name, "boolean", "true"), o.sets(name, "boolean", "1"))
	o.ended(tasks[0], "failed", name+": fault 9007")
	o.ended(tasks[1], "succeeded", "read back: 1 value as ordered")
}

// typedList changes attributes, with which an access list comes that is empty.
func typedList(o *one) {
	o.t.Helper()
	k := o.ordered(o.only(newJob{Kind: "set-attributes", Args: map[string]any{
		"attributes": []map[string]any{{"name": o.root + "Time.NTPServer1", "notification": 2}}}}))[0]
	o.ended(k, "succeeded", "read back: attributes of 1 parameter as ordered")
}

// wholeSeconds orders a time with more than the phone takes.
func wholeSeconds(o *one) {
	o.t.Helper()
	k := o.ordered(o.sets(o.root+"ManagementServer.PeriodicInformTime", "dateTime", "2026-01-01T03:00:00.250Z"))[0]
	o.ended(k, "succeeded", "read back: 1 value as ordered")
	o.reports("ManagementServer.PeriodicInformTime", "2026-01-01T03:00:00Z", "dateTime")
}

func leavesOut(o *one) {
	o.t.Helper()
	first, last := o.root+"Time.NTPServer1", o.root+"Time.NTPServer2"
	tasks := o.ordered(o.gets(first, last), o.loads())
	o.ended(tasks[0], "succeeded", "asked for in parts\n2 values read, in 2 requests")
	o.ended(tasks[1], "succeeded", "TransferComplete")
}

// unsupportedNoted: an answer that is none is evidence, and ends no session.
func unsupportedNoted(o *one) {
	o.t.Helper()
	id := o.order(o.t, o.only(newJob{Kind: "add-object", Args: map[string]any{"object": o.root + "X."}})).ID
	read := o.ordered(o.gets(o.root + "Time."))
	o.ended(read[0], "succeeded", "values read")
	o.informs("2 PERIODIC")
	o.ended(o.awaited(id)[0], "failed", "the phone posted nothing, or something else, instead of an answer")
	unsupported(o)
}

// unsupported orders what the phone does not know, and more behind it: that one
// task fails and says why, and the rest is done.
func unsupported(o *one) {
	o.t.Helper()
	before := o.phone.Ledger().Total("AddObject")
	add := o.only(newJob{Kind: "add-object", Args: map[string]any{"object": o.root + "Services.VoiceService.1.VoiceProfile."}})
	tasks := o.ordered(add, o.gets(o.root+"Time."), o.loads(), o.restarts())
	o.ended(tasks[0], "failed", "before the phone answered the AddObject")
	if tasks[0].Cause != "unknown-outcome" {
		o.t.Errorf("the cause is %q", tasks[0].Cause)
	}
	for _, k := range tasks[1:] {
		o.ended(k, "succeeded", "")
	}
	if n := o.phone.Ledger().Total("AddObject") - before; n != 1 {
		o.t.Errorf("AddObject was sent %d times", n)
	}
}
