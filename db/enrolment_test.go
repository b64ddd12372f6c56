package db

import (
	"strings"
	"testing"
)

func TestParseMACRange(t *testing.T) {
	for in, want := range map[string]string{
		"0C:38:3E:01:02:03":                      "0c383e010203",
		" 0c383e010203 ":                         "0c383e010203",
		"0c38.3e01.0203":                         "0c383e010203",
		"0c-38-3e-01-02-03-0c-38-3e-01-02-ff":    "0c383e010203-0c383e0102ff",
		"0c383e010203-0c383e0102ff":              "0c383e010203-0c383e0102ff",
		"0c383e010203 - 0c383e010203":            "0c383e010203",
		"0c:38:3e:00:00:00/24":                   "0c383e000000-0c383effffff",
		"0c383e010203/48":                        "0c383e010203",
		"800000000000/1":                         "800000000000-ffffffffffff",
		"":                                       "!",
		"0c383e":                                 "!",
		"0c383e01020g":                           "!",
		"0c383e0102030c383e0102ff":               "!",
		"0c383e0102ff-0c383e010203":              "!",
		"0c383e000001/24":                        "!",
		"0c383e000000/0":                         "!",
		"0c383e000000/49":                        "!",
		"0c383e000000/":                          "!",
		"0c383e010203-0c383e0102ff-0c383e0103ff": "!",
		"0c::38:3e:01:02:03":                     "!",
		strings.Repeat("0c383e010203-", 10):      "!",
	} {
		first, last, err := ParseMACRange(in)
		got := "!"
		if err == nil {
			got = FormatMACRange(first, last)
		}
		if got != want {
			t.Errorf("ParseMACRange(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
}

// FuzzParseMACRange holds the promise that what is read is a range, and that it
// is read again from what is written of it.
func FuzzParseMACRange(f *testing.F) {
	for _, s := range []string{"0c:38:3e:01:02:03", "0c383e000000/24", "0c-38-3e-00-00-01 - 0c-38-3e-00-00-0f", "-", "/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		first, last, err := ParseMACRange(s)
		if err != nil {
			return
		}
		if len(first) != 12 || len(last) != 12 || first > last {
			t.Fatalf("%q is read as %s to %s", s, first, last)
		}
		again, to, err := ParseMACRange(FormatMACRange(first, last))
		if err != nil || again != first || to != last {
			t.Fatalf("%q is read as %s to %s, and again as %s to %s: %v", s, first, last, again, to, err)
		}
	})
}

func TestRuleMatches(t *testing.T) {
	in := Inform{
		Address: "10.1.2.3", OUI: "0C383E", ProductClass: "X6U", Serial: "S", Vendor: "fanvil", Model: "X6U", MAC: "0c383e010203",
	}
	for _, tt := range []struct {
		name string
		r    EnrolmentRule
		want bool
	}{
		{"all", EnrolmentRule{All: true}, true},
		{"the OUI", EnrolmentRule{OUI: "0C383E"}, true},
		{"another OUI", EnrolmentRule{OUI: "001565"}, false},
		{"the first of a range", EnrolmentRule{FirstMAC: "0c383e010203", LastMAC: "0c383e010204"}, true},
		{"the last of a range", EnrolmentRule{FirstMAC: "0c383e010200", LastMAC: "0c383e010203"}, true},
		{"before a range", EnrolmentRule{FirstMAC: "0c383e010204", LastMAC: "0c383e010209"}, false},
		{"behind a range", EnrolmentRule{FirstMAC: "0c383e010200", LastMAC: "0c383e010202"}, false},
		{"a vendor in either case", EnrolmentRule{Vendor: "FANVIL"}, true},
		{"a glob", EnrolmentRule{Model: "X?U*"}, true},
		{"another glob", EnrolmentRule{ProductClass: "V*"}, false},
		{"the network", EnrolmentRule{Network: "10.1.0.0/16"}, true},
		{"another network", EnrolmentRule{Network: "10.2.0.0/16"}, false},
		{"one of two", EnrolmentRule{Network: "10.1.0.0/16", Vendor: "yealink"}, false},
	} {
		if got := tt.r.Matches(&in); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
	if (&EnrolmentRule{OUI: "0C383E"}).Matches(&Inform{OUI: "000000", MAC: "0c383e010203"}) != true {
		t.Error("an OUI is not found in the MAC")
	}
	if (&EnrolmentRule{FirstMAC: "000000000000", LastMAC: "ffffffffffff"}).Matches(&Inform{}) {
		t.Error("a phone without a MAC is in a range")
	}
}

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"**", "abc", true}, {"a*c", "abbc", true}, {"a*c", "abbcd", false},
		{"*b*d", "abcbd", true}, {"?", "ä", true}, {"?", "", false}, {"X6*", "x6u pro", true}, {"a*?", "a", false},
		{strings.Repeat("*a", 32) + "b", strings.Repeat("a", 5000), false}, // in no time
	} {
		if got := glob(tt.pattern, tt.text); got != tt.want {
			t.Errorf("glob(%q, %.20q) = %t", tt.pattern, tt.text, got)
		}
	}
}
