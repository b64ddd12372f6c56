package cwmp

import (
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// The functions here read fields from elements. Arguments are matched by local
// name only: the schemas leave them unqualified, but devices qualify some.

// text returns the character data of e verbatim, comments and children left out.
func text(e *etree.Element) string {
	if len(e.Child) == 1 {
		if c, ok := e.Child[0].(*etree.CharData); ok {
			return c.Data
		}
		return ""
	}
	var all strings.Builder
	for _, t := range e.Child {
		if c, ok := t.(*etree.CharData); ok {
			all.WriteString(c.Data)
		}
	}
	return all.String()
}

// token returns the character data of e without the white space around it, for
// fields in which white space is never meant.
func token(e *etree.Element) string { return strings.TrimSpace(text(e)) }

// parseBool is lenient: "1", "true" in any case, "on", "yes"; all else is false.
func parseBool(e *etree.Element) bool {
	switch s := token(e); {
	case s == "1", strings.EqualFold(s, "true"), strings.EqualFold(s, "yes"), strings.EqualFold(s, "on"):
		return true
	}
	return false
}

// parseUint returns 0 for what is not a number that fits.
func parseUint(e *etree.Element) uint32 {
	n, err := strconv.ParseUint(strings.TrimPrefix(token(e), "+"), 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// parseInt returns def for what is not a number that fits 32 bits.
func parseInt(e *etree.Element, def int) int {
	n, err := strconv.ParseInt(token(e), 10, 32)
	if err != nil {
		return def
	}
	return int(n)
}

// parseTime keeps a dateTime as the device wrote it; empty means unknown.
func parseTime(e *etree.Element) string {
	if s := token(e); s != "" {
		return s
	}
	return UnknownTime
}

// parseStrings reads the children of an array of strings. Their names are not
// asked: devices call them string, String or item.
func parseStrings(e *etree.Element, list []string) []string {
	for c := range e.ChildElementsSeq() {
		list = append(list, token(c))
	}
	return list
}

// status returns the Status among the children of e: 0 applied, 1 later. What
// is missing or unreadable is 1, never applied.
func status(e *etree.Element) int {
	s := 1
	for c := range e.ChildElementsSeq() {
		if c.Tag == "Status" {
			s = parseInt(c, 1)
		}
	}
	return s
}
