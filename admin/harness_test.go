package admin

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
)

// now is when all tests play.
var now = time.Date(2026, 5, 17, 9, 0, 0, 0, time.UTC)

// secret is the token that requests of tests bring unless they say otherwise.
const secret = "correct-horse-battery-staple"

// A harness is an API over fakes with a small fleet:
// p1 approved at s2 with a job under way, p2 pending, p3 and p4 of one OUI and serial.
type harness struct {
	*API
	t         *testing.T
	store     *fakeStore
	orders    *fakeOrders
	waker     *fakeWaker
	catalogue *fakeCatalogue
	clock     *clockwork.FakeClock
	log       *bytes.Buffer
	handler   http.Handler
	stop      chan struct{} // Options.Drain
}

func newHarness(t *testing.T, change ...func(*Options)) *harness {
	t.Helper()
	store := newFleet()
	h := &harness{
		t: t, store: store, log: new(bytes.Buffer), stop: make(chan struct{}),
		orders:    &fakeOrders{store: store},
		waker:     &fakeWaker{store: store},
		catalogue: &fakeCatalogue{store: store},
		clock:     clockwork.NewFakeClockAt(now),
	}
	reg := prometheus.NewRegistry()
	o := Options{
		Store: store, Orders: h.orders, Waker: h.waker, Catalogue: h.catalogue, Quirks: newFakeQuirks(t), Recorder: &fakeRecorder{store},
		Backups:  newFakeBackups(t),
		Remarks:  fakeRemarks{1: {"it informs too often: 700 in the last hour"}},
		Gatherer: reg, Registerer: reg, Clock: h.clock, Version: "1.2.3", Drain: h.stop,
		Log:   slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Hosts: []string{"ACS.example.net"},
		CA:    []byte("-----BEGIN CERTIFICATE-----\n"),
	}
	for _, c := range change {
		c(&o)
	}
	api, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	h.API, h.handler = api, api.Handler()
	return h
}

