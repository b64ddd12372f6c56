package admin

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of texts, in characters.
const (
	maxPhoneName  = 128
	maxSiteName   = 64
	maxCredential = 256
	maxReason     = 256
	maxTag        = 64
	maxTags       = 64 // of one phone
)

// checkText refuses texts that are too long or would break a line or a column.
func checkText(field, s string, most int) error {
	if utf8.RuneCountInString(s) > most {
		return invalid(field, "longer than %d characters", most)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }) {
		return invalid(field, "has a character that cannot be shown")
	}
	return nil
}

// checkTags refuses what could not be told apart in a list or a filter.
func checkTags(field string, tags []string) error {
	if len(tags) > maxTags {
		return invalid(field, "more than %d tags", maxTags)
	}
	for _, tag := range tags {
		if err := checkText(field, tag, maxTag); err != nil {
			return err
		}
		if tag == "" || strings.ContainsAny(tag, " ;,") {
			return invalid(field, "%q is no tag: want a word without spaces, commas and semicolons", tag)
		}
	}
	return nil
}
