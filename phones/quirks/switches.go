package quirks

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Switch describes one member of [Quirks].
type Switch struct {
	Name  string   // as files and the API spell it
	Kind  string   // "bool", "int", "word" or "texts": words by name
	Words []string // of a word: those it may be
	Least int      // of an int
	Most  int      // of an int
	Does  string   // what it does, as a sentence; with the unit of an int
	at    func(*Quirks) any
}

// Default is the value of a phone that nothing odd is known of, as text.
func (s *Switch) Default() string {
	switch v := s.at(&standard).(type) {
	case *bool:
		return fmt.Sprint(*v)
	case *int:
		return fmt.Sprint(*v)
	case *string:
		return *v
	}
	return ""
}

// The kinds of switches.
const (
	kindBool  = "bool"
	kindInt   = "int"
	kindWord  = "word"
	kindTexts = "texts"
)

func flag(name, does string, at func(*Quirks) *bool) Switch {
	return Switch{Name: name, Kind: kindBool, Does: does, at: func(q *Quirks) any { return at(q) }}
}

func word(name, does string, words []string, at func(*Quirks) *string) Switch {
	return Switch{Name: name, Kind: kindWord, Words: words, Does: does, at: func(q *Quirks) any { return at(q) }}
}

// switches are all there are. docs/quirks.md has the same table.
var switches = []Switch{
	flag("xml_declaration", "Answers begin with an XML declaration.",
		func(q *Quirks) *bool { return &q.XMLDeclaration }),
	word("namespace", "Answers are in this namespace of CWMP, whatever the phone writes; empty: in the phone's own.",
		[]string{"", "urn:dslforum-org:cwmp-1-0", "urn:dslforum-org:cwmp-1-1", "urn:dslforum-org:cwmp-1-2"},
		func(q *Quirks) *string { return &q.Namespace }),
	flag("close_after_end", "The answer that ends a session closes the connection.",
		func(q *Quirks) *bool { return &q.CloseAfterEnd }),
	flag("empty_end", "A session ends with an empty answer 200 instead of 204.",
		func(q *Quirks) *bool { return &q.EmptyEnd }),
	word("boolean_form", "How values of type boolean are written when they are set: as the order has them, as 0 and 1, or as false and true.",
		[]string{AsOrdered, Digits, Words},
		func(q *Quirks) *string { return &q.BooleanForm }),
	{Name: "file_types", Kind: kindTexts, at: func(q *Quirks) any { return &q.FileTypes },
		Does: "By kind of file, the FileType that a Download of it has; empty: the model does not take it so; config: a configuration file names its URL."},
	flag("config_xml", "Only configuration files whose name ends in .xml are given to it.",
		func(q *Quirks) *bool { return &q.ConfigXML }),
	flag("fetched_is_done", "A configuration file that was fetched whole counts as taken when the phone has not reported by the deadline.",
		func(q *Quirks) *bool { return &q.FetchedIsDone }),
	{Name: "max_names", Kind: kindInt, Least: 1, Most: 256, at: func(q *Quirks) any { return &q.MaxNames },
		Does: "How many names one GetParameterValues has at most."},
	flag("walk_next_level", "The names of a phone are asked for one level at a time.",
		func(q *Quirks) *bool { return &q.WalkNextLevel }),
	word("root", "What is asked for instead of the empty path, and what its names begin with: empty: the empty path; reported: the root that its Inform shows.",
		[]string{"", RootReported, RootDevice, RootGateway},
		func(q *Quirks) *string { return &q.Root }),
	flag("no_methods", "It is never asked for its methods (GetRPCMethods).",
		func(q *Quirks) *bool { return &q.NoMethods }),
	flag("digest_without_qop", "Digest as of RFC 2069 is taken, though qop was offered.",
		func(q *Quirks) *bool { return &q.DigestWithoutQOP }),
	flag("digest_sha256", "Where Digest is asked for, it is asked for with SHA-256, and MD5 is not taken.",
		func(q *Quirks) *bool { return &q.DigestSHA256 }),
	flag("digest_empty_uri", "Digest whose uri is empty is taken.",
		func(q *Quirks) *bool { return &q.DigestEmptyURI }),
	flag("digest_nonce_reuse", "One nonce and count are taken again and again, until the nonce is too old.",
		func(q *Quirks) *bool { return &q.DigestNonceReuse }),
	flag("basic_in_clear", "A password that comes by Basic without TLS is taken. Others can read it on the way.",
		func(q *Quirks) *bool { return &q.BasicInClear }),
	flag("no_challenge", "It is not asked for a password, and so proves nothing.",
		func(q *Quirks) *bool { return &q.NoChallenge }),
	flag("wake_uri_root", "It is woken at / instead of the path of its connection request URL.",
		func(q *Quirks) *bool { return &q.WakeURIRoot }),
	flag("wake_new_socket", "The proof of a connection request goes over a connection of its own at once.",
		func(q *Quirks) *bool { return &q.WakeNewSocket }),
	flag("wake_without_qop", "Connection requests are proven as of RFC 2069, though the phone offers qop.",
		func(q *Quirks) *bool { return &q.WakeWithoutQOP }),
}

