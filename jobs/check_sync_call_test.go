package jobs_test

import (
	"testing"

	"phoneacs/db"
)

// TestCheckSyncNotIntoACall: a notice, which may restart the phone whatever it
// asks for, does not leave while the phone is in a call.
func TestCheckSyncNotIntoACall(t *testing.T) {
	for _, reboot := range []bool{false, true} {
		r := newSIPRig(t, db.NoticeAnswer{Status: 200, Why: "the phone answered 200", Sent: 1})
		r.root("1")
		phone := r.inform("1", "2.4")
		v := newVoicePhone("1.Line.1")
		v.calls["1.Line.1"] = "InCall"
		job := r.order(syncOf(reboot), phone)
		r.inform("1", "2.4").silent(v)
		r.svc.AwaitNotices()
		if sent := r.notifier.take(); len(sent) > 0 {
			t.Fatalf("%v left into a call", sent)
		}
		if k := r.task(job, phone, db.TaskReady); k.Busy == nil {
			t.Errorf("its task does not know of the call: %s", k.Why)
		}
		v.calls["1.Line.1"] = "Idle"
		r.inform("1", "2.4").silent(v)
		r.svc.AwaitNotices()
		if sent := r.notifier.take(); len(sent) != 1 {
			t.Errorf("%d notices left after the call; want 1", len(sent))
		}
	}
}
