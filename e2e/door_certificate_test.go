package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// peer runs a program that shares no code with this one.
func peer(tb testing.TB, dir, stdin, program string, args ...string) string {
	tb.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			tb.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
		}
		tb.Skipf("%s is not installed here, and is the other side of this test", program)
	}
	cmd := exec.CommandContext(tb.Context(), path, args...)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, strings.NewReader(stdin), &out, &out
	if err := cmd.Run(); err != nil {
		tb.Fatalf("%s %v: %v\n%s", program, args, err, out.String())
	}
	return out.String()
}

// A maker makes phones' certificates, by openssl.
type maker struct {
	tb  testing.TB
	dir string
}

func newMaker(tb testing.TB) *maker {
	tb.Helper()
	m := &maker{tb, tb.TempDir()}
	peer(tb, m.dir, "", "openssl", "req", "-x509", "-nodes", "-days", "10", "-subj", "/CN=Maker of phones", "-newkey", "ec",
		"-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", "ca.key", "-out", "ca.crt")
	return m
}

// issue makes a certificate with a subject, as name.crt and name.key.
func (m *maker) issue(name, subject string) {
	m.tb.Helper()
	peer(m.tb, m.dir, "", "openssl", "req", "-nodes", "-subj", subject, "-keyout", name+".key", "-out", name+".csr",
		"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
	peer(m.tb, m.dir, "", "openssl", "x509", "-req", "-in", name+".csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
		"-days", "5", "-out", name+".crt")
}

// posts sends an Inform by curl, with a certificate unless its name is empty,
// and returns the status.
func (m *maker) posts(s *server, url, cert, message string) int {
	m.tb.Helper()
	args := []string{"-sS", "--max-time", "20", "--cacert", filepath.Join(s.dir, "tls", "ca.crt"), "-o", "answer", "-w", "%{http_code}",
		"-H", "Content-Type: text/xml", "--data-binary", "@-"}
	if cert != "" {
		args = append(args, "--cert", cert+".crt", "--key", cert+".key")
	}
	status, err := strconv.Atoi(peer(m.tb, m.dir, message, "curl", append(args, url)...))
	if err != nil {
		m.tb.Fatal(err)
	}
	return status
}

// withMAC is an Inform that tells a MAC address as well.
func withMAC(serial, mac string) string {
	value := "<ParameterValueStruct><Name>Device.LAN.MACAddress</Name><Value>" + mac + "</Value></ParameterValueStruct></ParameterList>"
	return strings.Replace(inform(serial, informOptions{}), "</ParameterList>", value, 1)
}

// TestPhoneCertificates: a certificate proves the phone that it names on record
// and no other; one that a model shares proves nothing.
func TestPhoneCertificates(t *testing.T) {
	m := newMaker(t)
	const macA, macB = "0c383e00000a", "0c383e00000b"
	serialOf := func(mac string) string { return "00100400FV0200100000" + mac }
	a, b := serialOf(macA), serialOf(macB)
	m.issue("mac", "/CN="+macA)
	m.issue("serial", "/CN=phone/serialNumber=0C383E-"+b)
	m.issue("other", "/CN=0c383e0000ff")
	m.issue("model", "/O=Fanvil/CN=X6")

	at := freeAddr(t)
	s := startServer(t, t.TempDir(), "--cwmp-tls", at, "--tls-client-ca", filepath.Join(m.dir, "ca.crt"), "--enrol", "list")
	url := "https://" + at + "/acs"
	if got := s.importCSV(t, "/api/v1/phones/import", "mac\n"+macA+"\n"+macB+"\n"); got.Created != 2 {
		t.Fatalf("import %+v", got)
	}
	id := func(mac string) managed { return s.managed(t, mac) }

	if got := m.posts(s, url, "mac", withMAC(a, macA)); got != 200 || id(macA).Proof != "certificate" {
		t.Errorf("with its certificate, by MAC: status %d, %+v", got, id(macA))
	}
	if got := m.posts(s, url, "", withMAC(b, macB)); got != 200 || id(macB).Proof != "none" {
		t.Errorf("without a certificate: status %d, %+v", got, id(macB))
	}
	if got := m.posts(s, url, "serial", withMAC(b, macB)); got != 200 || id(macB).Proof != "certificate" {
		t.Errorf("with its certificate, by OUI and serial: status %d, %+v", got, id(macB))
	}
	for _, c := range []struct{ name, cert, message string }{
		{"without the one it has shown", "", withMAC(a, macA)},
		{"with that of another", "other", withMAC(a, macA)},
		{"with that of its model", "model", withMAC(a, macA)},
		{"as another, by its serial", "mac", withMAC(b, macB)},
		{"as another, with the MAC of its own", "mac", withMAC(b, macA)},
	} {
		if got := m.posts(s, url, c.cert, c.message); got != 401 {
			t.Errorf("%s: status %d; want 401", c.name, got)
		}
	}
	if got := s.wire(t).post(withMAC(a, macA)).must(401, "auth.required"); got.header.Get("WWW-Authenticate") == "" {
		t.Error("in clear it is not challenged")
	}
	if n := len(list[phone](t, s, "/api/v1/phones")); n != 2 || id(macA).ID == id(macB).ID {
		t.Errorf("there are %d phones", n)
	}
	for _, mac := range []string{macA, macB} {
		if p := id(mac); p.State != "approved" || p.Proof != "certificate" {
			t.Errorf("%s is %+v", mac, p)
		}
	}
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	checkStore(t, s.dir)
}