func newFleet() *fakeStore {
	phone := func(id db.PhoneID, state db.PhoneState, oui, class, serial, mac string) db.PhoneStatus {
		return db.PhoneStatus{Phone: db.Phone{
			ID: id, State: state, Site: db.DefaultSite, MAC: mac, OUI: oui, ProductClass: class, Serial: serial, Created: now,
			Vendor: "fanvil", Model: class, ConnectionRequestUser: "dps",
		}, Standing: db.Standing{Proof: db.ProvesNothing}}
	}
	s := &fakeStore{fakeFeed: &fakeFeed{}, keys: make(map[tokenKey]fakeAnswer), recorded: newFakeRecordings()}
	s.results = map[db.TaskID]db.Result{
		{Job: 1, Phone: 1}: {Attempt: 1, Time: now, RPC: "GetOptionsResponse", Answer: json.RawMessage(`{"OptionList":[]}`), Size: 17},
	}
	s.phones = []db.PhoneStatus{
		phone(1, db.PhoneApproved, "0C383E", "X6U", "A1", "0c383e000001"),
		phone(2, db.PhonePending, "0C383E", "X4/U", "B 2", "0c383e000002"),
		phone(3, db.PhoneApproved, "0C383E", "X3", "C3", "0c383e000003"),
		phone(4, db.PhoneApproved, "0C383E", "X5", "C3", "0c383e000004"),
	}
	p := &s.phones[0]
	p.Name, p.Site, p.Tags, p.Held = "Lobby", 2, []string{"lobby"}, true
	p.Manufacturer, p.SoftwareVersion, p.HardwareVersion, p.CWMP = "Fanvil", "2.4.10", "1.0", "1.2"
	p.Standing = db.Standing{Proof: db.ProvesIssued, Refused: "fault 9003", RefusedAt: now}
	p.ConnectionRequestURL = "http://10.0.0.9:7547/x"
	p.Contact = db.Contact{Bootstrap: now, Boot: now, LastInform: now, Address: "10.0.0.9", Informs: 7, LastWake: now, WakeError: "no answer"}
	s.params = []db.Parameter{
		{Name: "Device.DeviceInfo.UpTime", Type: "unsignedInt", Value: "7", Changed: now},
		{Name: "Device.Time.Enable", Value: "1", Changed: now},
	}
	s.changes = []db.Change{{Time: now, What: "event", New: "1 BOOT", By: "phone"}, {Time: now, What: "name", Old: "a", New: "b", By: "ops"}}
	s.sites = []db.Site{{ID: 1, Name: "default"}, {ID: 2, Name: "HQ / North", Zone: "Europe/Berlin", Networks: []string{"10.0.0.0/8"}, URL: "https://acs.example.net"}}
	s.windows = []db.Window{{ID: 1, Name: "night", Window: nightly(), Edition: 1, Created: now, By: "ops", Changed: now}}
	s.files = []db.File{{ID: 1, Name: "x6.z", Kind: db.FileFirmware, Vendor: "fanvil", Models: []string{"X6U"}, Version: "2.4.11",
		SHA256: strings.Repeat("ab", 32), Size: 9, Created: now, By: "ops"}}
	s.jobs = []db.JobStatus{
		{Job: db.Job{ID: 1, Kind: db.KindDownload, Args: db.Args{File: 1}, Selection: db.Selection{Phones: []string{"p1"}},
			When: db.When{Now: true}, Retry: db.Retry{Max: 3, Backoff: time.Minute}, Deadline: 90 * time.Minute, Created: now,
			Expires: now.Add(30 * day), State: db.JobActive, Selected: 2, Expanded: 2, By: "ops"},
			Counts: db.Counts{db.TaskSent: 1, db.TaskFailed: 1}},
		{Job: db.Job{ID: 2, Kind: db.KindReboot, Selection: db.Selection{All: true}, When: db.When{At: now.Add(day)}, Created: now,
			Deadline: time.Minute, Expires: now.Add(2 * day), State: db.JobExpanding, Paused: true, Cancel: true, Sweep: db.SweepCancel, Ended: now}},
	}
	fetch := db.Fetch{Time: now, Role: db.LinkNamed, Whole: true, Bytes: 9, Status: 200, Address: "10.0.0.9", Agent: "Fanvil X6U"}
	s.tasks = []db.Task{
		{ID: db.TaskID{Job: 1, Phone: 1}, State: db.TaskSent, Created: now, Why: "stored", Attempts: []db.Attempt{
			{N: 1, Key: "j1-p1-1-abcd", Sent: now, Accepted: now, Complete: now, Deadline: now.Add(day), Before: "2.4.10",
				Lead: true, Led: now, Moved: now, BytesIn: 7, BytesOut: 9, Fetches: []db.Fetch{fetch}, Count: 1}},
			Evidence: []db.Evidence{{Time: now, Attempt: 1, What: "fetched"}}},
		{ID: db.TaskID{Job: 1, Phone: 3}, State: db.TaskFailed, Created: now, Ended: now, Why: "fault 9010", Cause: db.CauseFault,
			Attempts: []db.Attempt{{N: 1, Key: "j1-p3-1-abcd", Sent: now, Deadline: now, Ended: now, Outcome: db.OutcomeFault, Fault: 9010}}},
		{ID: db.TaskID{Job: 2, Phone: 1}, State: db.TaskWaiting, Created: now, Due: now.Add(day)},
	}
	s.addUpload(db.Upload{Phone: 1, Job: 1, Attempt: 1, Kind: db.UploadConfig, Type: "text/plain", Agent: "Fanvil X6U", Created: now}, "a config")
	s.addUpload(db.Upload{Phone: 1, Job: 2, Attempt: 2, Kind: db.UploadLog, Created: now}, "a log")
	s.holds = []db.Hold{{Site: 2, Reason: "moving house", By: "ops", Since: now}}
	s.rules = []db.EnrolmentRule{{ID: 1, Order: 1000, OUI: "0C383E", Action: db.EnrolApprove, Created: now, By: "night", Admitted: 3, Last: now}}
	s.standing = []db.StandingOrder{{ID: 1, Name: "first", Created: now, Applied: 2, Last: now,
		Items: []db.StandingItem{{Kind: db.KindReboot, Retry: db.Retry{Max: 1, Backoff: time.Minute}, Deadline: time.Hour, Expires: day}}}}
	s.tokens = []db.Token{
		{ID: 1, Name: "ops", Role: roleAdmin, Hash: db.HashToken(secret)},
		{ID: 2, Name: "night", Role: roleAdmin, Hash: db.HashToken("another-secret")},
		{ID: 3, Name: "guest", Role: "viewer", Hash: db.HashToken("viewer-secret")},
		{ID: 4, Name: "shift", Role: "operator", Hash: db.HashToken("operator-secret")},
		{ID: 5, Name: "gone", Role: "admin", Hash: db.HashToken("expired-secret"), Expires: now, Created: now.Add(-day), By: "ops"},
	}
	return s
}

// An answer is what came back, already held against the OpenAPI document.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// do sends a request; header is key, value, key, value.
func (h *harness) do(method, path, body string, header ...string) *answer {
	h.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, "http://localhost"+path, in)
	r.Header.Set("Authorization", "Bearer "+secret)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return h.serve(r, body)
}

func (h *harness) serve(r *http.Request, body string) *answer {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	a := &answer{h.t, w.Code, w.Header(), w.Body.Bytes()}
	checkContract(h.t, h.router, r, body, a)
	return a
}

// is fails the test unless the status is this.
func (a *answer) is(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status = %d; want %d; body %s", a.status, status, a.body)
	}
	return a
}

// into reads the body.
func (a *answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("body %s: %v", a.body, err)
	}
}

// refuses fails the test unless the answer is this kind of problem with this field.
func (a *answer) refuses(k kind, field string) problem {
	a.t.Helper()
	a.is(k.status)
	var p problem
	a.into(&p)
	if p.Type != "urn:phoneacs:problem:"+k.token || p.Field != field || p.Status != k.status {
		a.t.Fatalf("problem %s; want %s for field %q", a.body, k.token, field)
	}
	if p.Request == "" || p.Request != a.header.Get("X-Request-Id") {
		a.t.Errorf("request id %q in the body, %q in the header", p.Request, a.header.Get("X-Request-Id"))
	}
	return p
}
