package proof

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestUserName(t *testing.T) {
	for _, tt := range []struct {
		id   Identity
		want string
	}{
		{Identity{OUI: "0C383E", ProductClass: "X6", Serial: "0c383e07e16c"}, "0C383E-X6-0c383e07e16c"},
		{Identity{OUI: "001565", Serial: "0015652E0372"}, "001565-0015652E0372"},
		{Identity{OUI: "001565", ProductClass: "SIP-T22P", Serial: "A_1"}, "001565-SIP%2DT22P-A_1"},
		{Identity{OUI: "0080F0", ProductClass: "KX UT/123", Serial: "1.2"}, "0080F0-KX%20UT%2F123-1%2E2"},
		{Identity{OUI: "000000", ProductClass: "Gerät", Serial: "1"}, "000000-Ger%C3%A4t-1"},
	} {
		if got, err := UserName(tt.id); got != tt.want || err != nil {
			t.Errorf("%+v: %q, %v; want %q", tt.id, got, err, tt.want)
		}
		if got, err := ParseUserName(tt.want); got != tt.id || err != nil {
			t.Errorf("%q: %+v, %v; want %+v", tt.want, got, err, tt.id)
		}
	}
	for _, tt := range []struct {
		id   Identity
		want string
	}{{Identity{Serial: "1"}, "oui"}, {Identity{OUI: "0C383E"}, "serial number"}} {
		if got, err := UserName(tt.id); got != "" || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %q, %v", tt.id, got, err)
		}
	}
}

func TestParseUserName(t *testing.T) {
	// Not encoded: the OUI ends at the first hyphen, the serial begins after the last.
	got, err := ParseUserName("001565-SIP-T22P-0015652E0372")
	if want := (Identity{OUI: "001565", ProductClass: "SIP-T22P", Serial: "0015652E0372"}); got != want || err != nil {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	for _, in := range []string{"", "admin", "-", "--", "0C383E-", "-X6-1", "0C383E--1", "0C383E-X6-", "0C383E-%-1", "0C383E-%4-1", "0C383E-%FF-1", "0C383E-%00-1", "0C383E-a\nb-1"} {
		if got, err := ParseUserName(in); got != (Identity{}) || !errors.Is(err, ErrUserName) {
			t.Errorf("%q: %+v, %v; want ErrUserName", in, got, err)
		}
	}
}

// FuzzUserName promises both ways round: an identity survives being written and
// read, and what is read is written in a form that reads the same.
func FuzzUserName(f *testing.F) {
	f.Add("0C383E", "X6", "0c383e07e16c", "001565-SIP-T22P-0015652E0372")
	f.Add("\xc7", "\x88", "0", "")
	f.Add("ü", "%2D-", "_", "0C383E-%-1")
	f.Fuzz(func(t *testing.T, oui, class, serial, name string) {
		id := Identity{OUI: oui, ProductClass: class, Serial: serial}
		text := !strings.ContainsFunc(oui+class+serial, unicode.IsControl)
		for _, s := range []string{oui, class, serial} {
			text = text && utf8.ValidString(s)
		}
		if user, err := UserName(id); err == nil && text {
			if again, err := ParseUserName(user); again != id || err != nil {
				t.Fatalf("%+v as %q reads %+v, %v", id, user, again, err)
			}
		}
		id, err := ParseUserName(name)
		if err != nil {
			return
		}
		user, err := UserName(id)
		if err != nil || strings.Trim(user, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_%-") != "" {
			t.Fatalf("%q reads %+v, written %q, %v", name, id, user, err)
		}
		if again, err := ParseUserName(user); again != id || err != nil {
			t.Fatalf("%q reads %+v, %v; want %+v", user, again, err, id)
		}
	})
}

func TestNewLogin(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		l, err := NewLogin(Identity{OUI: "0C383E", ProductClass: "X6", Serial: "0c383e07e16c"})
		if err != nil || l.User != "0C383E-X6-0c383e07e16c" {
			t.Fatal(l, err)
		}
		if len(l.Password) < 24 || strings.Trim(l.Password, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" || seen[l.Password] {
			t.Fatal("a password that is short, odd, or there twice")
		}
		seen[l.Password] = true
	}
	long := Identity{OUI: "0C383E", ProductClass: strings.Repeat("ä", 64), Serial: "1"}
	if l, err := NewLogin(long); l.User != "0C383E-1" || err != nil {
		t.Errorf("long class: %v, %v", l, err)
	}
	if l, err := NewLogin(Identity{MAC: "0C:38:3E:07:E1:6C"}); l.User != "0c383e07e16c" || err != nil {
		t.Errorf("MAC alone: %v, %v", l, err)
	}
	if l, err := NewLogin(Identity{OUI: "0C383E"}); l != (Login{}) || err == nil || !strings.Contains(err.Error(), "serial number") || !strings.Contains(err.Error(), "mac") {
		t.Errorf("no serial number: %v, %v", l, err)
	}
	long.Serial = strings.Repeat("ä", 64)
	if l, err := NewLogin(long); l != (Login{}) || err == nil || !strings.Contains(err.Error(), "longer than 256") {
		t.Errorf("long serial number: %v, %v", l, err)
	}
}

// TestLoginIsNotTold prints a login in every way.
func TestLoginIsNotTold(t *testing.T) {
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&b, verb+" "+verb+" "+verb+"\n", own, &own, []Login{own})
	}
	log := slog.New(slog.NewTextHandler(&b, nil))
	log.Info("a login", "user", own)
	text, _ := json.Marshal(own)
	b.Write(text)
	if strings.Contains(b.String(), "secret") || !strings.Contains(b.String(), own.User) || strings.Contains(b.String(), fmt.Sprintf("%x", "secret")) {
		t.Error(b.String())
	}
}
