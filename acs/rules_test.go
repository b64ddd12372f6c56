package acs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestRules breaks every rule once, and finds its answer and its count.
func TestRules(t *testing.T) {
	soon := func(o *Options) { o.MaxSessions = 1 }
	list := func(o *Options) { o.Enrol = EnrolList }
	cases := map[string]struct {
		change func(*Options)
		breach func(t *testing.T, r *rig, p *phone) *answered // nil: nothing answered in particular
	}{
		ruleMethod: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			return p.do(req)
		}},
		ruleEncoding: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			p.header.Set("Content-Encoding", "br")
			return p.inform()
		}},
		ruleTooLarge: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			return p.post(strings.Repeat("x", smallBody+1))
		}},
		ruleSlow: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			return serveBody(t, r, errReader{os.ErrDeadlineExceeded})
		}},
		ruleBody: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			return serveBody(t, r, errReader{io.ErrUnexpectedEOF})
		}},
		ruleBusy: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			p.inform()
			for range maxLarge {
				r.large <- struct{}{}
			}
			got := make(chan *answered)
			go func() { got <- p.post(strings.Repeat(" ", 2*smallBody)) }()
			ctx, cancel := contextFor(t)
			defer cancel()
			if err := r.clock.BlockUntilContext(ctx, 1); err != nil {
				t.Fatal(err)
			}
			r.clock.Advance(largeWait)
			return <-got
		}},
		ruleNoSession: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			return p.send("x", &cwmp.TransferComplete{})
		}},
		ruleUnasked: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			p.inform()
			return p.send("x", &cwmp.RebootResponse{})
		}},
		ruleStale: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			r.disp.queue = []cwmp.Message{&cwmp.GetRPCMethods{}, &cwmp.GetRPCMethods{}}
			p.inform()
			id := p.post("").env.ID
			p.send(id, &cwmp.GetRPCMethodsResponse{}).want(t, 200, "GetRPCMethods")
			return p.send(id, &cwmp.GetRPCMethodsResponse{})
		}},
		ruleWrongAnswer: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
			p.inform()
			p.send(p.post("").env.ID, &cwmp.DownloadResponse{}).want(t, 204, "")
			return nil
		}},
		ruleHeader: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			p.inform()
			text := envelope(t, cwmp.Envelope{ID: "x", Body: &cwmp.GetRPCMethods{}})
			p.post(strings.Replace(text, "<soap-env:Header>", `<soap-env:Header><w:Security xmlns:w="urn:w" soap-env:mustUnderstand="1"/>`, 1)).want(t, 200, "GetRPCMethodsResponse")
			return nil
		}},
		ruleSuperseded: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			p.inform()
			r.store.mu.Lock()
			clear(r.store.owner)
			r.store.mu.Unlock()
			return p.post("")
		}},
		ruleTooLong: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			p.inform()
			onlySession(t, r).requests = maxRequests
			return p.send("x", &cwmp.TransferComplete{})
		}},
		ruleFull: {change: soon, breach: func(t *testing.T, r *rig, p *phone) *answered {
			r.phone(t, "B1").inform().want(t, 200, "InformResponse")
			return p.inform()
		}},
		ruleDraining: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			if err := r.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			return p.inform()
		}},
		ruleIdentity: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			p.serial = ""
			return p.inform()
		}},
		ruleTooMany: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			in := informOf(p.serial)
			for range maxParameters {
				in.Parameters = append(in.Parameters, cwmp.ParameterValue{Name: "Device.X"})
			}
			return p.send("x", in)
		}},
		ruleBadValue: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			r.store.fail = &db.FieldError{Field: "mac", Err: errors.New("odd")}
			return p.inform()
		}},
		ruleNotListed: {change: list, breach: func(t *testing.T, r *rig, p *phone) *answered { return p.inform() }},
		ruleRefused: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			r.store.fail = db.ErrRefused
			return p.inform()
		}},
		ruleVersion: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			return p.post(envelope(t, cwmp.Envelope{Namespace: cwmp.NS1_2, OtherVersions: []string{"1.5", "2.0"}, Body: informOf(p.serial)}))
		}},
		ruleTooOften: {change: func(o *Options) { o.InformPace = time.Minute }, breach: func(t *testing.T, r *rig, p *phone) *answered {
			for range paceBurst {
				p.send("x", informOf(p.serial, cwmp.EventPeriodic)).want(t, 200, "InformResponse")
			}
			return p.send("x", informOf(p.serial, cwmp.EventPeriodic))
		}},
		rulePendingFull: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			r.store.fail = db.ErrTooMany
			return p.inform()
		}},
		ruleCrowded: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			id := informOf("A1").DeviceID
			normalize(&id)
			r.turns.gates[id] = &gate{n: maxAtGate}
			return p.inform()
		}},
		ruleUnknownRPC: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			p.inform()
			return p.send("x", &cwmp.Unknown{Name: "X_Sing", Raw: []byte("<cwmp:X_Sing/>")})
		}},
		ruleNoSpace: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			r.store.fail = db.ErrNoSpace
			return p.inform()
		}},
		ruleStuck: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			r.store.waited.Store(int64(db.StuckAfter))
			return p.inform()
		}},
		ruleLate: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			began, free := make(chan bool), make(chan bool)
			r.store.hook = func(context.Context, int) { close(began); <-free }
			t.Cleanup(func() { close(free) })
			go func() { <-began; r.answerLate(r.clock.Now().Add(lateAfter)) }()
			return p.inform()
		}},
		ruleStore: {breach: func(t *testing.T, r *rig, p *phone) *answered {
			r.store.fail = db.ErrFailed
			return p.inform()
		}},
	}
	for rule, c := range doorBreaches {
		cases[rule] = struct {
			change func(*Options)
			breach func(t *testing.T, r *rig, p *phone) *answered
		}{withDoor, c}
	}
	for rule, want := range answers {
		t.Run(rule, func(t *testing.T) {
			c, ok := cases[rule]
			if !ok {
				t.Fatal("no case breaks this rule")
			}
			r := newRig(t, c.change).listen(t)
			a := c.breach(t, r, r.phone(t, "A1"))
			if r.count(t, "phoneacs_rejections_total", rule) != 1 {
				t.Error("not counted")
			}
			if a == nil {
				return
			}
			if a.status != want.status {
				t.Fatalf("status %d (%s); want %d", a.status, a.text, want.status)
			}
			if want.fault != 0 {
				if f, ok := a.env.Body.(*cwmp.Fault); !ok || f.Code != want.fault {
					t.Errorf("answer %+v; want fault %d", a.env.Body, want.fault)
				}
			} else if a.text != rule {
				t.Errorf("body %q; want the rule", a.text)
			}
			if a.status == 503 {
				if n, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || n < 30 || n > 120 {
					t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
				}
			}
		})
	}
}

