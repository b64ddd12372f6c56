package e2e

import (
	"errors"
	"slices"

	"phoneacs/internal/sim"
)

// transferCases are of how a phone reports what it fetched.
var transferCases = []dialectCase{
	{name: "Q46 TransferComplete with neither key nor times", behave: "dialect=complete-anonymous",
		want: map[string][]string{"download": {"without a key; taken for this attempt, the phone's only open transfer"}}},
	{name: "Q55 a Download is accepted and never done", behave: "never-fetch", work: neverDone},
	{name: "Q55 no TransferComplete, but the version is new", behave: "never-report", work: showsVersion},
	{name: "Q56 M Download stands before 7 TRANSFER COMPLETE", behave: "dialect=events-reversed"},
	{name: "Q57 the transfer fails", behave: "transfer-fault=9017", work: failsTransfer},
	{name: "Q74 FaultStruct stands behind the times", behave: "dialect=complete-faults-last"},
	{name: "Q76 empty times", behave: "dialect=complete-no-times"},
	{name: "Q76 the key of another RPC", behave: "dialect=complete-other-key", work: otherKey},
	{name: "Q76 without 7 TRANSFER COMPLETE", behave: "dialect=complete-no-event"},
	{name: "Q76 in a session of 6 CONNECTION REQUEST", behave: "dialect=complete-at-wake", work: reportsWhenWoken},
	{name: "Q76 several in one session", behave: "dialect=complete-twice"},
	{name: "Q76 Q80 in the 1 BOOT session of a restart that the config made", behave: "dialect=complete-no-event,restart-on-config"},
	{name: "Q77 M Reboot stands before 1 BOOT", behave: "dialect=events-reversed,restart-on-config"},
	{name: "Q80 a Download is done at once", behave: "download-now",
		want: map[string][]string{"download": {"DownloadResponse came with Status 0"}}},
}

// neverDone: the outcome is not known at the deadline, and nothing is repeated.
func neverDone(o *one) {
	o.t.Helper()
	j := o.loads()
	j.Deadline = "3s"
	k := o.ordered(j)[0]
	o.ended(k, "failed", "it has not fetched the file")
	if k.Cause != "unknown-outcome" || o.phone.Ledger().Total("Download") != 1 {
		o.t.Errorf("the cause is %q, and %d Downloads were sent", k.Cause, o.phone.Ledger().Total("Download"))
	}
	o.ended(o.ordered(o.restarts())[0], "succeeded", "M Reboot")
}

func showsVersion(o *one) {
	o.t.Helper()
	k := o.ordered(o.flashes())[0]
	o.ended(k, "succeeded", "2.12.1")
	if l := o.phone.Ledger(); len(l.Firmware()) != 1 || len(l.Reports) != 0 {
		o.t.Errorf("the phone flashed %d times and reported %d", len(l.Firmware()), len(l.Reports))
	}
}

func failsTransfer(o *one) {
	o.t.Helper()
	tasks := o.ordered(o.loads(), o.restarts())
	o.ended(tasks[0], "failed", "fault 9017")
	o.ended(tasks[1], "succeeded", "M Reboot")
}

func otherKey(o *one) {
	o.t.Helper()
	o.ended(o.ordered(o.restarts())[0], "succeeded", "M Reboot")
	k := o.ordered(o.loads())[0]
	o.ended(k, "succeeded", "taken for this attempt, the phone's only open transfer")
	if n := len(o.phone.Ledger().Configs()); n != 1 {
		o.t.Errorf("%d configs are in effect", n)
	}
}

// reportsWhenWoken wakes the phone once it has fetched.
func reportsWhenWoken(o *one) {
	o.t.Helper()
	id := o.order(o.t, o.loads()).ID
	fetched := func(l sim.Ledger) bool { return len(l.Configs()) == 1 }
	if err := o.phone.Await(o.t.Context(), fetched); err != nil {
		o.t.Fatal(err)
	}
	o.patiently("the phone is woken", func() error {
		if problem := o.wakes(); problem != "" {
			return errors.New(problem)
		}
		if len(o.phone.Ledger().Reports) == 0 {
			return errors.New("no report")
		}
		return nil
	})
	o.ended(o.awaited(id)[0], "succeeded", "TransferComplete came with the key of this attempt")
	if n := o.phone.Ledger().ConnectionRequests; n == 0 {
		o.t.Errorf("no connection request came")
	}
}

// ready says whether the one task of a job may go, or has gone.
func (o *one) ready(id string) error {
	if c := o.job(o.t, id).Counts; !slices.Contains([]int{c["ready"], c["sent"], c["succeeded"]}, 1) {
		return errors.New("not ready")
	}
	return nil
}
