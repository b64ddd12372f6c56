package jobs

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jonboulle/clockwork"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones/quirks"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestBackoffDoubles(t *testing.T) {
	for _, tt := range []struct {
		backoff time.Duration
		tries   int
		want    time.Duration
	}{
		{time.Minute, 0, time.Minute},
		{time.Minute, 1, time.Minute},
		{time.Minute, 2, 2 * time.Minute},
		{time.Minute, 6, 32 * time.Minute},
		{time.Minute, 7, time.Hour},
		{time.Minute, 1 << 40, time.Hour},
		{time.Hour, 1, time.Hour},
		{100 * time.Millisecond, 3, 400 * time.Millisecond},
	} {
		if got := backoff(db.Retry{Backoff: tt.backoff}, tt.tries); got != tt.want {
			t.Errorf("backoff(%v, %d) = %v; want %v", tt.backoff, tt.tries, got, tt.want)
		}
	}
}

// TestFaults holds which CPE faults (TR-069 A.5.1) are tried again, and that
// each says what it means and what may help.
func TestFaults(t *testing.T) {
	final := map[cwmp.FaultCode]bool{
		9000: true, 9003: true, 9005: true, 9006: true, 9007: true, 9008: true, 9009: true,
		9012: true, 9013: true, 9018: true, 9019: true,
	}
	for code := cwmp.FaultCode(9000); code <= 9899; code++ {
		r := faulted(code, "")
		if got := r.final != ""; got != final[code] {
			t.Errorf("fault %d is final: %v; want %v", code, got, final[code])
		}
		for _, want := range []string{clause(code.Meaning()), clause(code.Hint())} {
			if want == "" || !strings.Contains(r.why, want) {
				t.Errorf("fault %d says %q; want %q in it", code, r.why, want)
			}
		}
	}
}

func TestDecide(t *testing.T) {
	job := db.Job{Retry: db.Retry{Max: 2, Backoff: time.Minute}, Expires: noon.Add(time.Hour)}
	bears := traits{repeats: true}
	lost := ruling{event: db.EventUnknown, why: "lost"}
	for _, tt := range []struct {
		name   string
		traits traits
		tries  int
		change func(j *db.Job)
		r      ruling
		want   db.Verdict
	}{
		{"proof", bears, 1, nil, ruling{event: db.EventProof, why: "seen", complete: true},
			db.Verdict{Event: db.EventProof, Outcome: db.OutcomeDone, Why: "seen", Complete: true}},
		{"accept stays open", bears, 1, nil, accepted("yes"), db.Verdict{Event: db.EventAccept, Why: "yes"}},
		{"refute is final", bears, 1, nil, ruling{event: db.EventRefute, why: "other"},
			db.Verdict{Event: db.EventRefute, Outcome: db.OutcomeRefuted, Cause: db.CauseVersion, Why: "other"}},
		{"unknown, again", bears, 1, nil, lost,
			db.Verdict{Event: db.EventAgain, Outcome: db.OutcomeUnknown, Due: noon.Add(time.Minute), Why: "lost; that was attempt 1 of 3"}},
		{"unknown, last but one", bears, 2, nil, lost,
			db.Verdict{Event: db.EventAgain, Outcome: db.OutcomeUnknown, Due: noon.Add(2 * time.Minute), Why: "lost; that was attempt 2 of 3"}},
		{"unknown, last", bears, 3, nil, lost,
			db.Verdict{Event: db.EventUnknown, Outcome: db.OutcomeUnknown, Cause: db.CauseUnknown, Why: "lost; that was attempt 3 of 3"}},
		{"unknown, does not bear repetition", traits{}, 1, nil, lost,
			db.Verdict{Event: db.EventUnknown, Outcome: db.OutcomeUnknown, Cause: db.CauseUnknown, Why: "lost; not repeated by itself; retry the job if it is still wanted"}},
		{"unknown, taken back", bears, 1, func(j *db.Job) { j.Cancel = true }, lost,
			db.Verdict{Event: db.EventUnknown, Outcome: db.OutcomeUnknown, Cause: db.CauseUnknown, Why: "lost; the order was taken back, so it is not tried again"}},
		{"unknown, expires first", bears, 1, func(j *db.Job) { j.Expires = noon.Add(time.Minute) }, lost,
			db.Verdict{Event: db.EventUnknown, Outcome: db.OutcomeUnknown, Cause: db.CauseUnknown, Why: "lost; the order expires before another attempt would be due"}},
		{"fault, again", bears, 1, nil, ruling{event: db.EventFault, fault: 9016, why: "fault"},
			db.Verdict{Event: db.EventAgain, Outcome: db.OutcomeFault, Fault: 9016, Due: noon.Add(time.Minute), Why: "fault; that was attempt 1 of 3"}},
		{"fault that lasts", bears, 1, nil, ruling{event: db.EventFault, fault: 9000, why: "fault", final: "because"},
			db.Verdict{Event: db.EventFault, Outcome: db.OutcomeFault, Cause: db.CauseFault, Fault: 9000, Why: "fault; because"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := job
			if tt.change != nil {
				tt.change(&j)
			}
			f := facts{job: &j, task: &db.Task{ID: db.TaskID{Job: 1, Phone: 2}, Tries: tt.tries}, attempt: &db.Attempt{N: 7}, now: noon}
			tt.want.Task, tt.want.Attempt, tt.want.Session, tt.want.Now = f.task.ID, 7, "s", noon
			got := decide(f, tt.traits, tt.r, "s")
			if got.Task != tt.want.Task || got.Attempt != 7 || got.Session != "s" || got.Event != tt.want.Event ||
				got.Outcome != tt.want.Outcome || got.Cause != tt.want.Cause || got.Why != tt.want.Why ||
				got.Fault != tt.want.Fault || got.Complete != tt.want.Complete || !got.Now.Equal(noon) {
				t.Errorf("got %+v\nwant %+v", got, tt.want)
			}
			if tt.want.Event == db.EventAgain && !got.Due.Equal(tt.want.Due) {
				t.Errorf("due %v; want %v", got.Due, tt.want.Due)
			}
		})
	}
}

