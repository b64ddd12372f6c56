package admin

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"phoneacs/db"
	"phoneacs/db/filter"
)

func TestOrder(t *testing.T) {
	at := now.Add(40 * day)
	def := db.Job{When: db.When{Now: true}, Retry: db.Retry{Max: 3, Backoff: time.Minute}, Deadline: 30 * time.Minute,
		Expires: now.Add(30 * day), Created: now, By: "ops", Kind: "reboot", Selection: db.Selection{All: true}}
	with := func(change func(*db.Job)) db.Job { j := def; change(&j); return j }
	for _, tt := range []struct {
		name, body string
		want       db.Job
		phones     []db.PhoneID
		filter     string
	}{
		{"defaults", `{"kind":"reboot","selection":{"all":true},"when":{"now":true}}`, def, nil, ""},
		{"everything", `{"kind":"download","args":{"file":"f1"},"selection":{"phones":["p2","0c383e000001","0c383e000002"]},
			"when":{"at":"` + at.In(time.FixedZone("", 7200)).Format(time.RFC3339) + `"},"expires":"2d12h","retry":{"max":0,"backoff":"1h"},
			"deadline":"90m","priority":9}`,
			db.Job{Kind: "download", Args: db.Args{File: 1}, Selection: db.Selection{Phones: []string{"p2", "0c383e000001", "0c383e000002"}},
				When: db.When{At: at}, Expires: at.Add(60 * time.Hour), Retry: db.Retry{Max: 0, Backoff: time.Hour}, Deadline: 90 * time.Minute,
				Priority: 9, Created: now, By: "ops"}, []db.PhoneID{2, 1}, ""},
		{"filter", `{"kind":"reboot","selection":{"filter":"tags:lobby"},"when":{"now":true}}`,
			with(func(j *db.Job) { j.Selection = db.Selection{Filter: "tags:lobby"} }), nil, "tags:lobby"},
		{"expires at a time", `{"kind":"reboot","selection":{"all":true},"when":{"now":true},"expires":"2026-05-18T09:00:00Z"}`,
			with(func(j *db.Job) { j.Expires = now.Add(day) }), nil, ""},
		{"late by a clock's error", `{"kind":"reboot","selection":{"all":true},"when":{"at":"2026-05-17T08:59:30Z"}}`,
			with(func(j *db.Job) {
				j.When, j.Expires = db.When{At: now.Add(-30 * time.Second)}, now.Add(30*day-30*time.Second)
			}), nil, ""},
		{"only retry.max", `{"kind":"reboot","selection":{"all":true},"when":{"now":true},"retry":{"max":20}}`,
			with(func(j *db.Job) { j.Retry.Max = 20 }), nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t)
			a := h.do("POST", "/api/v1/jobs", tt.body).is(201)
			if a.header.Get("Location") != "/api/v1/jobs/j3" || a.header.Get(replayHeader) != "" {
				t.Errorf("headers are %v", a.header)
			}
			want := db.NewJob{Job: tt.want, Phones: tt.phones}
			if diff := cmp.Diff(want, h.orders.last, cmpopts.IgnoreTypes(&filter.Filter{})); diff != "" {
				t.Errorf("order (-want +got)\n%s", diff)
			}
			if got := h.orders.last.Filter.String(); got != tt.filter {
				t.Errorf("filter is %q; want %q", got, tt.filter)
			}
		})
	}
}

