package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"phoneacs/db"
)

func TestHealth(t *testing.T) {
	h := newHarness(t)
	if a := h.do("GET", "/healthz", "").is(200); string(a.body) != `{"status":"ok","version":"1.2.3"}` {
		t.Errorf("health is %s", a.body)
	}
	for _, tt := range []struct {
		err          error
		status, says string
	}{
		{db.ErrNoSpace, "full", "the store takes no writes: the disk is full"},
		{db.ErrFailed, "failed", "the store takes no writes: it is not known what is on the disk, and the server ends"},
		{errors.New("odd"), "failed", "the store takes no writes"},
	} {
		h.store.ready = fmt.Errorf("bucket 7: %w", tt.err)
		want := fmt.Sprintf(`{"status":%q,"reasons":[%q],"version":"1.2.3"}`, tt.status, tt.says)
		if a := h.do("GET", "/readyz", "").is(503); string(a.body) != want {
			t.Errorf("answer %s; want %s", a.body, want)
		}
		if a := h.do("GET", "/readyz", "", "Accept", "text/plain").is(503); string(a.body) != tt.status+": "+tt.says+"\n" {
			t.Errorf("the line is %q", a.body)
		}
		h.do("GET", "/healthz", "").is(200)
	}
	if strings.Contains(h.log.String(), `"level":"ERROR"`) {
		t.Errorf("each probe is logged as an error: %s", h.log)
	}
	h.store.ready = nil
	if a := h.do("GET", "/readyz", "").is(200); string(a.body) != `{"status":"ok","version":"1.2.3"}` {
		t.Errorf("ready: %s", a.body)
	}
	close(h.stop)
	if a := h.do("GET", "/readyz", "").is(503); string(a.body) != `{"status":"stopping","reasons":["the server is stopping"],"version":"1.2.3"}` {
		t.Errorf("stopping: %s", a.body)
	}
	h.store.ready = db.ErrFailed // both at once: the worse one first
	if a := h.do("GET", "/readyz", "", "Accept", "text/plain").is(503); !strings.HasPrefix(string(a.body), "failed: ") || !strings.HasSuffix(string(a.body), "; the server is stopping\n") {
		t.Errorf("stopping and failed: %s", a.body)
	}
	h.do("GET", "/healthz", "").is(200)
}

func TestMetrics(t *testing.T) {
	h := newHarness(t)
	h.do("GET", "/api/v1/phones/p1", "").is(200)
	h.do("GET", "/api/v1/phones/p99", "").is(404)
	h.do("GET", "/api/v1/none", "").is(404)
	a := h.do("GET", "/metrics", "").is(200)
	for _, want := range []string{
		`phoneacs_admin_requests_total{route="getPhone",status="200"} 1`,
		`phoneacs_admin_requests_total{route="getPhone",status="404"} 1`,
		`phoneacs_admin_requests_total{route="",status="404"} 1`,
		`phoneacs_admin_request_seconds_count{route="getPhone"} 2`,
		`phoneacs_admin_event_readers 0`,
	} {
		if !strings.Contains(string(a.body), want+"\n") {
			t.Errorf("%s is missing in\n%s", want, a.body)
		}
	}
}

// TestMetricsIncomplete: a collector that fails is logged, the others are shown.
func TestMetricsIncomplete(t *testing.T) {
	h := newHarness(t, func(o *Options) {
		o.Gatherer = prometheus.Gatherers{o.Gatherer, prometheus.GathererFunc(broken)}
	})
	a := h.do("GET", "/metrics", "").is(200)
	if !strings.Contains(string(a.body), "phoneacs_admin_event_readers 0") {
		t.Errorf("metrics are %s", a.body)
	}
	if !strings.Contains(h.log.String(), "collector broke") {
		t.Errorf("log is %s", h.log)
	}
}

func broken() ([]*dto.MetricFamily, error) { return nil, errors.New("collector broke") }

func TestOpenAPIIsServed(t *testing.T) {
	a := newHarness(t).do("GET", "/api/v1/openapi.json", "", "Authorization", "").is(200)
	var doc struct{ OpenAPI string }
	if err := json.Unmarshal(a.body, &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Errorf("openapi is %q, %v", doc.OpenAPI, err)
	}
}

func TestNew(t *testing.T) {
	h := newHarness(t)
	good := Options{Store: h.store, Orders: h.orders, Waker: h.waker, Catalogue: h.catalogue,
		Quirks: h.API.quirks, Recorder: h.recorder, Backups: h.API.backups, Gatherer: prometheus.NewRegistry()}
	if a, err := New(good); err != nil || a.maxFile != defaultMaxFile {
		t.Errorf("New with the least: %v", err)
	}
	for want, spoil := range map[string]func(*Options){
		"Options.Store":     func(o *Options) { o.Store = nil },
		"Options.Orders":    func(o *Options) { o.Orders = nil },
		"Options.Waker":     func(o *Options) { o.Waker = nil },
		"Options.Catalogue": func(o *Options) { o.Catalogue = nil },
		"Options.Quirks":    func(o *Options) { o.Quirks = nil },
		"Options.Recorder":  func(o *Options) { o.Recorder = nil },
		"Options.Gatherer":  func(o *Options) { o.Gatherer = nil },
		"Options.MaxFile":   func(o *Options) { o.MaxFile = -1 },
		`"acs:7080"`:        func(o *Options) { o.Hosts = []string{"acs:7080"} },
		`""`:                func(o *Options) { o.Hosts = []string{""} },
		"phoneacs_admin_requests_total": func(o *Options) {
			r := prometheus.NewRegistry()
			r.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "phoneacs_admin_requests_total", Help: "taken"}))
			o.Registerer = r
		},
	} {
		o := good
		spoil(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New error = %v; want %s in it", err, want)
		}
	}
}

// A db.Store is all that admin needs of a store.
var _ Store = db.Store(nil)

// TestCA: who has no authority of its own says so.
func TestCA(t *testing.T) {
	a := newHarness(t).do("GET", "/api/v1/ca", "").is(200)
	if got := string(a.body); got != "-----BEGIN CERTIFICATE-----\n" || a.header.Get("Content-Disposition") == "" {
		t.Errorf("answer %q with %v", got, a.header)
	}
	newHarness(t, func(o *Options) { o.CA = nil }).do("GET", "/api/v1/ca", "").refuses(kindNotFound, "")
}
