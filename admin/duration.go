package admin

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// maxDays bounds durations to about a century.
const maxDays = 36500

var errDuration = errors.New("want a duration such as 30d, 12h or 1m30s")

// parseDuration reads a duration in the form of [time.ParseDuration], with
// whole days of 24 hours before the rest: "30d", "1d12h", "90m". It is not
// negative and at most maxDays days.
func parseDuration(s string) (time.Duration, error) {
	days, rest, found := strings.Cut(s, "d")
	if !found {
		days, rest = "0", s
	} else if days == "" || strings.Trim(days, "0123456789") != "" {
		return 0, errDuration
	}
	n, err := strconv.Atoi(days)
	if err != nil || n > maxDays {
		return 0, errDuration
	}
	d := time.Duration(n) * day
	if rest == "" && found {
		return d, nil
	}
	if strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") {
		return 0, errDuration
	}
	part, err := time.ParseDuration(rest)
	if err != nil || part > maxDays*day-d {
		return 0, errDuration
	}
	return d + part, nil
}

// formatDuration writes what parseDuration reads, without units that are 0:
// "30d", "1m", "0s".
func formatDuration(d time.Duration) string {
	days, rest := d/day, d%day
	if days == 0 && rest == 0 {
		return "0s"
	}
	var s string
	if days > 0 {
		s = strconv.Itoa(int(days)) + "d"
	}
	if rest == 0 {
		return s
	}
	part := rest.String()
	if strings.HasSuffix(part, "m0s") {
		part = strings.TrimSuffix(part, "0s")
	}
	if strings.HasSuffix(part, "h0m") {
		part = strings.TrimSuffix(part, "0m")
	}
	return s + part
}