// errReader is a body that fails.
type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

// serveBody serves a POST whose body is read from src.
func serveBody(t *testing.T, r *rig, src io.Reader) *answered {
	t.Helper()
	req := request(t, "")
	req.Body, req.ContentLength = io.NopCloser(src), -1
	w := recorder()
	r.ServeHTTP(w, req)
	return &answered{status: w.Code, header: w.Header(), text: w.Body.String()}
}

// TestDecoderRules: what the decoder refuses is refused by its rule.
func TestDecoderRules(t *testing.T) {
	deep := strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)
	for _, tt := range []struct{ name, body, rule string }{
		{"too deep", deep, cwmp.RuleTooDeep},
		{"document type", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, cwmp.RuleDTD},
		{"no XML", "hello", cwmp.RuleMalformed},
		{"no envelope", "<a/>", cwmp.RuleNoEnvelope},
		{"cut short", "<a><b>", cwmp.RuleMalformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil).listen(t)
			if a := r.phone(t, "").post(tt.body).want(t, 400, ""); a.text != tt.rule {
				t.Errorf("refused by %q; want %q", a.text, tt.rule)
			}
			if r.count(t, "phoneacs_rejections_total", tt.rule) != 1 {
				t.Error("not counted")
			}
		})
	}
}

// TestDocumentedAnswers: the table of the package comment is the one in force.
func TestDocumentedAnswers(t *testing.T) {
	src, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(src)) {
		f := strings.Fields(line)
		if len(f) < 4 || f[0] != "//" || !strings.HasPrefix(line, "//\t") && f[1] == "rule" {
			continue
		}
		want, ok := answers[f[1]]
		if !ok {
			continue
		}
		seen++
		got := f[2]
		if got == "fault" {
			got += " " + f[3]
		}
		text := strconv.Itoa(want.status)
		switch {
		case want.fault != 0:
			text = "fault " + strconv.Itoa(int(want.fault))
		case want.status == 0:
			text = "-"
		}
		if got != text {
			t.Errorf("%s: documented %q, answered %q", f[1], got, text)
		}
	}
	if seen != len(answers) {
		t.Errorf("%d rules documented of %d", seen, len(answers))
	}
}

// TestDispatcherFails: a failure within a session ends it with 503, and
// nothing is acknowledged.
func TestDispatcherFails(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(d *fakeDispatcher)
		send  func(t *testing.T, p *phone) *answered
	}{
		{"informed", func(d *fakeDispatcher) { d.informed = db.ErrFailed }, func(t *testing.T, p *phone) *answered {
			return p.inform()
		}},
		{"completed", func(d *fakeDispatcher) { d.complete = db.ErrNoSpace }, func(t *testing.T, p *phone) *answered {
			p.inform()
			return p.send("x", &cwmp.TransferComplete{})
		}},
		{"next", func(d *fakeDispatcher) { d.next = context.Canceled }, func(t *testing.T, p *phone) *answered {
			p.inform()
			return p.post("")
		}},
		{"answered", func(d *fakeDispatcher) { d.answered = db.ErrClosed }, func(t *testing.T, p *phone) *answered {
			p.inform()
			return p.send(p.post("").env.ID, &cwmp.RebootResponse{})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil).listen(t)
			r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
			tt.spoil(r.disp)
			a := tt.send(t, r.phone(t, "A1")).want(t, 503, "")
			if a.header.Get("Retry-After") == "" || r.stateNow() != stateNone || r.store.ended != 1 {
				t.Errorf("headers %v, %d sessions ended", a.header, r.store.ended)
			}
		})
	}
}

// TestInformFailureReleases: an Inform that is not taken leaves no trace.
func TestInformFailureReleases(t *testing.T) {
	r := newRig(t, nil).listen(t)
	r.store.fail = db.ErrFailed
	p := r.phone(t, "A1")
	if a := p.inform().want(t, 503, ""); a.header.Get("Set-Cookie") != "" {
		t.Error("a cookie without a session")
	}
	if r.stateNow() != stateNone || len(r.turns.gates) != 0 {
		t.Error("something is left of the Inform")
	}
	r.store.fail = nil
	p.inform().want(t, 200, "InformResponse")
}
