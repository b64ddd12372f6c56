package acs

import (
	"strings"
	"testing"

	"phoneacs/cwmp"
	"phoneacs/db"
)

func TestAnnounced(t *testing.T) {
	for _, tt := range []struct {
		in   cwmp.Message
		want string
	}{
		{&cwmp.AutonomousTransferComplete{IsDownload: true, FileType: "1 Firmware Upgrade Image", TransferURL: "http://u:pw@fw.example:81/secret?token=x"},
			"autonomous download of 1 Firmware Upgrade Image from fw.example: fault 0"},
		{&cwmp.AutonomousTransferComplete{FileType: "4 Vendor Log File", TransferURL: "%zz", Fault: cwmp.FaultStruct{Code: 9011, String: "at http://a/?token=x"}},
			"autonomous upload of 4 Vendor Log File to an unnamed host: fault 9011"},
		{&cwmp.DUStateChangeComplete{Results: []cwmp.DUResult{{Version: "1.2", CurrentState: "Installed", UUID: "u"}}},
			"software modules changed: version 1.2: Installed: fault 0"},
		{&cwmp.AutonomousDUStateChangeComplete{Results: make([]cwmp.DUResult, 6)},
			"software modules changed by the phone itself: version nothing named: nothing named: fault 0; "},
		{&cwmp.RequestDownload{FileType: "5 Ring", Args: []cwmp.Arg{{Name: "melody", Value: "hunter2"}}}, "asked for a download of 5 Ring, by melody"},
		{&cwmp.RequestDownload{}, "asked for a download of nothing named"},
		{&cwmp.Kicked{Command: "hunter2", Referer: "https://portal.example/?s=hunter2", Arg: "hunter2", Next: "hunter2"}, "kicked by a page of portal.example"},
		{&cwmp.RequestDownload{FileType: "a\x01" + strings.Repeat("é", 100)}, "asked for a download of a?" + strings.Repeat("é", 62)},
		{&cwmp.GetRPCMethods{}, ""},
		{&cwmp.TransferComplete{}, ""},
	} {
		if got := announced(tt.in); got != tt.want && !(strings.HasSuffix(tt.want, "; ") && strings.HasPrefix(got, tt.want) && strings.HasSuffix(got, "and 2 more")) {
			t.Errorf("%s: %q; want %q", tt.in.RPC(), got, tt.want)
		}
	}
}

// TestAnnouncedIsKept: what a phone announces stands in its history before it is
// answered; where that fails it is not answered, and what nobody proved is not
// kept.
func TestAnnouncedIsKept(t *testing.T) {
	requests := []cwmp.Message{
		&cwmp.AutonomousTransferComplete{IsDownload: true, TransferURL: "http://fw.example/"},
		&cwmp.DUStateChangeComplete{Results: []cwmp.DUResult{{CurrentState: "Installed"}}},
		&cwmp.AutonomousDUStateChangeComplete{Results: []cwmp.DUResult{{CurrentState: "Installed", OperationPerformed: "Install"}}},
		&cwmp.RequestDownload{FileType: "5 Ring"},
		&cwmp.Kicked{},
	}
	for _, m := range requests {
		t.Run(m.RPC(), func(t *testing.T) {
			r := newRig(t, nil).listen(t)
			p := r.phone(t, "A1")
			p.inform().want(t, 200, "InformResponse")
			p.send("x", m).want(t, 200, m.RPC()+"Response")
			if h := r.store.history(); len(h) < 3 || h[2] != "announced "+announced(m) {
				t.Fatalf("history %q; want what was announced", h)
			}
			r.store.announceFail = db.ErrFailed
			if a := p.send("x", m).want(t, 503, ""); a.text != ruleStore {
				t.Errorf("refused by %q", a.text)
			}
			p.inform().want(t, 200, "InformResponse")
			r.store.announceFail = db.ErrSuperseded
			if a := p.send("x", m).want(t, 400, ""); a.text != ruleSuperseded {
				t.Errorf("refused by %q", a.text)
			}
			p.inform().want(t, 200, "InformResponse")
			r.store.announceFail = db.ErrNotFound
			p.send("x", m).want(t, 200, m.RPC()+"Response")
		})
	}
	r := newRig(t, withDoor).listen(t)
	p := r.phone(t, "A1")
	p.inform().want(t, 200, "InformResponse")
	p.send("x", requests[0]).want(t, 200, "AutonomousTransferCompleteResponse")
	if h := strings.Join(r.store.history(), ";"); strings.Contains(h, "announced") {
		t.Errorf("kept without proof: %s", h)
	}
}