func TestMisfit(t *testing.T) {
	x6 := &db.Phone{Vendor: "fanvil", Model: "X6"}
	for _, tt := range []struct {
		name  string
		file  db.File
		phone *db.Phone
		sure  bool
		want  string
	}{
		{"for anyone", db.File{Name: "f"}, x6, true, ""},
		{"for the vendor", db.File{Name: "f", Vendor: "Fanvil"}, x6, true, ""},
		{"for the model", db.File{Name: "f", Vendor: "fanvil", Models: []string{"V65", "x6"}}, x6, true, ""},
		{"for another vendor", db.File{Name: "f", Vendor: "yealink"}, x6, false, "f is for yealink phones, the phone is a fanvil X6"},
		{"for another model", db.File{Name: "f", Vendor: "fanvil", Models: []string{"V65", "V67"}}, x6, false, "f is for fanvil V65, V67, the phone is a fanvil X6"},
		{"for a model of any vendor", db.File{Name: "f", Models: []string{"V65"}}, x6, false, "f is for any vendor's V65, the phone is a fanvil X6"},
		{"not known yet", db.File{Name: "f", Vendor: "fanvil", Models: []string{"X6"}}, &db.Phone{}, false, ""},
		{"never known", db.File{Name: "f", Vendor: "fanvil"}, &db.Phone{}, true, "f is for fanvil phones, the phone is a device of unknown make"},
		{"model never known", db.File{Name: "f", Vendor: "fanvil", Models: []string{"X6"}}, &db.Phone{Vendor: "fanvil"}, true,
			"f is for fanvil X6, the phone is a fanvil of unknown model"},
		{"vendor never known", db.File{Name: "f", Vendor: "fanvil"}, &db.Phone{Model: "T46"}, true, "f is for fanvil phones, the phone is a T46 of unknown vendor"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := misfit(&tt.file, tt.phone, tt.sure); got != tt.want {
				t.Errorf("got %q; want %q", got, tt.want)
			}
		})
	}
}

func TestDownloadWay(t *testing.T) {
	for _, tt := range []struct {
		vendor, kind, want string
		lead               bool
	}{
		{"fanvil", db.FileConfig, cwmp.FileTypeConfig, false},
		{"fanvil", db.FileFirmware, cwmp.FileTypeFirmware, false},
		{"fanvil", db.FilePhonebook, cwmp.FileTypeConfig, true},
		{"fanvil", db.FileLanguage, cwmp.FileTypeConfig, true},
		{"fanvil", db.FileRinger, "", false},
		{"fanvil", db.FileAccessList, "", false}, // not an X6
		{"", db.FileConfig, cwmp.FileTypeConfig, false},
		{"nobody", db.FileFirmware, cwmp.FileTypeFirmware, false},
		{"nobody", db.FileRinger, cwmp.FileTypeRinger, false},
		{"nobody", db.FileTone, cwmp.FileTypeTone, false},
		{"nobody", db.FilePhonebook, "", false},
		{"nobody", db.FileLanguage, "", false},
	} {
		got, ok := downloadWay(&db.File{Kind: tt.kind}, &db.Phone{Vendor: tt.vendor, Model: "X6"}, quirks.Standard())
		if got != (way{tt.want, tt.lead}) || ok != (tt.want != "") {
			t.Errorf("%s of %q: %+v, %v; want %q", tt.kind, tt.vendor, got, ok, tt.want)
		}
	}
}

