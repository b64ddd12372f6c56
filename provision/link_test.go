package provision

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"phoneacs/db"
)

func stored(name string, size int64) db.File {
	return db.File{ID: 3, Name: name, SHA256: strings.Repeat("0", 64), Size: size}
}

func TestLink(t *testing.T) {
	e := newService(t, nil)
	expires := testStart.Add(time.Hour)
	u, l, err := e.Link("https://acs.example.com:8443/", stored("x6 v2.z", 100_000), expires)
	if err != nil {
		t.Fatal(err)
	}
	secret, name, ok := parsePath(strings.TrimPrefix(u, "https://acs.example.com:8443"))
	if !ok || name != "x6 v2.z" || !strings.HasSuffix(u, "/x6%20v2.z") {
		t.Errorf("URL %s", u)
	}
	want := db.Link{
		Hash: hashSecret(secret), File: 3, Name: "x6 v2.z", SHA256: strings.Repeat("0", 64),
		Size: 100_000, Budget: 500_000, Expires: expires,
	}
	if l != want {
		t.Errorf("link %+v; want %+v", l, want)
	}
	again, _, err := e.Link("https://acs.example.com", stored("x6 v2.z", 100_000), expires)
	if err != nil || again == u {
		t.Errorf("second link %s, %v; want another secret", again, err)
	}
	if _, small, err := e.Link("http://a", stored("a", 1), expires); err != nil || small.Budget != 64<<10 {
		t.Errorf("budget of a tiny file %d, %v; want 65536", small.Budget, err)
	}
}

func TestLinkRefuses(t *testing.T) {
	e := newService(t, nil)
	file, when := stored("a", 1), testStart
	for _, tt := range []struct {
		name, base, says string
		file             db.File
		expires          time.Time
	}{
		{"no scheme", "acs.example.com", "want http", file, when},
		{"other scheme", "ftp://acs", "want http", file, when},
		{"no host", "http:///x", "want http", file, when},
		{"user", "http://u:p@acs", "has a user", file, when},
		{"path", "http://acs/x", "more than", file, when},
		{"query", "http://acs?x", "more than", file, when},
		{"fragment", "http://acs#", "more than", file, when},
		{"not a URL", "http://a:b:c", "not a URL", file, when},
		{"not ASCII", "http://äcs", "ASCII", file, when},
		{"too long", "http://" + strings.Repeat("a", 300), "256 are the limit", file, when},
		{"bad name", "http://acs", "separator", stored("a/b", 1), when},
		{"not stored", "http://acs", "not a stored file", db.File{Name: "a", Size: 1}, when},
		{"no expiry", "http://acs", "no expiry", file, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, _, err := e.Link(tt.base, tt.file, tt.expires)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%q, error = %v; want %q", u, err, tt.says)
			}
			if err != nil && strings.Contains(err.Error(), "u:p@") {
				t.Errorf("error repeats a password: %v", err)
			}
		})
	}
}

// The bounds of names promise that a base of 62 characters always has room.
func TestLinkHasRoom(t *testing.T) {
	e := newService(t, nil)
	name := strings.Repeat("a", MaxName-16) + strings.Repeat(" b", 8)
	if n := len(escapeName(name)); n > MaxEscapedName {
		t.Fatalf("escaped name has %d characters", n)
	}
	name = strings.Repeat("a", 112) + strings.Repeat("$", 16)
	if n := len(escapeName(name)); n != MaxEscapedName {
		t.Fatalf("escaped name has %d characters", n)
	}
	base := "https://" + strings.Repeat("a", 62-len("https://"))
	u, _, err := e.Link(base, stored(name, 1), testStart)
	if err != nil || len(u) != MaxURL {
		t.Errorf("URL of %d characters, %v; want %d", len(u), err, MaxURL)
	}
	if _, _, err := e.Link(base+"a", stored(name, 1), testStart); err == nil {
		t.Error("no error for 257 characters")
	}
}

