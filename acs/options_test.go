package acs

import (
	"bytes"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/cwmp"
)

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Options)
		want   string // in the error; empty: accepted
	}{
		{"the least", func(*Options) {}, ""},
		{"no store", func(o *Options) { o.Store = nil }, "store"},
		{"no dispatcher", func(o *Options) { o.Dispatcher = nil }, "dispatcher"},
		{"unknown way to enrol", func(o *Options) { o.Enrol = "all" }, "enrol"},
		{"too short a session", func(o *Options) { o.SessionTimeout = time.Second }, "session timeout"},
		{"too large a body", func(o *Options) { o.MaxBody = 1 << 30 }, "largest body"},
		{"too small a body", func(o *Options) { o.MaxBody = 100 }, "largest body"},
		{"no sessions", func(o *Options) { o.MaxSessions = -1 }, "sessions"},
		{"URL", func(o *Options) { o.PublicURL = "https://acs.example:7547/" }, ""},
		{"URL with a path", func(o *Options) { o.PublicURL = "https://acs.example/a" }, "public URL"},
		{"URL with a password", func(o *Options) { o.PublicURL = "https://u:hush@acs.example" }, "public URL"},
		{"URL of another kind", func(o *Options) { o.PublicURL = "ftp://acs.example" }, "public URL"},
		{"no URL", func(o *Options) { o.PublicURL = "acs.example" }, "public URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := newFakeStore()
			o := Options{Store: store, Dispatcher: &fakeDispatcher{store: store}}
			tt.change(&o)
			_, err := New(o)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("New = %v; want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Error("the error holds a password")
			}
		})
	}
}

func TestMetricsTwice(t *testing.T) {
	store := newFakeStore()
	o := Options{Store: store, Dispatcher: &fakeDispatcher{store: store}, Registerer: prometheus.NewRegistry()}
	if _, err := New(o); err != nil {
		t.Fatal(err)
	}
	if _, err := New(o); err == nil {
		t.Error("the same metrics registered twice")
	}
}

// sessionLine is what a session's line looks like, with or without work.
var sessionLine = regexp.MustCompile(`^time=\S+ level=INFO msg="session ended" session=\S+ phone=p1 addr=\S+ state=(\w+) count=(\d+) duration=\S+\n$`)

// TestLogOfSessions: one line each, whatever it was, with the same keys.
func TestLogOfSessions(t *testing.T) {
	var out bytes.Buffer
	r := newRig(t, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}))
	}).listen(t)
	p := r.phone(t, "A1")
	p.inform()
	p.post("").want(t, 204, "")
	for _, tt := range []struct{ state, count string }{{"empty", "0"}, {"done", "1"}, {"superseded", "0"}} {
		out.Reset()
		p.inform()
		switch tt.state {
		case "empty":
			p.post("").want(t, 204, "")
		case "done":
			r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
			p.send(p.post("").env.ID, &cwmp.RebootResponse{}).want(t, 204, "")
		case "superseded":
			p.cookie = ""
			p.inform()
		}
		if m := sessionLine.FindStringSubmatch(out.String()); m == nil || m[1] != tt.state || m[2] != tt.count {
			t.Errorf("a session that is %s: %q", tt.state, &out)
		}
	}
}

// TestLog: where only busy sessions are told of, one in which nothing happened
// is not told of above Debug, one with work is told of once, and no line holds a
// secret.
func TestLog(t *testing.T) {
	var out bytes.Buffer
	r := newRig(t, func(o *Options) {
		o.LogBusy = true
		o.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}))
	}).listen(t)
	p := r.phone(t, "A1")
	p.inform()
	p.post("").want(t, 204, "")
	if !strings.Contains(out.String(), "phone enrolled") || !strings.Contains(out.String(), "no public url") {
		t.Errorf("first session: %s", &out)
	}
	out.Reset()
	p.inform()
	p.post("").want(t, 204, "")
	if out.Len() > 0 {
		t.Errorf("a session with nothing to do: %s", &out)
	}
	r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
	p.inform()
	p.send(p.post("").env.ID, &cwmp.RebootResponse{}).want(t, 204, "")
	if n := strings.Count(out.String(), "\n"); n != 1 || !strings.Contains(out.String(), "state=done") {
		t.Errorf("a session with work: %s", &out)
	}
	out.Reset()
	for range 5 * linesPerSecond {
		p.post("<nonsense")
	}
	if n := strings.Count(out.String(), "\n"); n != linesPerSecond {
		t.Errorf("%d lines of nonsense in a second", n)
	}
	r.clock.Advance(time.Second)
	p.post("<nonsense")
	if !strings.Contains(out.String(), "count=80") {
		t.Error("the lines that were left out are not counted")
	}
	if strings.Contains(out.String(), "hush") || strings.Contains(out.String(), strings.TrimPrefix(p.cookie, "session=")) {
		t.Error("a secret is logged")
	}
}
