package acs

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/cwmp"
)

// rig is a server with fakes around it.
type rig struct {
	*Server
	store *fakeStore
	disp  *fakeDispatcher
	clock *clockwork.FakeClock
	reg   *prometheus.Registry
	url   string
}

// newRig makes a rig; change edits its options.
func newRig(t testing.TB, change func(*Options)) *rig {
	t.Helper()
	r := &rig{store: newFakeStore(), clock: clockwork.NewFakeClock(), reg: prometheus.NewRegistry()}
	r.disp = &fakeDispatcher{store: r.store}
	o := Options{Store: r.store, Dispatcher: r.disp, Clock: r.clock, Enrol: EnrolOpen, Registerer: r.reg}
	if change != nil {
		change(&o)
	}
	var err error
	if r.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	return r
}

// listen serves the rig on a real socket.
func (r *rig) listen(t testing.TB) *rig {
	t.Helper()
	srv := httptest.NewUnstartedServer(r.Server)
	srv.Config.ConnContext = r.ConnContext
	srv.Start()
	t.Cleanup(srv.Close)
	r.url = srv.URL
	return r
}

// count returns the value of a counter or gauge.
func (r *rig) count(t testing.TB, name, label string) float64 {
	t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if label == "" || m.GetLabel()[0].GetValue() == label {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return 0
}

// phone is a client that behaves like a phone.
type phone struct {
	t       testing.TB
	url     string
	client  *http.Client
	serial  string
	cookie  string // the last one set
	forgets bool   // returns no cookie
	header  http.Header
}

func (r *rig) phone(t testing.TB, serial string) *phone {
	t.Helper()
	tr := &http.Transport{MaxConnsPerHost: 1}
	t.Cleanup(tr.CloseIdleConnections)
	return &phone{t: t, url: r.url, client: &http.Client{Transport: tr}, serial: serial, header: http.Header{}}
}

// an answer as the phone sees it.
type answered struct {
	status int
	header http.Header
	text   string
	env    *cwmp.Envelope // nil: no envelope
}

func (a *answered) rpc() string {
	if a.env == nil {
		return ""
	}
	return a.env.Body.RPC()
}

// post sends bytes as they are.
func (p *phone) post(body string) *answered {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	return p.do(req)
}

func (p *phone) do(req *http.Request) *answered {
	p.t.Helper()
	for k, v := range p.header {
		req.Header[k] = v
	}
	if p.cookie != "" && !p.forgets && req.Header["Cookie"] == nil {
		req.Header.Set("Cookie", p.cookie)
	}
	res, err := p.client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	a := &answered{status: res.StatusCode, header: res.Header, text: string(text)}
	if bytes.HasPrefix(text, []byte("<")) {
		if a.env, err = cwmp.Decode(text); err != nil {
			p.t.Fatal(err)
		}
	}
	if set := res.Header.Get("Set-Cookie"); set != "" {
		p.cookie, _, _ = strings.Cut(set, ";")
	}
	return a
}

// send posts a message.
func (p *phone) send(id string, m cwmp.Message) *answered {
	p.t.Helper()
	return p.post(envelope(p.t, cwmp.Envelope{ID: id, Body: m}))
}

// inform posts an Inform with the usual parameters.
func (p *phone) inform(events ...string) *answered {
	p.t.Helper()
	return p.send("i1", informOf(p.serial, events...))
}

func informOf(serial string, events ...string) *cwmp.Inform {
	in := &cwmp.Inform{
		DeviceID:     cwmp.DeviceID{Manufacturer: "Fanvil", OUI: "0c383e", ProductClass: "X6", SerialNumber: serial},
		MaxEnvelopes: 1,
		Parameters: []cwmp.ParameterValue{
			{Name: "Device.DeviceInfo.HardwareVersion", Value: "v1.0"},
			{Name: "Device.DeviceInfo.SoftwareVersion", Value: "2.4.11"},
			{Name: "Device.ManagementServer.ConnectionRequestURL", Value: "http://127.0.0.1:7547/x"},
			{Name: "Device.ManagementServer.ConnectionRequestPassword", Value: "hush"},
		},
	}
	for _, e := range events {
		in.Events = append(in.Events, cwmp.Event{Code: e})
	}
	return in
}

func envelope(t testing.TB, env cwmp.Envelope) string {
	t.Helper()
	b, err := env.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// want checks status and message of an answer.
func (a *answered) want(t testing.TB, status int, rpc string) *answered {
	t.Helper()
	if a.status != status || a.rpc() != rpc {
		t.Fatalf("answer %d %q (%.200s); want %d %q", a.status, a.rpc(), a.text, status, rpc)
	}
	return a
}
