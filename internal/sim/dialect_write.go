package sim

import (
	"bytes"
	"regexp"
)

// A rewrite makes of an envelope what a dialect writes in its place. One that
// finds nothing to change gives it back as it is.
type rewrite func(m []byte) []byte

// swap changes a text wherever it stands.
func swap(old, now string) rewrite {
	return func(m []byte) []byte { return bytes.ReplaceAll(m, []byte(old), []byte(now)) }
}

// alter changes what a pattern finds; the template knows its groups.
func alter(pattern, template string) rewrite {
	re := regexp.MustCompile(pattern)
	return func(m []byte) []byte { return re.ReplaceAll(m, []byte(template)) }
}

// ouiElement is where an Inform has its OUI.
var ouiElement = regexp.MustCompile(`<OUI>[^<]*`)

// writes is a dialect that rewrites envelopes.
func writes(all ...rewrite) func(*habits) {
	return func(h *habits) { h.write = append(h.write, all...) }
}

// rewritten gives an envelope as the phone's dialects have it.
func (h *habits) rewritten(m []byte) []byte {
	for _, r := range h.write {
		m = r(m)
	}
	return m
}
