package quirks

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"phoneacs/phones/internal/base"
)

// The kinds of ACS that a phone can be set to speak with, where its vendor has
// several.
const (
	TypeCommon = base.TypeCommon
	TypeCTC    = base.TypeCTC
)

// Anyone as [Entry.Vendor] stands for the phones of all vendors, and of none.
const Anyone = "*"

// Who is what an entry can ask of a phone. Each may be empty: not known.
type Who struct {
	Vendor, Model, Version          string // Vendor and Model as recognised, Version as reported
	Manufacturer, OUI, ProductClass string // as reported
	Type                            string // TypeCommon or TypeCTC
}

// An Entry says what is odd about some phones. All that it asks must fit, and
// it asks at least for one of Vendor, Manufacturer, OUI and ProductClass.
// Patterns may hold * for any text and ? for one character; case does not
// matter.
type Entry struct {
	Vendor       string   // a vendor known here, or Anyone
	Manufacturer string   // pattern
	OUI          []string // six hexadecimal digits each
	ProductClass []string // patterns
	Models       []string // patterns
	Firmware     string   // a range, as in ">=2.4, <2.10"
	Type         string   // TypeCommon or TypeCTC

	Why     string // a sentence
	Source  string // where it was reported
	Assumed bool   // nobody has seen it here: it follows from what was read
	Set     Set    // what holds for these phones

	File string // which file it is of
	Line int    // where it begins there, from 1

	firmware rangeOf
}

// Bounds of an entry.
const (
	maxList    = 256 // of models and the like
	maxPattern = 128 // bytes of one
	maxWhy     = 500 // characters
)

// complete checks an entry and makes it ready to match.
func (e *Entry) complete(lookup Lookup) error {
	bad := func(field, format string, args ...any) error {
		return &Error{Field: field, Line: e.Line, Err: fmt.Errorf(format, args...)}
	}
	if e.Vendor == "" && e.Manufacturer == "" && len(e.OUI) == 0 && len(e.ProductClass) == 0 {
		return bad("vendor", `says nothing of whose phones are meant: give vendor, manufacturer, oui or product_class, or vendor: "*" for all`)
	}
	if _, known := lookup(e.Vendor); e.Vendor != "" && e.Vendor != Anyone && !known {
		return bad("vendor", "%q is not known here; give manufacturer or oui instead", clip(e.Vendor))
	}
	for _, list := range []struct {
		field string
		texts []string
	}{{"manufacturer", []string{e.Manufacturer}}, {"product_class", e.ProductClass}, {"models", e.Models}, {"oui", e.OUI}} {
		if len(list.texts) > maxList {
			return bad(list.field, "more than %d", maxList)
		}
		for _, t := range list.texts {
			if len(t) > maxPattern || !printable(t) || t == "" && list.field != "manufacturer" {
				return bad(list.field, "%q: want 1 to %d bytes that can be shown", clip(t), maxPattern)
			}
		}
	}
	for _, oui := range e.OUI {
		if len(oui) != 6 || strings.Trim(strings.ToUpper(oui), "0123456789ABCDEF") != "" {
			return bad("oui", "%q: want six hexadecimal digits", clip(oui))
		}
	}
	if e.Type != "" && e.Type != TypeCommon && e.Type != TypeCTC {
		return bad("type", "%q: want %s or %s", clip(e.Type), TypeCommon, TypeCTC)
	}
	var err error
	if len(e.Firmware) > maxPattern || !printable(e.Firmware) {
		err = fmt.Errorf("want at most %d bytes that can be shown", maxPattern)
	} else {
		e.firmware, err = parseRange(e.Firmware)
	}
	if err != nil {
		return bad("firmware", "%w", err)
	}
	for _, t := range []struct{ field, text string }{{"why", e.Why}, {"source", e.Source}} {
		if t.text == "" || utf8.RuneCountInString(t.text) > maxWhy || !printable(t.text) {
			return bad(t.field, "want 1 to %d characters that can be shown: whoever meets this entry should learn what it is there for", maxWhy)
		}
	}
	if len(e.Set) == 0 {
		return &Error{Field: "set", Line: e.Line, Err: errors.New("sets nothing")}
	}
	return nil
}

// fits reports whether an entry is about a phone.
func (e *Entry) fits(w *Who, plain func(string) string) bool {
	any := func(patterns []string, s string) bool {
		return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return matches(p, s) })
	}
	return (e.Vendor == "" || e.Vendor == Anyone || e.Vendor == w.Vendor) &&
		(e.Manufacturer == "" || matches(e.Manufacturer, w.Manufacturer)) &&
		(e.Type == "" || e.Type == w.Type) &&
		(len(e.OUI) == 0 || slices.ContainsFunc(e.OUI, func(o string) bool { return strings.EqualFold(o, w.OUI) })) &&
		any(e.ProductClass, w.ProductClass) && any(e.Models, w.Model) && e.firmware.holds(w.Version, plain)
}

// matches reports whether a text fits a pattern. It takes no longer than the
// product of their lengths.
func matches(pattern, s string) bool {
	p, t := []rune(strings.ToLower(pattern)), []rune(strings.ToLower(s))
	star, from := -1, 0
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i++
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// clip shortens what a file has for an error.
func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}
