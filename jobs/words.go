package jobs

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What is said of a task (why it waits, why it failed, what was seen) is a
// sentence in small letters and without a full stop, clauses apart by "; ", so
// that it can stand after a word: "failed: the phone reports 2.4, expected 2.5".

// clause makes a clause of a sentence.
func clause(s string) string {
	s = strings.TrimSuffix(s, ".")
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

// maxQuoted bounds what is repeated of a phone's words, in bytes.
const maxQuoted = 120

// clip shortens what a phone said, and takes control characters out of it.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	if len(s) <= maxQuoted {
		return s
	}
	n := maxQuoted
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// at writes a time for a sentence.
func at(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }

// span writes a duration for a sentence: "30m", "1h30m", "1m5s", "100ms".
func span(d time.Duration) string {
	if d >= time.Second {
		d = d.Round(time.Second)
	} else {
		d = d.Round(time.Millisecond)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// maxListed is how many things are named one by one in a sentence.
const maxListed = 5

// enumerate names things, the first few one by one.
func enumerate(things []string) string {
	if len(things) <= maxListed {
		return strings.Join(things, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(things[:maxListed], ", "), len(things)-maxListed)
}

// counted writes a number of things: "1 value", "3 values".
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// maxText is how much of a text that a phone chose is kept beside what is known
// of it, in bytes.
const maxText = 256

// clipText shortens a text to what the store keeps of it.
func clipText(s string) string { return s[:min(len(s), maxText)] }
