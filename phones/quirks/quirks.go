// Package quirks holds what is odd about some phones, as data: which model, in
// which firmware, does it, where it was reported, and how it is to be treated.
//
// A [Book] is entries in layers: those that come with the program, an
// operator's file, and what was said of single phones. The later one wins. The
// package reads, checks, writes and resolves them; it refuses to act on any,
// and to read or write files itself. There is no switch that nothing acts on.
package quirks

// Forms of a boolean in a value that is sent.
const (
	AsOrdered = "as-ordered" // as the order has it
	Digits    = "digits"     // 0 and 1
	Words     = "words"      // false and true
)

// The roots of the data models, and what stands for the one that a phone shows.
const (
	RootDevice   = "Device."
	RootGateway  = "InternetGatewayDevice."
	RootReported = "reported"
)

// ByConfig in [Quirks.FileTypes] says that a kind of file goes by a
// configuration file that names its URL; "" that the model does not take it.
const ByConfig = "config"

// Quirks is how one phone is treated. What each member means, its range and
// its default are in [Switches]; [Standard] is a phone without any. One that a
// [Book] gives is shared, and not to be changed.
type Quirks struct {
	// How we answer.
	XMLDeclaration bool
	Namespace      string // "": that of the phone
	CloseAfterEnd  bool
	EmptyEnd       bool

	// What we send and believe.
	BooleanForm   string // AsOrdered, Digits or Words
	FileTypes     map[string]string
	ConfigXML     bool
	FetchedIsDone bool

	// How a phone is read.
	MaxNames      int
	WalkNextLevel bool
	Root          string // "", RootReported, RootDevice or RootGateway
	NoMethods     bool

	// How a phone proves who it is.
	DigestWithoutQOP bool
	DigestEmptyURI   bool
	DigestNonceReuse bool
	BasicInClear     bool
	NoChallenge      bool
	DigestSHA256     bool

	// How a phone is woken.
	WakeURIRoot    bool
	WakeNewSocket  bool
	WakeWithoutQOP bool
}

var standard = Quirks{BooleanForm: AsOrdered, MaxNames: 64}

// Standard returns the treatment of a phone that nothing odd is known of. It is
// shared, and not to be changed.
func Standard() *Quirks { return &standard }

// FileType returns the FileType that a Download of a kind of file has, if that
// is said: "" for not at all, [ByConfig] for by configuration file.
func (q *Quirks) FileType(kind string) (fileType string, said bool) {
	fileType, said = q.FileTypes[kind]
	return fileType, said
}

// Boolean puts a boolean in the form that the phone takes. What is none stays
// as it is.
func (q *Quirks) Boolean(value string) string {
	var is bool
	switch value {
	case "1", "true":
		is = true
	case "0", "false":
	default:
		return value
	}
	switch {
	case q.BooleanForm == Digits && is:
		return "1"
	case q.BooleanForm == Digits:
		return "0"
	case q.BooleanForm == Words && is:
		return "true"
	case q.BooleanForm == Words:
		return "false"
	}
	return value
}
