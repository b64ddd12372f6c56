// Package base holds what the packages of all vendors share: the types of
// phones and the reading of MAC addresses.
//
// It exists so that phones can hold the table of vendors without an import
// cycle: phones imports each vendor, each vendor imports base, and everyone
// else uses the names that phones gives to these types. It knows no vendor and
// does no I/O.
package base

import "phoneacs/cwmp"

// Identity is what a phone says it is. Every field may be empty: not known.
type Identity struct {
	Vendor string // lower case: "fanvil"
	Model  string // as the vendor writes it: "X6", "V62 Pro"
	MAC    string // 12 lower-case hexadecimal digits
}

// The kinds of file a Download can carry on TR-069.
const (
	KindFirmware = "firmware"
	KindConfig   = "config"
)

// Vendor is what we know of one vendor's phones. Implementations hold no state
// and are safe for concurrent use.
type Vendor interface {
	// Name is the vendor in lower case.
	Name() string

	// Recognize reads an Inform. It reports false when the phone is not this
	// vendor's; a true report may leave Model and MAC empty.
	Recognize(id cwmp.DeviceID, params []cwmp.ParameterValue) (Identity, bool)

	// UserAgent reads the User-Agent of a file request, and reports false when
	// it is not one of this vendor's. version is as sent.
	UserAgent(ua string) (id Identity, version string, ok bool)

	// NormalizeVersion reduces a firmware version, as a phone reports it or a
	// person types it, to the form in which two can be compared for equality.
	// model may be empty.
	NormalizeVersion(model, v string) string

	// DownloadType returns the FileType that a TR-069 Download of this kind
	// has, and reports false when the model takes that kind only in other ways.
	DownloadType(kind, model string) (fileType string, ok bool)

	// UploadType returns the FileType that a TR-069 Upload of this kind has,
	// of an instance if that is not 0, and reports false when the model does
	// not send that kind by Upload.
	UploadType(kind, model string, instance int) (fileType string, ok bool)

	// Lead returns a configuration file that has the model fetch a file of this
	// kind from a URL, and reports false when it knows none. It is the same for
	// the same arguments. The URL is printable ASCII without spaces.
	Lead(kind, model, url string) (config []byte, ok bool)

	// UploadLead is Lead for a file that the model is to send to the URL.
	UploadLead(kind, model, url string) (config []byte, ok bool)

	// FileRule returns what is asked of files of this kind, and reports false
	// when that is nothing.
	FileRule(kind string) (FileRule, bool)

	// Lines returns the ways in which the model may tell of its lines, the
	// likeliest first.
	Lines(model string) []Lines

	// Restarts reports whether the model restarts, or may, when it is given a
	// file of this kind.
	Restarts(kind, model string) bool

	// FirmwareName reads model and version out of the name of a firmware file.
	// It reports false rather than guess; version is empty where the name tells
	// the model alone.
	FirmwareName(name string) (model, version string, ok bool)

	// ConnectionRequestDefaults returns the credentials that phones check on
	// connection requests until they are given others.
	ConnectionRequestDefaults() (user, password string)

	// Models lists the known models, sorted. The slice is the caller's.
	Models() []string
}
