package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func windowArgs(key, url string, windows ...string) string {
	return keyArg(key) + "<FileType>3 Vendor Configuration File</FileType><URL>" + url + "</URL><Username></Username><Password></Password>" +
		"<FileSize>0</FileSize><TargetFileName></TargetFileName>" +
		fmt.Sprintf(`<TimeWindowList soapenc:arrayType="cwmp:TimeWindowStruct[%d]">`, len(windows)) + strings.Join(windows, "") + "</TimeWindowList>"
}

func timeWindow(start, end int, mode string) string {
	return fmt.Sprintf("<TimeWindowStruct><WindowStart>%d</WindowStart><WindowEnd>%d</WindowEnd><WindowMode>%s</WindowMode>"+
		"<UserMessage></UserMessage><MaxRetries>0</MaxRetries></TimeWindowStruct>", start, end, mode)
}

// TestScheduleDownload: a phone that knows it fetches when the window opens, not
// before, also if its power was cut meanwhile, and reports that as such.
func TestScheduleDownload(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{TakesWindows: true})
	store := &files{body: map[string][]byte{"/a.cfg": []byte("<SIP CONFIG MODULE>")}}
	url := newServer(t, store) + "/a.cfg"
	idle := timeWindow(2, 60, "3 When Idle")
	for name, bad := range map[string]string{
		"no window": windowArgs("bad", url), "three": windowArgs("bad", url, idle, idle, idle), "overlap": windowArgs("bad", url, idle, idle),
		"backwards": windowArgs("bad", url, timeWindow(60, 2, "3 When Idle")), "mode": windowArgs("bad", url, timeWindow(2, 60, "5 Never")),
		"no URL": windowArgs("bad", "", idle),
	} {
		acs.order(p, "ScheduleDownload", bad)
		if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
			t.Fatal(err)
		}
		if got := acs.lastAnswer(t); got.Fault != 9003 {
			t.Errorf("%s: %+v; want fault 9003", name, got)
		}
	}
	acs.order(p, "ScheduleDownload", windowArgs("slot", url, idle))
	begun := time.Now()
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	if got := acs.lastAnswer(t); got.Method != "ScheduleDownloadResponse" {
		t.Fatalf("answer = %+v", got)
	}
	p.PowerCut()
	await(t, p, "the report", reported(1))
	if took := time.Since(begun); took < 2*time.Second {
		t.Errorf("it was fetched after %s; the window opens after 2 s", took)
	}
	told := slices.ContainsFunc(acs.seenInforms(), func(in seenInform) bool {
		return slices.Contains(in.Events, "7 TRANSFER COMPLETE") && slices.Contains(in.Events, "M ScheduleDownload=slot")
	})
	if l := p.Ledger(); !told || len(l.Configs()) != 1 || len(store.seen("/a.cfg")) != 1 {
		t.Errorf("told %t; ledger %+v", told, l)
	}
}
