package db

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Matches reports whether all that a rule names applies to a phone. Whether the
// rule is still open is not asked.
func (r *EnrolmentRule) Matches(in *Inform) bool {
	switch {
	case r.OUI != "" && !strings.EqualFold(r.OUI, in.OUI) && !(len(in.MAC) == 12 && strings.EqualFold(r.OUI, in.MAC[:6])):
	case r.FirstMAC != "" && (in.MAC == "" || in.MAC < r.FirstMAC || in.MAC > r.LastMAC):
	case r.Vendor != "" && !glob(r.Vendor, in.Vendor):
	case r.Model != "" && !glob(r.Model, in.Model):
	case r.ProductClass != "" && !glob(r.ProductClass, in.ProductClass):
	case r.Network != "" && !inNetwork(r.Network, in.Address):
	default:
		return true
	}
	return false
}

func inNetwork(cidr, address string) bool {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(address)
	return err == nil && p.Contains(a.Unmap().WithZone(""))
}

// glob matches a text, in either case, with a pattern in which * stands for any
// characters and ? for one. The time it takes grows with the product of their
// lengths at most.
func glob(pattern, text string) bool {
	p, s := []rune(strings.ToLower(pattern)), []rune(strings.ToLower(text))
	pi, si, star, mark := 0, 0, -1, 0
	for si < len(s) {
		switch {
		case pi < len(p) && p[pi] == '*':
			star, mark = pi, si
			pi++
		case pi < len(p) && (p[pi] == '?' || p[pi] == s[si]):
			pi++
			si++
		case star >= 0: // let the last star take one more
			mark++
			pi, si = star+1, mark
		default:
			return false
		}
	}
	for pi < len(p) && p[pi] == '*' {
		pi++
	}
	return pi == len(p)
}

// Bounds of the texts of a rule, in characters.
const (
	maxGlob = 64
	maxNote = 256
)

// Check says what keeps a rule from being one, as a *FieldError that names the
// field as the API does. It sorts the tags.
func (r *EnrolmentRule) Check() error {
	bad := func(field, format string, args ...any) error {
		return &FieldError{Field: field, Err: fmt.Errorf(format, args...)}
	}
	for _, f := range []struct {
		name, value string
		most        int
	}{
		{"vendor", r.Vendor, maxGlob}, {"model", r.Model, maxGlob}, {"product_class", r.ProductClass, maxGlob},
		{"note", r.Note, maxNote},
	} {
		if err := plain(f.value, f.most); err != nil {
			return bad(f.name, "%w", err)
		}
	}
	given := r.OUI != "" || r.FirstMAC != "" || r.Vendor != "" || r.Model != "" || r.ProductClass != "" || r.Network != ""
	switch {
	case r.All && given:
		return bad("all", "cannot be given with what narrows it")
	case !r.All && !given:
		return bad("all", `the rule names nothing to match; a rule for every phone says {"all": true}`)
	case r.OUI != "" && (len(r.OUI) != 6 || strings.Trim(r.OUI, "0123456789ABCDEF") != ""):
		return bad("oui", "%q is not an OUI: want six hexadecimal digits", r.OUI)
	case r.Action != EnrolApprove && r.Action != EnrolPending && r.Action != EnrolRefuse:
		return bad("action", "want %s, %s or %s", EnrolApprove, EnrolPending, EnrolRefuse)
	case r.Order < 0 || r.Order > MaxRuleOrder:
		return bad("order", "want 0 to %d", MaxRuleOrder)
	case r.Limit < 0 || r.Limit > 1_000_000:
		return bad("limit", "want 0 (any number) to 1000000")
	case r.Action == EnrolRefuse && (r.Limit != 0 || r.Site != 0 || len(r.Tags) > 0):
		return bad("action", "a rule that refuses takes no site, tags and limit: it keeps nothing of the phone")
	case r.ReEnrol && r.Action != EnrolApprove:
		return bad("re_enrol", "only a rule that approves can re-admit")
	}
	if r.Network != "" {
		if p, err := netip.ParsePrefix(r.Network); err != nil || p != p.Masked() {
			return bad("network", "%q is no network: want CIDR without host bits, as in 10.1.0.0/16", r.Network)
		}
	}
	slices.Sort(r.Tags)
	r.Tags = slices.Compact(r.Tags)
	return checkTags(r.Tags)
}

func checkTags(tags []string) error {
	if len(tags) > 64 {
		return &FieldError{Field: "tags", Err: errors.New("more than 64")}
	}
	for _, tag := range tags {
		if err := plain(tag, 64); err != nil || tag == "" || strings.ContainsAny(tag, " ;,") {
			return &FieldError{Field: "tags", Err: fmt.Errorf("%.40q is no tag: want a word without spaces, commas and semicolons", tag)}
		}
	}
	return nil
}

// plain refuses texts that are too long or would break a line.
func plain(s string, most int) error {
	if utf8.RuneCountInString(s) > most {
		return fmt.Errorf("longer than %d characters", most)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }) {
		return errors.New("has a character that cannot be shown")
	}
	return nil
}
