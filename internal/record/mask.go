package record

import (
	"bytes"
	"slices"
	"strings"

	"phoneacs/db"
)

// Hidden stands for what was masked. It can stand in a URL and in XML.
const Hidden = "****"

// minSecret is the shortest value that is looked for wherever it may stand: a
// shorter one would be found in half of all texts. Where it is named as a
// secret it is masked all the same.
const minSecret = 4

// maxSecrets bounds what is looked for in one session.
const maxSecrets = 256

// A Masker masks the secrets of one session. It is not safe for concurrent use.
type Masker struct {
	known [][]byte // in every spelling, longest first
}

// Learn makes a value one that is masked wherever it stands, as it is and as
// other formats write it.
func (m *Masker) Learn(secret string) (news bool) {
	if len(secret) < minSecret || secret == Hidden {
		return false
	}
	for _, s := range spellings(secret) {
		b := []byte(s)
		if len(m.known) < maxSecrets && !slices.ContainsFunc(m.known, func(k []byte) bool { return bytes.Equal(k, b) }) {
			m.known = append(m.known, b)
			news = true
		}
	}
	slices.SortFunc(m.known, func(a, b []byte) int { return len(b) - len(a) })
	return news
}

// A span is a stretch of bytes, from its first to the one behind its last.
type span struct{ from, to int }

// A Masked is a text with its secrets masked.
type Masked struct {
	Text  []byte
	Count int // secrets that were masked
	spans []span
	gone  []int // where characters were dropped
}

// At returns where in the text a byte of what was masked stands now.
func (k *Masked) At(offset int) int {
	dropped, _ := slices.BinarySearch(k.gone, offset)
	offset -= dropped
	shift := 0
	for _, s := range k.spans {
		switch {
		case offset >= s.to:
			shift += len(Hidden) - (s.to - s.from)
		case offset > s.from:
			return s.from + shift
		}
	}
	return offset + shift
}

// Mask returns a copy of b with its secrets masked: the text of elements, the
// values of parameters and attributes and what is written name=value or
// name: value, where the name is that of a secret (see [db.SecretName]); user
// and password in URLs, and user names beside a password; links to files; what
// was learned; comments, and document types, since both may hide anything. b
// need not be XML. Control characters, which XML forbids and readers drop, go:
// they could part the letters of a name.
func (m *Masker) Mask(b []byte) Masked {
	b, gone := drop(b)
	var spans []span
	d := scan(b)
	spans = append(spans, d.secrets()...)
	for _, t := range d.texts {
		spans = append(spans, loose(b, t.from, t.to)...)
	}
	for _, k := range m.known {
		spans = append(spans, find(b, k)...)
	}
	k := cover(b, spans)
	k.gone = gone
	return k
}

// drop returns b without control characters, and where they stood.
func drop(b []byte) (clean []byte, gone []int) {
	for i, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7F {
			if gone == nil {
				clean = append(make([]byte, 0, len(b)), b[:i]...)
			}
			gone = append(gone, i)
		} else if gone != nil {
			clean = append(clean, c)
		}
	}
	if gone == nil {
		return b, nil
	}
	return clean, gone
}

// Text is Mask for a short text, such as a header.
func (m *Masker) Text(s string) string { return string(m.Mask([]byte(s)).Text) }

// cover puts Hidden in the place of each stretch.
func cover(b []byte, spans []span) Masked {
	spans = slices.DeleteFunc(spans, func(s span) bool {
		return s.from >= s.to || string(b[s.from:s.to]) == Hidden
	})
	slices.SortFunc(spans, func(x, y span) int { return x.from - y.from })
	k := Masked{Text: make([]byte, 0, len(b)+len(spans)*len(Hidden))}
	at := 0
	for i := 0; i < len(spans); {
		s := spans[i]
		for i++; i < len(spans) && spans[i].from <= s.to; i++ {
			s.to = max(s.to, spans[i].to)
		}
		k.Text = append(k.Text, b[at:s.from]...)
		k.Text = append(k.Text, Hidden...)
		k.spans = append(k.spans, s)
		at = s.to
	}
	k.Text = append(k.Text, b[at:]...)
	k.Count = len(k.spans)
	return k
}

// secretElement reports whether the text of an element of this name, without
// prefix, is secret whatever it holds. User names are, since those of transfers
// stand beside their passwords.
func secretElement(name string) bool {
	return strings.EqualFold(name, "Username") || db.SecretName(name)
}

// secretHeader reports whether a line "name: value" is a header that proves
// who somebody is.
func secretHeader(name string) bool {
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization", "cookie", "set-cookie", "cookie2", "set-cookie2":
		return true
	}
	return false
}
