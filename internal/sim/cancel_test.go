package sim

import (
	"net/http"
	"slices"
	"testing"
)

// told has the phone answer one request in a session that it begins.
func told(t *testing.T, acs *fakeACS, p *Phone, method, args string) seenAnswer {
	t.Helper()
	acs.order(p, method, args)
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	return acs.lastAnswer(t)
}

// TestCancelTransfer: what is dropped is neither fetched nor reported, and may be
// dropped again; of what is being fetched it is too late.
func TestCancelTransfer(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{TakesWindows: true})
	begun, let := make(chan struct{}), make(chan struct{})
	url := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-let
		_, _ = w.Write([]byte("<SIP CONFIG MODULE>"))
	})) + "/a.cfg"
	for _, key := range []string{"one", "two"} {
		if got := told(t, acs, p, "ScheduleDownload", windowArgs(key, url, timeWindow(3600, 7200, "3 When Idle"))); got.Method != "ScheduleDownloadResponse" {
			t.Fatalf("answer = %+v", got)
		}
	}
	for _, key := range []string{"one", "one", "never"} {
		if got := told(t, acs, p, "CancelTransfer", keyArg(key)); got.Method != "CancelTransferResponse" {
			t.Errorf("%s: answer = %+v", key, got)
		}
		if left := p.Ledger().Pending; !slices.Equal(left, []string{"two"}) {
			t.Errorf("after %s it holds %v", key, left)
		}
	}
	told(t, acs, p, "CancelTransfer", keyArg("two"))
	told(t, acs, p, "ScheduleDownload", windowArgs("now", url, timeWindow(0, 60, "3 When Idle")))
	<-begun
	if got := told(t, acs, p, "CancelTransfer", keyArg("now")); got.Fault != 9021 {
		t.Errorf("while it is fetched: %+v", got)
	}
	close(let)
	await(t, p, "the report", reported(1))
	if l := p.Ledger(); len(l.Configs()) != 1 {
		t.Errorf("ledger %+v", l)
	}
	acs = newACS() // phones of two fleets have the same serials
	keeps := fleetOf(t, acs, Behaviour{TakesWindows: true, KeepsWindows: true})
	if got := told(t, acs, keeps, "CancelTransfer", keyArg("one")); got.Fault != 9000 {
		t.Errorf("of a phone that does not take it: %+v", got)
	}
}
