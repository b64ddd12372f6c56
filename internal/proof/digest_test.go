package proof

import (
	"strings"
	"testing"
)

// TestVectors computes the answers that the RFCs print. That of RFC 2069 is
// the one of its erratum 749.
func TestVectors(t *testing.T) {
	const nonce2617 = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
	const nonce7616 = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
	const cnonce7616 = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
	for _, tt := range []struct {
		name, password, realm, nonce, uri string
		qop, nc, cnonce                   string
		alg                               Algorithm
		sess                              bool
		want                              string
	}{
		{"RFC 2069 2.4", "CircleOfLife", "testrealm@host.com", nonce2617, "/dir/index.html", "", "", "", MD5, false,
			"1949323746fe6a43ef61f9606e7febea"},
		{"RFC 2617 3.5", "Circle Of Life", "testrealm@host.com", nonce2617, "/dir/index.html", "auth", "00000001", "0a4f113b", MD5, false,
			"6629fae49393a05397450978507c4ef1"},
		{"RFC 7616 3.9.1 MD5", "Circle of Life", "http-auth@example.org", nonce7616, "/dir/index.html", "auth", "00000001", cnonce7616, MD5, false,
			"8ca523f5e9506fed4657c9700eebdbec"},
		{"RFC 7616 3.9.1 SHA-256", "Circle of Life", "http-auth@example.org", nonce7616, "/dir/index.html", "auth", "00000001", cnonce7616, SHA256, false,
			"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &header{digest: [numFields]string{"Mufasa", tt.realm, tt.nonce, tt.uri, strings.ToUpper(tt.want), "", tt.qop, tt.cnonce, tt.nc}}
			a := digestAnswer{header: h, method: "GET", realm: tt.realm, alg: tt.alg, sess: tt.sess}
			if got := string(a.answer(nil, a.second(nil, tt.uri), tt.password)); got != tt.want {
				t.Errorf("got %s; want %s", got, tt.want)
			}
			if i := a.match(tt.uri, []Login{{"Mufasa", "x"}, {"Scar", tt.password}, {"Mufasa", tt.password}, {"Mufasa", tt.password}}); i != 2 {
				t.Errorf("matches login %d; want 2", i)
			}
		})
	}
}

func TestSameURI(t *testing.T) {
	for _, tt := range []struct {
		answered, requested string
		want                bool
	}{
		{"/acs", "/acs", true},
		{"/acs?a=b", "/acs?a=b", true},
		{"/acs", "/acs?a=b", true}, // without its query
		{"/acs?a=c", "/acs?a=b", false},
		{"/acs?", "/acs?a=b", false},
		{"/acs?a=b", "/acs", false},
		{"/acs/", "/acs", false},
		{"/ACS", "/acs", false},
		{"http://acs.example:7547/acs?a=b", "/acs?a=b", true},
		{"HTTPS://10.0.0.1/acs", "/acs", true},
		{"http://acs.example", "/", true},
		{"http://acs.example?a=b", "/?a=b", true},
		{"/acs", "http://acs.example/acs", true}, // asked as of a proxy
		{"http://acs.example/other", "/acs", false},
		{"ftp://acs.example/acs", "/acs", false},
		{"/a%20b", "/a b", true},
		{"/a%7Eb", "/a~b", true},
		{"/a%2", "/a%", false},
		{"/acs#top", "/acs", true},
		{"", "/", true},
		{"", "/acs", false},
		{"//acs", "/acs", false},
	} {
		if got := sameURI(tt.answered, tt.requested); got != tt.want {
			t.Errorf("sameURI(%q, %q) = %v", tt.answered, tt.requested, got)
		}
	}
}
