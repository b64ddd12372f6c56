package app

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tlsConfig serves phones by TLS too.
func tlsConfig(tb testing.TB) Config {
	tb.Helper()
	cfg := testConfig(tb)
	cfg.CWMPTLS = "127.0.0.1:0"
	return cfg
}

func ownCA(cfg Config) string { return filepath.Join(cfg.Data, tlsDir, "ca.crt") }

// TestOwnAuthority: a phone that trusts the authority of this server alone
// trusts this server, by each of its names, also after a new start.
func TestOwnAuthority(t *testing.T) {
	cfg := tlsConfig(t)
	cfg.PublicURL = "https://acs.example.com:7548"
	var first string
	for range 2 {
		r := serve(t, cfg)
		res := r.ask(http.MethodGet, "/api/v1/ca", "")
		pem, _ := io.ReadAll(res.Body)
		kept, err := os.ReadFile(ownCA(cfg))
		if err != nil || string(kept) != string(pem) || first != "" && first != string(pem) {
			t.Fatalf("GET /api/v1/ca: %d %s; in the file %s, %v; before %s", res.StatusCode, pem, kept, err, first)
		}
		first = string(pem)
		trust := []string{"--cacert", ownCA(cfg)}
		if got, said := curl(t, append(trust, emptyPost(r.CWMPTLSAddr())...)...); got != http.StatusUnauthorized {
			t.Errorf("by address: status %d: %s", got, said)
		}
		_, port, _ := net.SplitHostPort(r.CWMPTLSAddr().String())
		for name, want := range map[string]int{"acs.example.com": http.StatusUnauthorized, "localhost": http.StatusUnauthorized, "evil.example.com": 0} {
			got, said := curl(t, append(trust, "--resolve", name+":"+port+":127.0.0.1", "-X", "POST", "https://"+name+":"+port+"/acs")...)
			if got != want || want == 0 && !strings.Contains(said, "target host name") {
				t.Errorf("as %s: status %d: %s", name, got, said)
			}
		}
		if got, said := curl(t, "-X", "POST", "http://"+r.CWMPAddr().String()+"/acs"); got != http.StatusUnauthorized {
			t.Errorf("without TLS: status %d: %s", got, said)
		}
		metrics, _ := io.ReadAll(r.ask(http.MethodGet, "/metrics", "").Body)
		if want := fmt.Sprintf("phoneacs_tls_certificate_end_seconds{listener=\"cwmp-tls\"} %v\n", float64(r.phonesTLS.NotAfter().Unix())); !strings.Contains(string(metrics), want) {
			t.Errorf("the metrics do not say %s", want)
		}
		if banner := r.Banner(); !strings.Contains(banner, ownCA(cfg)) || !strings.Contains(banner, "GET /api/v1/ca") {
			t.Errorf("the banner does not say where the authority is:\n%s", banner)
		}
		r.stop()
		if err := r.end(); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"": 0o700, "ca.key": 0o600, "server.pem": 0o600} {
		if info, err := os.Stat(filepath.Join(cfg.Data, tlsDir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%q: %v, %v; want mode %o", name, info, err, mode)
		}
	}
}

// TestTLSAlone: the plain listener can be left out.
func TestTLSAlone(t *testing.T) {
	cfg := tlsConfig(t)
	cfg.CWMP = ""
	r := serve(t, cfg)
	if r.CWMPAddr() != nil {
		t.Errorf("it listens on %v", r.CWMPAddr())
	}
	if got, said := curl(t, append([]string{"--cacert", ownCA(cfg)}, emptyPost(r.CWMPTLSAddr())...)...); got != http.StatusUnauthorized {
		t.Errorf("status %d: %s", got, said)
	}
	banner := r.Banner()
	if strings.Contains(banner, "ACS URL: http:") || !strings.Contains(banner, "ACS URL: https://127.0.0.1:") {
		t.Errorf("banner:\n%s", banner)
	}
	r.stop()
	if err := r.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if c, err := net.Dial("tcp", r.CWMPTLSAddr().String()); err == nil {
		c.Close()
		t.Error("it still takes connections")
	}
}

// TestOwnNames: each once, the one that phones are told first.
func TestOwnNames(t *testing.T) {
	a := &App{cfg: Config{PublicURL: "https://ACS.example.com.:7548", CWMPTLS: "[::ffff:127.0.0.1]:0"}}
	names := a.ownNames()
	if len(names) < 4 || names[0] != "acs.example.com" || names[1] != "127.0.0.1" {
		t.Errorf("names %q", names)
	}
	have := make(map[string]bool)
	for _, name := range names {
		if have[name] || name == "" {
			t.Errorf("%q stands twice, or is none: %q", name, names)
		}
		have[name] = true
	}
	if !have["localhost"] || !have["::1"] {
		t.Errorf("names %q", names)
	}
}

// TestFloors: each listener has its own lowest version.
func TestFloors(t *testing.T) {
	p := newPKI(t)
	cert, key := p.issue("rsa", "rsa:2048")
	for lowest, takes := range map[string][]bool{ // 1.0, 1.1, 1.2, 1.3
		"": {false, false, true, true}, "1.0": {true, true, true, true}, "1.1": {false, true, true, true}, "1.3": {false, false, false, true},
	} {
		t.Run("from "+lowest, func(t *testing.T) {
			cfg := tlsConfig(t)
			cfg.TLSCert, cfg.TLSKey, cfg.AdminCert, cfg.AdminKey, cfg.TLSMin = cert, key, cert, key, lowest
			r := serve(t, cfg)
			for i, highest := range []string{"1.0", "1.1", "1.2", "1.3"} {
				old := []string{"--cacert", p.file("ca.crt"), "--tls-max", highest}
				if i < 2 {
					old = append(old, "--tlsv1.0", "--ciphers", "DEFAULT@SECLEVEL=0")
				}
				if got, said := curl(t, append(old, emptyPost(r.CWMPTLSAddr())...)...); (got == http.StatusUnauthorized) != takes[i] {
					t.Errorf("a phone of %s: status %d: %s", highest, got, said)
				}
				if got, said := curl(t, append(old, "https://"+r.AdminAddr().String()+"/healthz")...); (got == http.StatusOK) != (i >= 2) {
					t.Errorf("an operator of %s: status %d: %s", highest, got, said)
				}
			}
			if lowest == "1.0" { // no key exchange but by RSA: what the oldest know
				old := []string{"--cacert", p.file("ca.crt"), "--tls-max", "1.0", "--tlsv1.0", "--ciphers", "AES128-SHA@SECLEVEL=0"}
				if got, said := curl(t, append(old, emptyPost(r.CWMPTLSAddr())...)...); got != http.StatusUnauthorized {
					t.Errorf("the oldest phone: status %d: %s", got, said)
				}
			}
		})
	}
}

// TestClientCA: a certificate that is shown must be good; none is as good.
func TestClientCA(t *testing.T) {
	p, other := newPKI(t), newPKI(t)
	good, goodKey := p.issue("phone")
	bad, badKey := other.issue("phone")
	cfg := tlsConfig(t)
	cfg.TLSClientCA = p.file("ca.crt")
	r := serve(t, cfg)
	for _, tt := range []struct {
		name string
		args []string
		want int
	}{
		{"none", nil, http.StatusUnauthorized},
		{"good", []string{"--cert", good, "--key", goodKey}, http.StatusUnauthorized},
		{"of another authority", []string{"--cert", bad, "--key", badKey}, 0},
	} {
		if got, said := curl(t, append(append(tt.args, "--cacert", ownCA(cfg)), emptyPost(r.CWMPTLSAddr())...)...); got != tt.want {
			t.Errorf("%s: status %d; want %d: %s", tt.name, got, tt.want, said)
		}
	}
	r.wantFailed(t, "cwmp-tls", causeClient, 1)
}

// TestReloadWhileServing: new files are shown without a restart, a broken pair
// is not, and sessions of TLS are resumed all the while.
func TestReloadWhileServing(t *testing.T) {
	p := newPKI(t)
	cfg := tlsConfig(t)
	cfg.TLSCert, cfg.TLSKey = p.file("now.crt"), p.file("now.key")
	names := []string{"one", "two"}
	for _, name := range names {
		p.issue(name)
	}
	use := func(cert, key string) {
		copyFile(t, p.file(cert+".crt"), cfg.TLSCert)
		copyFile(t, p.file(key+".key"), cfg.TLSKey)
	}
	use("one", "one")
	r := serve(t, cfg)
	session := p.file("session")
	hello := func(args ...string) string {
		out, err := peerRun(t, "", p.dir, "openssl", append([]string{"s_client", "-connect", r.CWMPTLSAddr().String(), "-CAfile", "ca.crt", "-verify_return_error", "-tls1_2"}, args...)...)
		if err != nil {
			t.Fatalf("openssl s_client: %v\n%s", err, out)
		}
		return out
	}
	if out := hello("-sess_out", session); !strings.Contains(out, "subject=CN = one") || !strings.Contains(out, "New, TLSv1.2") {
		t.Fatalf("as it begins:\n%s", out)
	}
	use("one", "two")
	eventually(t, "the broken pair is told", func() bool {
		hello()
		return strings.Contains(r.log.String(), "changed certificate not used")
	})
	if log := r.log.String(); !strings.Contains(log, cfg.TLSCert) || !strings.Contains(log, cfg.TLSKey) {
		t.Errorf("the log does not name both files:\n%s", log)
	}
	if out := hello(); !strings.Contains(out, "subject=CN = one") {
		t.Errorf("with a broken pair:\n%s", out)
	}
	use("two", "two")
	eventually(t, "the new pair is shown", func() bool { return strings.Contains(hello(), "subject=CN = two") })
	if out := hello("-sess_in", session); !strings.Contains(out, "Reused, TLSv1.2") {
		t.Errorf("the session is not resumed:\n%s", out)
	}
}

// TestAdminTLS: off loopback is fine then.
func TestAdminTLS(t *testing.T) {
	p := newPKI(t)
	cfg := testConfig(t)
	cfg.AdminCert, cfg.AdminKey = p.issue("admin")
	cfg.Admin = ":0"
	r := serve(t, cfg)
	_, port, _ := net.SplitHostPort(r.AdminAddr().String())
	url := "https://127.0.0.1:" + port
	for _, tt := range []struct {
		path, token string
		want        int
	}{{"/healthz", "", 200}, {"/api/v1/phones", testToken, 200}, {"/api/v1/phones", "", 401}, {"/api/v1/ca", testToken, 404}} {
		if got, said := curl(t, "--cacert", p.file("ca.crt"), "-H", "Authorization: Bearer "+tt.token, url+tt.path); got != tt.want {
			t.Errorf("%s: status %d; want %d: %s", tt.path, got, tt.want, said)
		}
	}
	if got, said := curl(t, url+"/healthz"); got != 0 {
		t.Errorf("an authority that is not trusted: status %d: %s", got, said)
	}
	if b := r.Banner(); !strings.Contains(b, "Admin API:  https://") || strings.Contains(b, "without TLS") {
		t.Errorf("banner:\n%s", b)
	}
}

// TestNewRefusesPairs: what does not belong together is named, by both files.
func TestNewRefusesPairs(t *testing.T) {
	p := newPKI(t)
	cert, _ := p.issue("one")
	_, key := p.issue("two")
	for setting, change := range map[string]func(*Config){
		"tls-cert":   func(c *Config) { c.CWMPTLS, c.TLSCert, c.TLSKey = "127.0.0.1:0", cert, key },
		"admin-cert": func(c *Config) { c.AdminCert, c.AdminKey = cert, key },
	} {
		cfg := testConfig(t)
		change(&cfg)
		_, err := New(t.Context(), cfg, t.Output(), nil)
		var bad *ConfigError
		if !errors.As(err, &bad) || bad.Setting != setting || !strings.Contains(err.Error(), cert) || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v; want an error that names both files", setting, err)
		}
		mustNotExist(t, cfg.Data)
	}
	cfg := testConfig(t)
	cfg.AdminPlain = true
	cfg.AdminCert, cfg.AdminKey = p.issue("admin")
	if err := cfg.Validate(); err == nil || !strings.HasPrefix(err.Error(), "--admin-plain: is for an admin API without TLS") {
		t.Errorf("a certificate and none at once: %v", err)
	}
}
