package cwmp

import (
	"strings"
	"time"
)

// UnknownTime is the dateTime that stands for "not known" (TR-106).
const UnknownTime = "0001-01-01T00:00:00Z"

// ParseTime reads a dateTime the way devices write it: fractions allowed, and
// without a zone taken as UTC. It reports false for the unknown time and any
// other instant of year 1 or before, and for what is no dateTime.
func ParseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, t.Year() > 1
		}
	}
	return time.Time{}, false
}

// FormatTime writes t as a dateTime in whole seconds, since some devices refuse
// fractions; the zero time becomes UnknownTime.
func FormatTime(t time.Time) string {
	if t.IsZero() {
		return UnknownTime
	}
	return t.Format(time.RFC3339)
}
