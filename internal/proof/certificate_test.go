package proof

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// makeAuthority has openssl make an authority in dir.
func makeAuthority(t *testing.T, dir, name string) {
	t.Helper()
	if out, err := peer(t, dir, "openssl", "req", "-x509", "-nodes", "-days", "10", "-subj", "/CN="+name,
		"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", name+".key", "-out", name+".crt"); err != nil {
		t.Fatal(err, out)
	}
}

// makeClient has an authority sign a client's certificate, with alternative
// names as openssl spells them; "" for none.
func makeClient(t *testing.T, dir, ca, name, subject, alt string) {
	t.Helper()
	conf := "basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n"
	if alt != "" {
		conf += "subjectAltName=" + alt + "\n"
	}
	put(t, dir, name+".cnf", conf)
	if out, err := peer(t, dir, "openssl", "req", "-nodes", "-subj", subject, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
		"-keyout", name+".key", "-out", name+".csr"); err != nil {
		t.Fatal(err, out)
	}
	if out, err := peer(t, dir, "openssl", "x509", "-req", "-days", "10", "-in", name+".csr", "-CA", ca+".crt", "-CAkey", ca+".key",
		"-CAcreateserial", "-extfile", name+".cnf", "-out", name+".crt"); err != nil {
		t.Fatal(err, out)
	}
}