func TestUploadWay(t *testing.T) {
	for _, tt := range []struct {
		vendor, model string
		arg           db.UploadArg
		want          way
	}{
		{"nobody", "", db.UploadArg{Kind: db.UploadConfig}, way{cwmp.UploadTypeConfig, false}},
		{"nobody", "", db.UploadArg{Kind: db.UploadLog}, way{cwmp.UploadTypeLog, false}},
		{"nobody", "", db.UploadArg{Kind: db.UploadConfig, Instance: 2}, way{"3 Vendor Configuration File 2", false}},
		{"nobody", "", db.UploadArg{Kind: db.UploadLog, Instance: 1}, way{"4 Vendor Log File 1", false}},
		{"fanvil", "X6", db.UploadArg{Kind: db.UploadConfig}, way{cwmp.FileTypeConfig, true}},
		{"fanvil", "X6", db.UploadArg{Kind: db.UploadConfig, Instance: 2}, way{}},
		{"fanvil", "X6", db.UploadArg{Kind: db.UploadLog}, way{}},
		{"fanvil", "H5", db.UploadArg{Kind: db.UploadConfig}, way{}},
	} {
		got, ok := uploadWay(&tt.arg, &db.Phone{Vendor: tt.vendor, Model: tt.model}, nil)
		if got != tt.want || ok != (tt.want != way{}) {
			t.Errorf("%+v of %s %s: %+v, %v; want %+v", tt.arg, tt.vendor, tt.model, got, ok, tt.want)
		}
	}
}

func TestDownloadSize(t *testing.T) {
	for _, tt := range []struct {
		size int64
		want uint32
	}{{7, 7}, {1<<32 - 1, 1<<32 - 1}, {1 << 32, 0}} {
		f := facts{file: &db.File{Kind: db.FileConfig, Size: tt.size}, phone: &db.Phone{}}
		if got := (download{}).request(f, "k", "u").(*cwmp.Download).FileSize; got != tt.want {
			t.Errorf("FileSize of %d bytes is %d; want %d", tt.size, got, tt.want)
		}
	}
}

// TestOverdueDownload holds what our own record of the link adds.
func TestOverdueDownload(t *testing.T) {
	for _, tt := range []struct {
		attempt db.Attempt
		want    string
	}{
		{db.Attempt{}, "neither answered the Download nor reported its end within 30m; it has not fetched the file"},
		{db.Attempt{Accepted: noon}, "accepted the download, but did not report its end within 30m of being sent it; it has not fetched the file"},
		{db.Attempt{Accepted: noon, Count: 1, BytesOut: 40}, "; 40 bytes were fetched"},
		{db.Attempt{Accepted: noon, Count: 1, BytesOut: 100}, "; all of the file was fetched"},
	} {
		f := facts{
			job: &db.Job{Deadline: 30 * time.Minute}, attempt: &tt.attempt, phone: &db.Phone{},
			file: &db.File{Kind: db.FileConfig, Size: 100},
		}
		if r := (download{}).overdue(f); r.event != db.EventUnknown || !strings.Contains(r.why, tt.want) {
			t.Errorf("%s %q; want %q", r.event, r.why, tt.want)
		}
	}
}

// TestFirmwareSeen holds what a reported version shows.
func TestFirmwareSeen(t *testing.T) {
	for _, tt := range []struct {
		name, before, now string
		want              db.TaskEvent
	}{
		{"as named", "2.4", "2.5", db.EventProof},
		{"as named, spelled otherwise", "2.4", "V2.5", db.EventProof},
		{"as named, nothing known before", "", "2.5", db.EventProof},
		{"unchanged", "2.4", "2.4", ""},
		{"unchanged, spelled otherwise", "2.4", "x6-2.4.z", ""},
		{"another", "2.4", "2.3", db.EventRefute},
		{"another, nothing known before", "", "2.3", ""},
		{"not reported", "2.4", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := facts{
				attempt: &db.Attempt{Before: tt.before}, file: &db.File{Kind: db.FileFirmware, Version: "2.5"},
				phone: &db.Phone{Vendor: "fanvil", Model: "X6", SoftwareVersion: tt.now},
			}
			if got := firmwareSeen(f); got.event != tt.want {
				t.Errorf("got %q (%s); want %q", got.event, got.why, tt.want)
			}
		})
	}
}

