package cwmp

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestVersion(t *testing.T) {
	for _, tt := range []struct {
		v               Version
		name, namespace string
	}{
		{V1_0, "1.0", NS1_0}, {V1_1, "1.1", NS1_1}, {V1_2, "1.2", NS1_2}, {V1_3, "1.3", NS1_2}, {V1_4, "1.4", NS1_2},
	} {
		if tt.v.String() != tt.name || tt.v.Namespace() != tt.namespace {
			t.Errorf("%d is %q in %q", tt.v, tt.v, tt.v.Namespace())
		}
		if got, ok := ParseVersion(" " + tt.name + " "); got != tt.v || !ok {
			t.Errorf("ParseVersion(%q) = %v %v", tt.name, got, ok)
		}
	}
	if Version(0).String() != "" || Version(6).String() != "" || Version(-1).String() != "" || Version(0).Namespace() != NS1_0 {
		t.Error("a version that is none has a name or another namespace")
	}
	for _, s := range []string{"", "1", "1.5", "1.00", "v1.0"} {
		if got, ok := ParseVersion(s); got != 0 || ok {
			t.Errorf("ParseVersion(%q) = %v %v", s, got, ok)
		}
	}
}

func TestVersionsOffered(t *testing.T) {
	for _, tt := range []struct {
		in     string
		known  []Version
		others []string
	}{
		{"", nil, nil},
		{" , ", nil, nil},
		{"1.0, 1.4", []Version{V1_0, V1_4}, nil},
		{"1.5,1.2", []Version{V1_2}, nil},
		{"1.5, 2.0", nil, []string{"1.5", "2.0"}},
		{"1.0<é", nil, []string{"1.0??"}},
		{strings.Repeat("9", 40) + strings.Repeat(",3", 40), nil, []string{strings.Repeat("9", 16), "3", "3", "3", "3", "3", "3", "3"}},
	} {
		known, others := parseVersions(tt.in)
		if !slices.Equal(known, tt.known) || !slices.Equal(others, tt.others) {
			t.Errorf("%q: %v and %q; want %v and %q", tt.in, known, others, tt.known, tt.others)
		}
	}
}

func TestEnvelopeVersion(t *testing.T) {
	for _, tt := range []struct {
		name string
		e    Envelope
		want Version
	}{
		{"1.0", Envelope{Namespace: NS1_0}, V1_0},
		{"none", Envelope{}, V1_0},
		{"1.1", Envelope{Namespace: NS1_1}, V1_1},
		{"1.2", Envelope{Namespace: NS1_2}, V1_2},
		{"1.3 by its timeout", Envelope{Namespace: NS1_2, SessionTimeout: 60}, V1_3},
		{"1.4 by its offer", Envelope{Namespace: NS1_2, SupportedVersions: []Version{V1_4, V1_0}}, V1_4},
		{"chosen", Envelope{Namespace: NS1_2, SupportedVersions: []Version{V1_4}, UseVersion: V1_2}, V1_2},
		{"1.3 by a namespace of nobody", Envelope{Namespace: NS1_3}, V1_3},
		{"1.4 by a namespace of nobody", Envelope{Namespace: NS1_4}, V1_4},
	} {
		if got := tt.e.Version(); got != tt.want {
			t.Errorf("%s: %v; want %v", tt.name, got, tt.want)
		}
	}
}

func TestTime(t *testing.T) {
	cet := time.FixedZone("", 3600)
	for _, tt := range []struct {
		in   string
		want time.Time
		ok   bool
	}{
		{"2026-11-20T14:26:41Z", time.Date(2026, 11, 20, 14, 26, 41, 0, time.UTC), true},
		{" 2026-11-20T14:26:41+01:00\n", time.Date(2026, 11, 20, 14, 26, 41, 0, cet), true},
		{"2026-11-20T14:26:41+0100", time.Date(2026, 11, 20, 14, 26, 41, 0, cet), true},
		{"2026-11-20T14:26:41", time.Date(2026, 11, 20, 14, 26, 41, 0, time.UTC), true},
		{"2026-11-20T14:26:41.5Z", time.Date(2026, 11, 20, 14, 26, 41, 5e8, time.UTC), true},
		{UnknownTime, time.Time{}, false},
		{"0001-01-01T00:00:07Z", time.Time{}.Add(7 * time.Second), false},
		{"0000-00-00T00:00:00", time.Time{}, false},
		{"", time.Time{}, false},
		{"yesterday", time.Time{}, false},
	} {
		if got, ok := ParseTime(tt.in); !got.Equal(tt.want) || ok != tt.ok {
			t.Errorf("ParseTime(%q) = %v %v; want %v %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
	if got := FormatTime(time.Date(2026, 11, 20, 14, 26, 41, 999, cet)); got != "2026-11-20T14:26:41+01:00" {
		t.Errorf("FormatTime = %q", got)
	}
	if got := FormatTime(time.Time{}); got != UnknownTime {
		t.Errorf("FormatTime of the zero time = %q", got)
	}
}

// TestFaultTexts holds that every defined code has its own sentence and hint,
// and that the others have one that promises nothing.
func TestFaultTexts(t *testing.T) {
	codes := []FaultCode{9800, 8800, 9500}
	for c := FaultMethodNotSupportedACS; c <= FaultVersionIncompatible; c++ {
		codes = append(codes, c)
	}
	for c := FaultMethodNotSupported; c <= FaultVersionExists; c++ {
		codes = append(codes, c)
	}
	seen := make(map[string]FaultCode)
	for _, c := range codes {
		m, h := c.Meaning(), c.Hint()
		if m == "" || m[len(m)-1] != '.' || h == "" || h[len(h)-1] != '.' {
			t.Errorf("%d: %q %q", c, m, h)
		}
		if other, ok := seen[m]; ok {
			t.Errorf("%d and %d say the same", c, other)
		}
		seen[m] = c
	}
	if FaultCode(0).Meaning() != "" || FaultCode(0).Hint() != "" {
		t.Error("no fault has a text")
	}
}

// TestFaultSide fixes the faultcode of both tables of TR-069 A.5.
func TestFaultSide(t *testing.T) {
	client := map[FaultCode]bool{8003: true, 9003: true, 9005: true, 9006: true, 9007: true, 9008: true, 9020: true, 9021: true}
	for c := range faultTexts {
		want := "Server"
		if client[c] {
			want = "Client"
		}
		if got := c.side(); got != want {
			t.Errorf("%d is %s; want %s", c, got, want)
		}
	}
}
