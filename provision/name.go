package provision

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a file's name. With the longest escaped name a link has room for
// a base URL of 62 characters.
const (
	MaxName        = 128 // characters
	MaxEscapedName = 160 // characters of its form in a URL
)

// checkName tells why a file cannot have a name. The name is the last segment
// of a URL and, at the phone, perhaps of a path: it must stay one segment
// through every decoder on the way.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("missing; give the name that phones shall see")
	case !utf8.ValidString(name):
		return errors.New("not valid UTF-8")
	case utf8.RuneCountInString(name) > MaxName:
		return fmt.Errorf("longer than %d characters", MaxName)
	case name == "." || name == "..":
		return fmt.Errorf("%q is a directory, not a name", name)
	case strings.ContainsAny(name, `/\`):
		return errors.New("has a path separator; give the name without its directory")
	case strings.TrimSpace(name) != name:
		return errors.New("begins or ends with a space")
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("has the control or invisible character %U", r)
		}
	}
	if n := len(escapeName(name)); n > MaxEscapedName {
		return fmt.Errorf("takes %d characters in a URL, %d are the limit", n, MaxEscapedName)
	}
	return nil
}

// escapeName writes a name as a path segment in which nothing but letters,
// digits and "-", ".", "_", "~" stands for itself: Fanvil phones replace "$mac",
// and some decoders take "+" for a space, so both are escaped although RFC 3986
// would not ask it.
func escapeName(name string) string {
	return strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}
