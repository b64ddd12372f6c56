package record

import (
	"context"
	"net/http"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// BenchmarkPlainSession is what a session without work costs that is kept only
// if it fails.
func BenchmarkPlainSession(b *testing.B) {
	r, err := New(context.Background(), Options{Store: new(memory), Failed: true})
	if err != nil {
		b.Fatal(err)
	}
	h := http.Header{"Content-Type": {"text/xml"}, "User-Agent": {"x"}, "Cookie": {"session=x"}}
	in := &cwmp.Inform{Parameters: make([]cwmp.ParameterValue, 12)}
	for i := range in.Parameters {
		in.Parameters[i] = cwmp.ParameterValue{Name: "Device.DeviceInfo.SoftwareVersion", Value: "2.12.1"}
	}
	in.Parameters[3] = cwmp.ParameterValue{Name: "Device.ManagementServer.ConnectionRequestURL", Value: "http://10.0.0.9:7547/connection-request"}
	env := &cwmp.Envelope{Namespace: cwmp.NS1_0, Body: in}
	raw := Body{make([]byte, 3000), 3000}
	answer := cwmp.Envelope{Namespace: cwmp.NS1_0, Body: &cwmp.InformResponse{MaxEnvelopes: 1}}
	b.ReportAllocs()
	for b.Loop() {
		now := time.Now()
		t := r.Begin(db.PhoneID(1), "ABCD-1", "10.0.0.9", now)
		t.Informed(now, h, env, raw)
		t.Greeted(now, 200, "text/xml", answer, raw)
		t.Heard(now, h, "", Body{})
		t.Said(now, 204, "", nil, Body{})
		t.End(now, "empty", false)
	}
}