// TestKinds holds that the table is whole.
func TestKinds(t *testing.T) {
	for name, k := range kinds {
		f := facts{
			job: &db.Job{ID: 1, Kind: name, Deadline: time.Minute, Args: db.Args{
				Names: []string{"Device."}, Raw: &db.RawCall{RPC: "GetQueuedTransfers"}, Upload: &db.UploadArg{Kind: db.UploadLog},
			}}, attempt: &db.Attempt{}, phone: &db.Phone{},
			file: &db.File{Kind: db.FileConfig},
		}
		m := k.request(f, "key", "url")
		if rd, ok := k.(reader); ok && m == nil {
			m = rd.plan(f).next("session")
		}
		if n, ok := k.(noticed); ok != (m == nil) || ok && n.header(f) == "" || m != nil && cwmp.IsResponse(m) {
			t.Errorf("%s sends %v", name, m)
		}
		if r := k.overdue(f); r.event == "" || r.event == db.EventAccept {
			t.Errorf("%s leaves an overdue attempt open", name)
		}
		if r := k.answered(f, &cwmp.Unknown{}); r.event != "" || len(r.evidence) == 0 {
			t.Errorf("%s takes anything for its answer", name)
		}
		if k.awaits(f) == "" {
			t.Errorf("%s does not say what it waits for", name)
		}
		if tr := k.traits(); tr.exclusive && !tr.changes && name != db.KindUpload { // which changes nothing, unless by a config: see link
			t.Errorf("%s transfers or restarts past a hold", name)
		}
	}
	if _, err := kindOf(&db.Job{ID: 1, Kind: "dance"}); err == nil {
		t.Error("there is a kind of job that nobody knows")
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		30 * time.Minute: "30m", 90 * time.Minute: "1h30m", time.Hour: "1h", 65 * time.Second: "1m5s",
		100 * time.Millisecond: "100ms", 10 * time.Minute: "10m", 20 * time.Second: "20s", 0: "0s",
		1499 * time.Millisecond: "1s",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q; want %q", d, got, want)
		}
	}
}

// FuzzClip promises that what is repeated of a phone's words is short, valid,
// free of control characters, and not clipped further by clipping it again
// unless it was too long.
func FuzzClip(f *testing.F) {
	for _, s := range []string{"", "j1-p1-1-abcd", "a\x00b\nc", strings.Repeat("ü", 100), "\xff\xfe", strings.Repeat("x", 119) + "€"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clip(s)
		if len(got) > maxQuoted+len("…") || !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Fatalf("clip(%q) = %q", s, got)
		}
		if len(got) <= maxQuoted && clip(got) != got {
			t.Fatalf("clip(%q) = %q, and that clips to %q", s, got, clip(got))
		}
	})
}

func TestFailureLog(t *testing.T) {
	var out bytes.Buffer
	clock := clockwork.NewFakeClockAt(noon)
	l := failureLog{log: slog.New(slog.NewTextHandler(&out, nil)), clock: clock}
	lines := func() int { return strings.Count(out.String(), "\n") }
	err := errors.New("disk full")
	for _, step := range []struct {
		wait time.Duration
		err  error
		want int
	}{
		{0, nil, 0}, {0, err, 1}, {time.Second, err, 1}, {58 * time.Second, err, 1}, {time.Second, err, 2},
		{time.Second, nil, 3}, {time.Second, nil, 3}, {time.Second, err, 4},
	} {
		clock.Advance(step.wait)
		l.report(t.Context(), "work", step.err)
		if lines() != step.want {
			t.Fatalf("%d lines; want %d:\n%s", lines(), step.want, out.String())
		}
	}
}

// TestSoonListIsBounded holds that a storm of deadlines costs bounded memory.
func TestSoonListIsBounded(t *testing.T) {
	var l soonList
	for i := range db.PhoneID(maxSoon + 10) {
		l.add(i+1, noon)
	}
	if len(l.m) != maxSoon {
		t.Errorf("%d phones; want %d", len(l.m), maxSoon)
	}
	if got := l.take(noon.Add(-1), 5); len(got) != 0 {
		t.Errorf("%d phones are due early", len(got))
	}
	if got := l.take(noon, 5); len(got) != 5 || len(l.m) != maxSoon-5 {
		t.Errorf("%d taken, %d left", len(got), len(l.m))
	}
}