func TestOrderErrors(t *testing.T) {
	const head = `{"kind":"reboot","selection":{"all":true},"when":{"now":true}`
	h := newHarness(t)
	for _, tt := range []struct {
		name, body string
		kind       kind
		field      string
	}{
		{"no kind", `{"selection":{"all":true},"when":{"now":true}}`, kindInvalid, "kind"},
		{"no selection", `{"kind":"reboot","when":{"now":true}}`, kindInvalid, "selection"},
		{"two selections", `{"kind":"reboot","selection":{"all":true,"phones":["p1"]},"when":{"now":true}}`, kindInvalid, "selection"},
		{"empty filter", `{"kind":"reboot","selection":{"filter":" "},"when":{"now":true}}`, kindInvalid, "selection.filter"},
		{"empty list", `{"kind":"reboot","selection":{"phones":[]},"when":{"now":true}}`, kindInvalid, "selection.phones"},
		{"all false", `{"kind":"reboot","selection":{"all":false},"when":{"now":true}}`, kindInvalid, "selection.all"},
		{"bad filter", `{"kind":"reboot","selection":{"filter":"state=="},"when":{"now":true}}`, kindFilter, "selection.filter"},
		{"unknown phone", `{"kind":"reboot","selection":{"phones":["p1","p99"]},"when":{"now":true}}`, kindInvalid, "selection.phones[1]"},
		{"two of a name", `{"kind":"reboot","selection":{"phones":["0C383E-C3"]},"when":{"now":true}}`, kindInvalid, "selection.phones[0]"},
		{"long reference", `{"kind":"reboot","selection":{"phones":["` + strings.Repeat("p", maxReference+1) + `"]},"when":{"now":true}}`, kindInvalid, "selection.phones[0]"},
		{"no when", `{"kind":"reboot","selection":{"all":true}}`, kindInvalid, "when"},
		{"two whens", `{"kind":"reboot","selection":{"all":true},"when":{"now":true,"at":"2027-01-01T00:00:00Z"}}`, kindInvalid, "when"},
		{"now false", `{"kind":"reboot","selection":{"all":true},"when":{"now":false}}`, kindInvalid, "when.now"},
		{"no time", `{"kind":"reboot","selection":{"all":true},"when":{"at":"tomorrow"}}`, kindInvalid, "when.at"},
		{"last year", `{"kind":"reboot","selection":{"all":true},"when":{"at":"2025-05-17T10:00:00Z"}}`, kindInvalid, "when.at"},
		{"file", `{"kind":"download","args":{"file":"x"},"selection":{"all":true},"when":{"now":true}}`, kindInvalid, "args.file"},
		{"empty file", `{"kind":"download","args":{"file":""},"selection":{"all":true},"when":{"now":true}}`, kindInvalid, "args.file"},
		{"argument", `{"kind":"download","args":{"path":"x"},"selection":{"all":true},"when":{"now":true}}`, kindUnknownField, "args.path"},
		{"priority", head + `,"priority":10}`, kindInvalid, "priority"},
		{"negative priority", head + `,"priority":-1}`, kindInvalid, "priority"},
		{"retries", head + `,"retry":{"max":21}}`, kindInvalid, "retry.max"},
		{"back-off", head + `,"retry":{"backoff":"61m"}}`, kindInvalid, "retry.backoff"},
		{"no back-off", head + `,"retry":{"backoff":"0s"}}`, kindInvalid, "retry.backoff"},
		{"deadline", head + `,"deadline":"soon"}`, kindInvalid, "deadline"},
		{"expires", head + `,"expires":"never"}`, kindInvalid, "expires"},
		{"expires at once", head + `,"expires":"0s"}`, kindInvalid, "expires"},
		{"expired", head + `,"expires":"2026-05-17T09:00:00Z"}`, kindInvalid, "expires"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := h.do("POST", "/api/v1/jobs", tt.body).refuses(tt.kind, tt.field)
			if strings.HasPrefix(tt.name, "empty") && strings.HasPrefix(tt.field, "selection") && !strings.Contains(p.Detail, `{"all": true}`) {
				t.Errorf("detail %q does not say what to do", p.Detail)
			}
			if (p.Position != nil) != (tt.kind == kindFilter) {
				t.Errorf("position is %v", p.Position)
			}
		})
	}
	if len(h.store.jobs) != 2 {
		t.Errorf("there are %d jobs", len(h.store.jobs))
	}
	for _, tt := range []struct {
		err   error
		kind  kind
		field string
	}{
		{&db.FieldError{Field: "args.file", Err: errors.New("not known")}, kindInvalid, "args.file"},
		{db.ErrTooMany, kindTooMany, "selection"},
		{db.ErrNoSpace, kindNoSpace, ""},
		{errors.New("odd"), kindInternal, ""},
	} {
		h.orders.err = fmt.Errorf("order: %w", tt.err)
		h.do("POST", "/api/v1/jobs", head+"}").refuses(tt.kind, tt.field)
	}
}