var secret26 = strings.Repeat("a", 26)

func TestParsePath(t *testing.T) {
	for _, tt := range []struct {
		in, name string
		ok       bool
	}{
		{"/files/" + secret26 + "/x.cfg", "x.cfg", true},
		{"/files/" + secret26 + "/%78.cfg", "x.cfg", true},
		{"/files/" + secret26 + "/%2e%2e%2e", "...", true},
		{"/files/" + secret26 + "/", "", false},
		{"/files/" + secret26, "", false},
		{"/files/", "", false},
		{"/files", "", false},
		{"", "", false},
		{"//files/" + secret26 + "/x.cfg", "", false},
		{"/files//" + secret26 + "/x.cfg", "", false},
		{"/files/" + secret26 + "//x.cfg", "", false},
		{"/files/" + secret26 + "/x.cfg/", "", false},
		{"/files/" + secret26 + "/../x.cfg", "", false},
		{"/files/" + secret26 + "/..", "", false},
		{"/files/" + secret26 + "/%2e%2e", "", false},
		{"/files/" + secret26 + "/..%2fx", "", false},
		{"/files/" + secret26 + "/a%5cb", "", false},
		{"/files/" + secret26 + "/a%00b", "", false},
		{"/files/" + secret26 + "/a%ffb", "", false},
		{"/files/" + secret26 + "/a%zz", "", false},
		{"/files/" + secret26 + "%2fx.cfg", "", false},
		{"/files/" + secret26[:25] + "/x.cfg", "", false},
		{"/files/" + secret26[:25] + "A/x.cfg", "", false},
		{"/files/" + secret26[:25] + "1/x.cfg", "", false},
		{"/files/" + secret26[:12] + "%" + secret26[:13] + "/x.cfg", "", false},
		{"/files/" + secret26 + "/" + strings.Repeat("%61", 1000), "", false},
	} {
		secret, name, ok := parsePath(tt.in)
		if ok != tt.ok || name != tt.name || ok && secret != secret26 {
			t.Errorf("parsePath(%q) = %q, %q, %v; want name %q, %v", tt.in, secret, name, ok, tt.name, tt.ok)
		}
	}
}

// FuzzParsePath promises: what is accepted has a name that is one segment, and
// written out again it reads the same.
func FuzzParsePath(f *testing.F) {
	for _, rest := range []string{"/x.cfg", "/%2e%2e", "/a%2fb", "/%24mac.cfg", "/ü", "/a+b", "//", ""} {
		f.Add(Prefix + secret26 + rest)
	}
	f.Fuzz(func(t *testing.T, in string) {
		secret, name, ok := parsePath(in)
		if !ok {
			return
		}
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00\r\n") || !utf8.ValidString(name) {
			t.Errorf("%q has the name %q", in, name)
		}
		s, n, ok := parsePath(linkPath(secret, name))
		if !ok || s != secret || n != name {
			t.Errorf("%q reads %q %q, and again %q %q %v", in, secret, name, s, n, ok)
		}
	})
}

// FuzzLinkName promises: a name that is accepted comes back out of its link,
// through a URL parser, and the link is no longer than TR-069 allows.
func FuzzLinkName(f *testing.F) {
	for _, name := range []string{"x6-2.12.1.z", "a b+c", "$mac.cfg", "ü;?#%", "..", "a\u200bb", strings.Repeat("%", 53)} {
		f.Add(name)
	}
	e := newService(f, nil)
	f.Fuzz(func(t *testing.T, name string) {
		if checkName(name) != nil {
			return
		}
		link, _, err := e.Link("https://acs.example.com", stored(name, 1), testStart)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link)
		if err != nil || len(link) > MaxURL {
			t.Fatalf("%q: %d characters, %v", link, len(link), err)
		}
		if _, got, ok := parsePath(u.EscapedPath()); !ok || got != name {
			t.Errorf("%q came back as %q, %v", name, got, ok)
		}
	})
}