// Switches lists the switches. The slice is the caller's.
func Switches() []Switch { return slices.Clone(switches) }

var byName = func() map[string]*Switch {
	m := make(map[string]*Switch, len(switches))
	for i := range switches {
		m[switches[i].Name] = &switches[i]
	}
	return m
}()

// Bounds of the texts of file_types.
const (
	maxTexts    = 32
	maxTextName = 32 // bytes
	maxText     = 64 // characters: what TR-069 has for a FileType
)

// ErrUnknown reports a key that is no switch, or none of an entry's.
var ErrUnknown = errors.New("there is no such key")

// lookup finds the switch of a name, where "file_types.config" is one of the
// texts.
func lookup(name string) (s *Switch, text string, err error) {
	base, text, dotted := strings.Cut(name, ".")
	s = byName[base]
	switch {
	case s == nil:
		return nil, "", fmt.Errorf("%w; known are %s", ErrUnknown, strings.Join(names(), ", "))
	case s.Kind != kindTexts && dotted, s.Kind == kindTexts && !textName(text):
		return nil, "", fmt.Errorf("%w", ErrUnknown)
	}
	return s, text, nil
}

func names() []string {
	list := make([]string, len(switches))
	for i := range switches {
		list[i] = switches[i].Name
	}
	return list
}

// textName reports whether s can be the name of a text: a word of lower-case
// letters, digits, - and _.
func textName(s string) bool {
	if s == "" || len(s) > maxTextName {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

// check says what is wrong with a value, which is a bool, an int or a string.
func (s *Switch) check(v any) error {
	switch s.Kind {
	case kindBool:
		if _, ok := v.(bool); !ok {
			return errors.New("want true or false")
		}
	case kindInt:
		if n, ok := v.(int); !ok || n < s.Least || n > s.Most {
			return fmt.Errorf("want a whole number from %d to %d", s.Least, s.Most)
		}
	case kindWord:
		if t, ok := v.(string); !ok || !slices.Contains(s.Words, t) {
			return fmt.Errorf("want one of %s", strings.Join(quoted(s.Words), ", "))
		}
	case kindTexts:
		t, ok := v.(string)
		if !ok || utf8.RuneCountInString(t) > maxText || !printable(t) {
			return fmt.Errorf("want a text of at most %d characters that can be shown", maxText)
		}
	}
	return nil
}

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = fmt.Sprintf("%q", w)
	}
	return out
}

// give sets the switch, or one of its texts.
func (s *Switch) give(q *Quirks, text string, v any) {
	switch at := s.at(q).(type) {
	case *bool:
		*at = v.(bool)
	case *int:
		*at = v.(int)
	case *string:
		*at = v.(string)
	case *map[string]string:
		if *at == nil {
			*at = make(map[string]string)
		}
		(*at)[text] = v.(string)
	}
}
