// Package phones knows the vendors' phones: how to tell one from what it says
// of itself, how it spells its firmware versions and files, and what it takes
// in a Download.
//
// It refuses to read, write or ask anything: facts in, facts out. Each vendor
// is a package below this one, listed in one table here; the types they share
// live in phones/internal/base and are used under the names this package gives
// them.
package phones

import (
	"phoneacs/cwmp"
	"phoneacs/phones/fanvil"
	"phoneacs/phones/internal/base"
)

// Identity is what a phone says it is; unknown fields are empty.
type Identity = base.Identity

// Vendor is what we know of one vendor's phones.
type Vendor = base.Vendor

// The kinds of file a Download can carry on TR-069.
const (
	KindFirmware = base.KindFirmware
	KindConfig   = base.KindConfig
)

// FileRule is what a vendor's phones ask of files of one kind.
type FileRule = base.FileRule

// Lines says by which parameters a phone tells of its lines.
type Lines = base.Lines

// A Sign is one such parameter, and what of its values counts.
type Sign = base.Sign

// ErrMAC reports that a text is not a MAC address.
var ErrMAC = base.ErrMAC

// vendors is the table. The first that recognises a phone has it.
var vendors = []Vendor{
	fanvil.Vendor{},
}

// Vendors lists the known vendors by name.
func Vendors() []string {
	names := make([]string, len(vendors))
	for i, v := range vendors {
		names[i] = v.Name()
	}
	return names
}

// Lookup returns the vendor of that name, in lower case.
func Lookup(vendor string) (Vendor, bool) {
	for _, v := range vendors {
		if v.Name() == vendor {
			return v, true
		}
	}
	return nil, false
}

// Of returns the vendor of that name, or for a name that is not known one whose
// phones are taken to keep to the standard and no more.
func Of(vendor string) interface {
	DownloadType(kind, model string) (fileType string, ok bool)
	UploadType(kind, model string, instance int) (fileType string, ok bool)
	Lead(kind, model, url string) (config []byte, ok bool)
	UploadLead(kind, model, url string) (config []byte, ok bool)
	FileRule(kind string) (FileRule, bool)
	Lines(model string) []Lines
	Restarts(kind, model string) bool
} {
	if v, ok := Lookup(vendor); ok {
		return v
	}
	return base.Standard{}
}

// Recognize tells a phone from its Inform. It never fails: what is not known
// stays empty. The MAC address of an unknown vendor's phone is found where it
// is named plainly.
func Recognize(id cwmp.DeviceID, params []cwmp.ParameterValue) Identity {
	for _, v := range vendors {
		if who, ok := v.Recognize(id, params); ok {
			return who
		}
	}
	return Identity{MAC: base.FindMAC(id, params)}
}

// FromUserAgent tells a phone from the User-Agent of a file request, with the
// firmware version it names, and reports false when no vendor knows it.
func FromUserAgent(ua string) (id Identity, version string, ok bool) {
	for _, v := range vendors {
		if id, version, ok := v.UserAgent(ua); ok {
			return id, version, true
		}
	}
	return Identity{}, "", false
}

// SameVersion reports whether a and b name the same firmware of a model. Two
// empty versions are not the same: nothing is known of either. For a vendor we
// do not know the texts have to be equal.
func SameVersion(vendor, model, a, b string) bool {
	if v, ok := Lookup(vendor); ok {
		a, b = v.NormalizeVersion(model, a), v.NormalizeVersion(model, b)
	}
	return a != "" && a == b
}

// ParseMAC reads a MAC address in any common spelling and returns 12 lower-case
// hexadecimal digits, or ErrMAC.
func ParseMAC(s string) (string, error) { return base.ParseMAC(s) }