func TestIdempotency(t *testing.T) {
	const body = `{"kind":"reboot","selection":{"all":true},"when":{"now":true}}`
	h := newHarness(t)
	order := func(body, key string, more ...string) *answer {
		return h.do("POST", "/api/v1/jobs", body, append([]string{keyHeader, key}, more...)...)
	}
	first := order(body, "k1").is(201)
	if first.header.Get(replayHeader) != "" {
		t.Error("the first answer is called a replay")
	}
	want := db.Idempotency{Token: 1, Key: "k1", Body: sha256.Sum256([]byte(body))}
	if h.orders.last.Idempotency != want {
		t.Errorf("the store was given %+v", h.orders.last.Idempotency)
	}
	h.clock.Advance(time.Hour)
	again := order(body, "k1").is(201)
	if string(again.body) != string(first.body) || again.header.Get(replayHeader) != "true" ||
		again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("again: %v %s; first: %s", again.header, again.body, first.body)
	}
	order(body+" ", "k1").refuses(kindIdempotency, keyHeader)
	if a := order(body, "k1", "Authorization", "Bearer another-secret").is(201); a.header.Get(replayHeader) != "" {
		t.Error("another token's key is taken for ours")
	}
	order(body, strings.Repeat("k", maxKey)).is(201)
	for _, key := range []string{"", "a b", "ké", strings.Repeat("k", maxKey+1)} {
		order(body, key).refuses(kindInvalid, keyHeader)
	}
	// A request that fails does not keep its key.
	order(`{}`, "k2").refuses(kindInvalid, "kind")
	order(body, "k2").is(201)
}

// TestIdempotencyOutlivesTheOrder: an order is answered as it was first,
// although its phone is gone and its time has passed.
func TestIdempotencyOutlivesTheOrder(t *testing.T) {
	const body = `{"kind":"reboot","selection":{"phones":["p2"]},"when":{"at":"2026-05-17T10:00:00Z"}}`
	h := newHarness(t)
	first := h.do("POST", "/api/v1/jobs", body, keyHeader, "k1").is(201)
	h.do("DELETE", "/api/v1/phones/p2", "").is(204)
	h.clock.Advance(20 * time.Hour)
	again := h.do("POST", "/api/v1/jobs", body, keyHeader, "k1").is(201)
	if string(again.body) != string(first.body) || again.header.Get(replayHeader) != "true" {
		t.Errorf("again: %v %s; first: %s", again.header, again.body, first.body)
	}
	h.do("POST", "/api/v1/jobs", body+" ", keyHeader, "k1").refuses(kindIdempotency, keyHeader)
	h.do("POST", "/api/v1/jobs", body, keyHeader, "k2").refuses(kindInvalid, "when.at")
	h.store.err = db.ErrNoSpace
	h.do("POST", "/api/v1/jobs", body, keyHeader, "k1").refuses(kindNoSpace, "")
}

func TestIdempotencyInFlight(t *testing.T) {
	const body = `{"kind":"reboot","selection":{"all":true},"when":{"now":true}}`
	h := newHarness(t)
	h.orders.begun, h.orders.goOn = make(chan struct{}), make(chan struct{})
	first := make(chan *answer)
	go func() { first <- h.do("POST", "/api/v1/jobs", body, keyHeader, "k1") }()
	<-h.orders.begun
	a := h.do("POST", "/api/v1/jobs", body, keyHeader, "k1")
	if a.refuses(kindInFlight, keyHeader); a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	h.orders.goOn <- struct{}{}
	(<-first).is(201)
	h.orders.begun = nil
	h.do("POST", "/api/v1/jobs", body, keyHeader, "k1").is(201)
	if len(h.keys.m) != 0 {
		t.Errorf("keys are left: %v", h.keys.m)
	}
}
