package admin

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones"
)

// Bounds of what a list tells of a phone.
const (
	maxSerial = 64 // characters (TR-069 A.3.3.1, DeviceIdStruct)
	maxLabel  = 64 // characters of a vendor or model
)

// A phoneLine is one line of a list of phones. Its site is still as written.
type phoneLine struct {
	line  int
	site  string
	phone db.PhoneImport
}

// set takes one cell in.
func (l *phoneLine) set(column, cell string) (err error) {
	if !utf8.ValidString(cell) {
		return errors.New("not UTF-8; save the list in that encoding")
	}
	if strings.ContainsFunc(cell, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return errors.New("has a character that cannot be shown")
	}
	switch column {
	case "mac":
		l.phone.MAC, err = parseMAC(cell)
		return err
	case "oui":
		l.phone.OUI, err = parseOUI(cell)
		return err
	case "tags":
		l.phone.Tags = splitTags(cell)
		if err := checkTags(column, l.phone.Tags); err != nil {
			return errors.New(problemFor(err).Detail)
		}
		return nil
	}
	into, most := &l.phone.Serial, maxSerial
	switch column {
	case "site":
		into, most = &l.site, maxSiteName
	case "name":
		into, most = &l.phone.Name, maxPhoneName
	case "vendor":
		into, most, cell = &l.phone.Vendor, maxLabel, strings.ToLower(cell)
	case "model":
		into, most = &l.phone.Model, maxLabel
	}
	if utf8.RuneCountInString(cell) > most {
		return fmt.Errorf("longer than %d characters", most)
	}
	*into = cell
	return nil
}

// complete checks that the line names a phone. A serial without an OUI does if
// it shows the MAC, as a Fanvil's does.
func (l *phoneLine) complete() error {
	p := &l.phone
	switch {
	case p.MAC == "" && p.Serial == "":
		return &lineError{l.line, "mac", "want a mac or a serial"}
	case p.Serial == "" || p.OUI != "" || p.MAC != "":
		return nil
	}
	who := phones.Recognize(cwmp.DeviceID{SerialNumber: p.Serial}, nil)
	if who.MAC == "" {
		return &lineError{l.line, "oui", "this serial needs its OUI, or a mac beside it"}
	}
	p.MAC = who.MAC
	if p.Vendor == "" {
		p.Vendor = who.Vendor
	}
	return nil
}

func parseMAC(cell string) (string, error) {
	if cell == "" {
		return "", nil
	}
	mac, err := phones.ParseMAC(cell)
	if err != nil {
		return "", fmt.Errorf("%q is not a MAC address", shorten(cell))
	}
	// The lowest bit of the first byte marks addresses of groups.
	if mac == "000000000000" || strings.IndexByte("13579bdf", mac[1]) >= 0 {
		return "", fmt.Errorf("%q is not the address of one device", shorten(cell))
	}
	return mac, nil
}

// parseOUI reads six hexadecimal digits, bare or in pairs.
func parseOUI(cell string) (string, error) {
	oui := strings.ToUpper(strings.NewReplacer(":", "", "-", "").Replace(cell))
	if cell != "" && (len(oui) != 6 || strings.Trim(oui, "0123456789ABCDEF") != "") {
		return "", fmt.Errorf("%q is not an OUI: want six hexadecimal digits", shorten(cell))
	}
	return oui, nil
}

// splitTags reads tags between spaces or semicolons, sorted, each once.
func splitTags(cell string) []string {
	tags := strings.FieldsFunc(cell, func(r rune) bool { return r == ' ' || r == ';' })
	slices.Sort(tags)
	tags = slices.Compact(tags)
	if len(tags) == 0 {
		return nil
	}
	return tags
}

// shorten keeps messages readable.
func shorten(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
