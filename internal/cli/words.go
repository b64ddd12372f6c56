package cli

import (
	"strings"
)

// isID reports whether a text is an id: its letter and a number.
func isID(letter byte, s string) bool {
	return len(s) > 1 && s[0] == letter && s[1] != '0' && strings.Trim(s[1:], "0123456789") == ""
}

// quote writes a text as filters want it.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
