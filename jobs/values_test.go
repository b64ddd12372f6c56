package jobs

import (
	"slices"
	"testing"

	"phoneacs/db"
)

func TestSameValue(t *testing.T) {
	for _, tt := range []struct {
		kind, a, b string
		want       bool
	}{
		{"string", "a", "a", true},
		{"string", "a", "A", false},
		{"string", "1", "true", false},
		{"string", "01", "1", false},
		{"", "1", "true", false},
		{"boolean", "1", "true", true},
		{"boolean", "0", "FALSE", true},
		{"boolean", "1", "0", false},
		{"boolean", "1", "yes", false},
		{"boolean", "1", "", false},
		{"int", "-07", "-7", true},
		{"unsignedInt", "+5", " 5 ", true},
		{"unsignedLong", "18446744073709551616", "18446744073709551617", false},
		{"unsignedLong", "018446744073709551616", "18446744073709551616", true},
		{"int", "1", "1.0", false},
		{"dateTime", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00", true},
		{"dateTime", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00.9Z", true},
		{"dateTime", "2026-01-01T01:00:00", "2026-01-01T01:00:00Z", true},
		{"dateTime", "2026-01-01T01:00:00Z", "2026-01-01T01:00:01Z", false},
		{"dateTime", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00", true},
		{"dateTime", "soon", "later", false},
		{"hexBinary", "0aFF", "0AfF", true},
		{"hexBinary", "0a", "0b", false},
		{"base64Binary", "QUI=", "QU I", true},
		{"base64", "QUI=", "QUJD", false},
		{"decimal", "1.50", "+1.5", true},
		{"double", "1e3", "1000", true},
		{"double", "1e999999999", "2e999999999", false},
		{"float", "1.5", "1.6", false},
		{"string", "a, b ,c", "a,b,c", true},
		{"string", "a,b", "b,a", false},
		{"string", " a", "a", false},
		{"int", "1_0", "10", false},
	} {
		if got := sameValue(tt.a, tt.b, tt.kind); got != tt.want {
			t.Errorf("%s: %q and %q are the same: %v; want %v", tt.kind, tt.a, tt.b, got, tt.want)
		}
	}
	if !sameValue("1", "true", "string", "boolean") {
		t.Error("what the phone calls a boolean is not compared as one")
	}
}

// TestAllKinds holds that what package db names can be ordered, and nothing else.
func TestAllKinds(t *testing.T) {
	var named []string
	for name, k := range kinds {
		named = append(named, name)
		if k.traits().repeats && k.traits().exclusive && !k.traits().transfer {
			t.Errorf("%s repeats a restart by itself", name)
		}
	}
	slices.Sort(named)
	if want := slices.Sorted(slices.Values(db.Kinds)); !slices.Equal(named, want) {
		t.Errorf("kinds are %q; db names %q", named, want)
	}
}

func TestHushedLongestFirst(t *testing.T) {
	h := hushed([]db.Setting{{Name: "a.Password", Value: "ab"}, {Name: "b.Password", Value: "abc"}, {Name: "c.Password"}, {Name: "d", Value: "x"}})
	if got := h.Replace("abc, ab, x"); got != "…, …, x" {
		t.Errorf("got %q", got)
	}
}
