package filter

import (
	"fmt"
	"unicode/utf8"
)

// A SyntaxError reports a filter that cannot be read.
type SyntaxError struct {
	Pos int    // offset in the source, in bytes, of what is wrong
	Msg string // a sentence for the one who wrote the filter
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("filter, at byte %d: %s", e.Pos, e.Msg) }

func errorf(pos int, msg string, args ...any) *SyntaxError {
	return &SyntaxError{pos, fmt.Sprintf(msg, args...)}
}

// clip shortens what was written before a message repeats it.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	n := most
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
