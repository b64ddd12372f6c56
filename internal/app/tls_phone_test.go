package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// TestPhoneOverTLS: a phone enrols and downloads a file where there is nothing
// but TLS, so the link that it is given must be one of https.
func TestPhoneOverTLS(t *testing.T) {
	cfg := tlsConfig(t)
	cfg.CWMP, cfg.Networks, cfg.Drain = "", []string{"127.0.0.0/8"}, 0 // the phone may be cut off in a session
	r := serve(t, cfg)
	pem, err := os.ReadFile(ownCA(cfg))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	fleet := sim.New(sim.Options{
		ACS: "https://" + r.CWMPTLSAddr().String() + "/acs", Models: []string{"X6"},
		TLS: &tls.Config{RootCAs: roots}, BootTime: time.Millisecond, RetryScale: 0.01,
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- fleet.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the phone: %v", err)
		}
	}()
	has := func(path, part string) func() bool {
		return func() bool {
			b, _ := io.ReadAll(r.ask(http.MethodGet, path, "").Body)
			return strings.Contains(string(b), part)
		}
	}
	eventually(t, "the phone is known", has("/api/v1/phones", `"p1"`))
	const config = "<<VOIP CONFIG FILE>>Version:2.0002\n"
	res := r.do(http.MethodPost, "http://"+r.AdminAddr().String()+"/api/v1/files?name=a.txt&kind=config&vendor=fanvil",
		config, "Authorization", "Bearer "+testToken)
	if b, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusCreated {
		t.Fatalf("file: status %d: %s", res.StatusCode, b)
	}
	res = r.ask(http.MethodPost, "/api/v1/jobs", `{"kind":"download","args":{"file":"f1"},"selection":{"phones":["p1"]},"when":{"now":true}}`)
	if b, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusCreated {
		t.Fatalf("job: status %d: %s", res.StatusCode, b)
	}
	eventually(t, "the job has ended", has("/api/v1/jobs/j1", `"state":"ended"`))
	if !has("/api/v1/jobs/j1/tasks", `"state":"succeeded"`)() {
		b, _ := io.ReadAll(r.ask(http.MethodGet, "/api/v1/jobs/j1/tasks", "").Body)
		t.Errorf("tasks: %s", b)
	}
	l := fleet.Phone(0).Ledger()
	if len(l.Applied) != 1 || l.Applied[0].Bytes != int64(len(config)) || len(l.Breaches) != 0 {
		t.Errorf("the phone's account: %+v", l)
	}
}
