package app

import (
	"strings"
	"testing"

	"phoneacs/acs"
)

func TestPublicBase(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"http://acs.example.com:7547", "http://acs.example.com:7547"},
		{"http://acs.example.com:7547/", "http://acs.example.com:7547"},
		{"HTTPS://Acs.example.com", "https://Acs.example.com"},
		{"http://192.0.2.1:7547", "http://192.0.2.1:7547"},
		{"http://[2001:db8::1]:7547/", "http://[2001:db8::1]:7547"},
		{"http://[2001:db8::1]", "http://[2001:db8::1]"},
	} {
		if got, err := publicBase(tt.in); err != nil || got != tt.want {
			t.Errorf("publicBase(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
	for _, in := range []string{
		"acs.example.com", "//acs.example.com", "http://", "http:///", "ftp://acs.example.com",
		"http://acs.example.com/acs", "http://acs.example.com//", "http://acs.example.com?a=b", "http://acs.example.com?",
		"http://acs.example.com#a", "http://:7547", "http://acs.example.com:", "http://acs.example.com:0",
		"http://acs.example.com:65536", "http://acs.example.com:http", "http://[fe80::1%25eth0]:7547", "http://[::1",
		"http://acs example.com", "http://äcs.example.com", "http://a$b", " http://acs.example.com", "http://acs.example.com\n",
		"http://" + strings.Repeat("a", 256),
	} {
		if got, err := publicBase(in); err == nil || got != "" {
			t.Errorf("publicBase(%q) = %q, %v; want an error", in, got, err)
		}
	}
}

func TestPublicBaseShowsNoPassword(t *testing.T) {
	for _, in := range []string{"http://user:hidden@acs.example.com", "http://user:hidden@acs.exa mple.com"} {
		if _, err := publicBase(in); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("publicBase(%q): %v; want an error without the password", in, err)
		}
	}
}

// FuzzPublicBase holds two promises: what comes out is taken as it is, and by
// the endpoint as well, so that a checked configuration can be served.
func FuzzPublicBase(f *testing.F) {
	for _, s := range []string{"http://acs.example.com:7547/", "https://[2001:db8::1]", "http://a_b.-:1", "HTTP://A", "http://127.1"} {
		f.Add(s)
	}
	var fake struct {
		acs.Store
		acs.Dispatcher
	}
	f.Fuzz(func(t *testing.T, s string) {
		base, err := publicBase(s)
		if err != nil || base == "" {
			return
		}
		if again, err := publicBase(base); err != nil || again != base {
			t.Errorf("%q became %q, and that %q, %v", s, base, again, err)
		}
		if _, err := acs.New(acs.Options{Store: &fake, Dispatcher: &fake, PublicURL: base}); err != nil {
			t.Errorf("%q became %q: %v", s, base, err)
		}
	})
}
