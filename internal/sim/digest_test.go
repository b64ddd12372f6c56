package sim

import "testing"

// TestDigestVectors takes the examples of the RFCs.
func TestDigestVectors(t *testing.T) {
	const (
		nonce  = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
		cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
	)
	for _, tt := range []struct {
		name, password, method string
		d                      digest
		want                   string
	}{
		{"RFC 2617 3.5", "Circle Of Life", "GET", digest{
			user: "Mufasa", realm: "testrealm@host.com", nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
			uri: "/dir/index.html", qop: "auth", nc: "00000001", cnonce: "0a4f113b",
		}, "6629fae49393a05397450978507c4ef1"},
		{"RFC 7616 3.9.1, MD5", "Circle of Life", "GET", digest{
			user: "Mufasa", realm: "http-auth@example.org", nonce: nonce, uri: "/dir/index.html",
			algorithm: "MD5", qop: "auth", nc: "00000001", cnonce: cnonce,
		}, "8ca523f5e9506fed4657c9700eebdbec"},
		{"RFC 7616 3.9.1, SHA-256", "Circle of Life", "GET", digest{
			user: "Mufasa", realm: "http-auth@example.org", nonce: nonce, uri: "/dir/index.html",
			algorithm: "SHA-256", qop: "auth", nc: "00000001", cnonce: cnonce,
		}, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
		{"RFC 2069 2.4, as corrected", "CircleOfLife", "GET", digest{
			user: "Mufasa", realm: "testrealm@host.com", nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", uri: "/dir/index.html",
		}, "1949323746fe6a43ef61f9606e7febea"},
	} {
		if got, ok := tt.d.sum(tt.password, tt.method); !ok || got != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.name, got, ok, tt.want)
		}
	}
	if _, ok := (&digest{algorithm: "SHA-512-256"}).sum("", ""); ok {
		t.Error("an unknown algorithm was computed")
	}
}

func TestParseDigest(t *testing.T) {
	d, ok := parseDigest(`digest  realm = "a \"b\" \\c", Nonce="n,1",qop=auth , stale=TRUE,, opaque="", algorithm="MD5"`)
	want := digest{realm: `a "b" \c`, nonce: "n,1", qop: "auth", stale: true, algorithm: "MD5"}
	if !ok || d != want {
		t.Errorf("parseDigest = %+v, %v; want %+v", d, ok, want)
	}
	for _, bad := range []string{"", "Basic x", "Digest", `Digest realm="x"`, `Digest realm="x`, "Digestnonce=x"} {
		if d, ok := parseDigest(bad); ok {
			t.Errorf("parseDigest(%q) = %+v; want none", bad, d)
		}
	}
}

// FuzzParseDigest promises that an Authorization we read is written and read
// back the same.
func FuzzParseDigest(f *testing.F) {
	f.Add(`Digest username="a", realm="b", nonce="c", uri="/", response="d", qop=auth, nc=00000001, cnonce="e", opaque="f"`)
	f.Add(`Digest nonce="\"\\",realm=`)
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := parseDigest(s)
		if !ok {
			return
		}
		d.response, d.algorithm, d.qop, d.stale = "0", "", "", false
		d.nc, d.cnonce = "", ""
		if again, ok := parseDigest(d.header()); !ok || again != d {
			t.Errorf("%q: %+v came back as %+v", s, d, again)
		}
	})
}
