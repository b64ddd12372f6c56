package cwmp

import "strings"

// Version is a version of the CWMP protocol. The zero Version means "none".
type Version int

// The versions of TR-069 Amendment 1 to 6.
const (
	V1_0 Version = iota + 1
	V1_1
	V1_2
	V1_3
	V1_4
)

// The namespaces under which CWMP travels. 1.3 and 1.4 share that of 1.2
// (TR-069 A.6); the last two are not in any standard, but devices send them.
const (
	NS1_0 = "urn:dslforum-org:cwmp-1-0"
	NS1_1 = "urn:dslforum-org:cwmp-1-1"
	NS1_2 = "urn:dslforum-org:cwmp-1-2"
	NS1_3 = "urn:dslforum-org:cwmp-1-3"
	NS1_4 = "urn:dslforum-org:cwmp-1-4"
)

var versionNames = [...]string{"", "1.0", "1.1", "1.2", "1.3", "1.4"}

// String returns "1.0" to "1.4", and "" for anything else.
func (v Version) String() string {
	if v < 0 || int(v) >= len(versionNames) {
		return ""
	}
	return versionNames[v]
}

// Namespace returns the namespace that goes with v: that of 1.2 for 1.2 and
// later, and that of 1.0 for the zero Version.
func (v Version) Namespace() string {
	switch {
	case v >= V1_2:
		return NS1_2
	case v == V1_1:
		return NS1_1
	default:
		return NS1_0
	}
}

// ParseVersion reads "1.0" to "1.4", surrounding space ignored. It reports
// false for every other text, later versions included.
func ParseVersion(s string) (Version, bool) {
	s = strings.TrimSpace(s)
	for v := V1_0; v <= V1_4; v++ {
		if s == versionNames[v] {
			return v, true
		}
	}
	return 0, false
}

// Bounds of the versions that are not known here.
const (
	maxOthers   = 8
	maxOtherLen = 16
)

// parseVersions reads the list of the SupportedCWMPVersions header, leaving
// out what it does not know; others is what the list has if it knows none.
func parseVersions(s string) (known []Version, others []string) {
	for part := range strings.SplitSeq(s, ",") {
		if v, ok := ParseVersion(part); ok {
			known = append(known, v)
		} else if part = otherVersion(part); part != "" && len(others) < maxOthers {
			others = append(others, part)
		}
	}
	if len(known) > 0 {
		others = nil
	}
	return known, others
}

// otherVersion is a version that is not known, fit to be shown.
func otherVersion(s string) string {
	n := 0
	return strings.Map(func(r rune) rune {
		n++
		switch {
		case n > maxOtherLen:
			return -1
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '.', r == '-':
			return r
		}
		return '?'
	}, strings.TrimSpace(s))
}

// Version returns the version the sender of e speaks: the chosen one, else the
// highest it offers, else what the namespace and headers let us infer
// (TR-069 3.7.4 and A.6).
func (e *Envelope) Version() Version {
	if e.UseVersion != 0 {
		return e.UseVersion
	}
	if len(e.SupportedVersions) > 0 {
		highest := V1_0
		for _, v := range e.SupportedVersions {
			highest = max(highest, v)
		}
		return highest
	}
	switch e.Namespace {
	case NS1_1:
		return V1_1
	case NS1_2:
		if e.SessionTimeout > 0 {
			return V1_3
		}
		return V1_2
	case NS1_3:
		return V1_3
	case NS1_4:
		return V1_4
	default:
		return V1_0
	}
}

// isCWMP reports whether uri is a namespace of CWMP.
func isCWMP(uri string) bool {
	switch uri {
	case NS1_0, NS1_1, NS1_2, NS1_3, NS1_4:
		return true
	}
	return false
}