// TestCertificates has openssl make certificates and curl show them.
func TestCertificates(t *testing.T) {
	dir := t.TempDir()
	makeAuthority(t, dir, "phones")
	makeAuthority(t, dir, "strangers")
	pem, err := os.ReadFile(filepath.Join(dir, "phones.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)

	fanvil := Identity{MAC: "0c383e07e16c", OUI: "0C383E", ProductClass: "X6", Serial: "FV123"}
	yealink := Identity{MAC: "00:15:65:2e:03:72", OUI: "001565", ProductClass: "SIP-T22P", Serial: "0015652E0372"}
	var asked atomic.Pointer[Identity]
	verify := tls.VerifyClientCertIfGiven
	server := func() *httptest.Server {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%v %d", Certified(r.TLS, *asked.Load()), len(CertifiedIdentities(r.TLS)))
		}))
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // of what it refuses
		s.TLS = &tls.Config{ClientAuth: verify, ClientCAs: pool}
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	s := server()
	verify = tls.RequestClientCert
	unverified := server()

	ask := func(t *testing.T, s *httptest.Server, id Identity, args ...string) string {
		t.Helper()
		asked.Store(&id)
		out, err := peer(t, dir, "curl", append([]string{"-sSk", "--max-time", "20", s.URL}, args...)...)
		if err != nil {
			return "refused"
		}
		return out
	}
	for i, tt := range []struct {
		name, subject, alt string
		names              Identity
		count              int // 0: nobody
	}{
		{"MAC address, bare", "/CN=0c383e07e16c", "", fanvil, 1},
		{"MAC address, capitals with colons", "/CN=0C:38:3E:07:E1:6C", "", fanvil, 1},
		{"MAC address, with hyphens", "/CN=0c-38-3e-07-e1-6c", "", fanvil, 1},
		{"MAC address, with dots", "/CN=0c38.3e07.e16c", "", fanvil, 1},
		{"MAC address as serialNumber", "/O=Fanvil/CN=X6/serialNumber=0C383E07E16C", "", fanvil, 1},
		{"MAC address as host name", "/CN=phone", "DNS:0c383e07e16c.phones.example", fanvil, 1},
		{"MAC address as URN", "/CN=phone", "URI:urn:dev:mac:0c383efffe07e16c", fanvil, 1},
		{"MAC address at the end of a URI", "/CN=phone", "URI:spiffe://phones.example/phone/0c383e07e16c", fanvil, 1},
		{"OUI-Serial", "/CN=0C383E-FV123", "", fanvil, 1},
		{"OUI-ProductClass-Serial", "/CN=0c383e-X6-FV123", "", fanvil, 1},
		{"OUI-ProductClass-Serial as URN", "/CN=phone", "URI:urn:dev:ops:0C383E-X6-FV123", fanvil, 1},
		{"OUI-ProductClass-Serial as host name", "/CN=phone", "DNS:0C383E-X6-FV123.phones.example", fanvil, 1},
		{"percent-encoded", "/CN=001565-SIP%2DT22P-0015652E0372", "", yealink, 1},
		{"hyphens not encoded", "/CN=001565-SIP-T22P-0015652e0372", "", yealink, 1},
		{"two phones", "/CN=001565-SIP%2DT22P-0015652E0372", "DNS:0c383e07e16c", fanvil, 2},

		{"its model", "/CN=X6", "DNS:x6.fanvil.example", Identity{}, 0},
		{"its model and a hyphen", "/CN=SIP-T22P", "URI:https://yealink.example/SIP-T22P", Identity{}, 0},
		{"its OUI", "/CN=0C383E", "", Identity{}, 0},
		{"a serial number alone", "/CN=FV123/serialNumber=FV123", "", Identity{}, 0},
		{"a broken encoding", "/CN=0C383E-X6-%zz", "", Identity{}, 0},
		{"an address of mail", "/CN=phone", "email:0c383e07e16c@phones.example", Identity{}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := fmt.Sprint("client", i)
			makeClient(t, dir, "phones", file, tt.subject, tt.alt)
			pair := []string{"--cert", file + ".crt", "--key", file + ".key"}
			for _, id := range []Identity{fanvil, yealink} {
				want := fmt.Sprint(id == tt.names || tt.count == 2, " ", tt.count)
				if got := ask(t, s, id, pair...); got != want {
					t.Errorf("asked for %+v: %q; want %q", id, got, want)
				}
			}
			other := fanvil
			other.MAC, other.Serial = "0c383e07e16d", "FV124"
			if got := ask(t, s, other, pair...); got != fmt.Sprint("false ", tt.count) {
				t.Errorf("asked for another: %q", got)
			}
			if got := ask(t, unverified, tt.names, pair...); got != "false 0" {
				t.Errorf("not verified: %q", got)
			}
		})
	}
	makeClient(t, dir, "strangers", "stranger", "/CN=0c383e07e16c", "")
	if got := ask(t, s, fanvil, "--cert", "stranger.crt", "--key", "stranger.key"); got != "refused" {
		t.Errorf("of another authority: %q", got)
	}
	if got := ask(t, s, fanvil); got != "false 0" {
		t.Errorf("no certificate: %q", got)
	}
	if Certified(nil, fanvil) || Certified(&tls.ConnectionState{}, fanvil) {
		t.Error("nothing names a phone")
	}
	makeClient(t, dir, "phones", "class", "/CN=0C383E-X7-FV123", "")
	if got := ask(t, s, fanvil, "--cert", "class.crt", "--key", "class.key"); got != "false 1" {
		t.Errorf("of another product class: %q", got)
	}
}

// FuzzReadName promises that what a certificate's name is read as is one phone
// and no more, that it names that phone, and none whose serial differs.
func FuzzReadName(f *testing.F) {
	f.Add("0c:38:3e:07:e1:6c")
	f.Add("0C383E-X6-%2D-FV123")
	f.Add("X6")
	f.Fuzz(func(t *testing.T, s string) {
		id, ok := readName(s)
		if !ok {
			if id != (Identity{}) {
				t.Fatalf("%q: %+v", s, id)
			}
			return
		}
		switch {
		case (id.MAC == "") == (id.OUI == ""):
			t.Fatalf("%q: %+v", s, id)
		case id.MAC != "":
			if again, ok := readName(id.MAC); again != id || !ok {
				t.Fatalf("%q: %+v, then %+v", s, id, again)
			}
			return
		}
		other := id
		other.Serial += "x"
		if !id.nameOf(id) || id.nameOf(other) || !isOUI(id.OUI) {
			t.Fatalf("%q: %+v", s, id)
		}
	})
}
