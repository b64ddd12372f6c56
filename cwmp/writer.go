package cwmp

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// The longest texts the schemas allow, in characters.
const (
	maxKey  = 32  // CommandKey, ParameterKey
	max64   = 64  // file types, event codes, identity, option and method names
	max256  = 256 // URLs of transfers, credentials, file names, parameter names
	max1024 = 1024
	noLimit = -1
)

// writer appends XML to b and keeps the first error. Its methods go on after an
// error, so that messages need not ask after each field.
type writer struct {
	b    []byte
	err  error
	rpc  string // names the message in errors
	list string // the array being written, "" outside
	item int    // the index in it
}

func (w *writer) raw(s string) { w.b = append(w.b, s...) }

// fail records the first error.
func (w *writer) fail(field string, err error) {
	if w.err == nil {
		w.err = &FieldError{Field: field, Err: err}
	}
}

// failAt records an error of the element tag of the current message.
func (w *writer) failAt(tag string, err error) {
	if w.list != "" {
		tag = fmt.Sprintf("%s[%d].%s", w.list, w.item, tag)
	}
	w.fail(w.rpc+"."+tag, err)
}

func (w *writer) open(tag string) {
	w.b = append(w.b, '<')
	w.b = append(w.b, tag...)
	w.b = append(w.b, '>')
}

func (w *writer) close(tag string) {
	w.b = append(w.b, '<', '/')
	w.b = append(w.b, tag...)
	w.b = append(w.b, '>')
}

// text writes an element of at most limit characters.
func (w *writer) text(tag, s string, limit int) {
	w.open(tag)
	w.escaped(tag, s, limit)
	w.close(tag)
}

// optional writes an element unless it would be empty.
func (w *writer) optional(tag, s string, limit int) {
	if s != "" {
		w.text(tag, s, limit)
	}
}

func (w *writer) int(tag string, n int) {
	w.open(tag)
	w.b = strconv.AppendInt(w.b, int64(n), 10)
	w.close(tag)
}

func (w *writer) uint(tag string, n uint32) {
	w.open(tag)
	w.b = strconv.AppendUint(w.b, uint64(n), 10)
	w.close(tag)
}

// bool writes 1 or 0, the one spelling that every agent takes.
func (w *writer) bool(tag string, v bool) {
	n := uint32(0)
	if v {
		n = 1
	}
	w.uint(tag, n)
}

// time writes a dateTime as it is, and UnknownTime for "".
func (w *writer) time(tag, s string) {
	if s == "" {
		s = UnknownTime
	}
	w.text(tag, s, max64)
}

// openArray opens an array. Its arrayType is always written, also for none:
// agents exist that fail without it.
func (w *writer) openArray(tag, itemType string, n int) {
	w.b = append(w.b, '<')
	w.b = append(w.b, tag...)
	w.b = append(w.b, ` soap-enc:arrayType="`...)
	w.b = append(w.b, itemType...)
	w.b = append(w.b, '[')
	w.b = strconv.AppendInt(w.b, int64(n), 10)
	w.b = append(w.b, `]">`...)
}

// at names the array item that is written next in errors.
func (w *writer) at(list string, i int) { w.list, w.item = list, i }

func (w *writer) closeArray(tag string) {
	w.close(tag)
	w.list = ""
}

// strings writes an array of xsd:string.
func (w *writer) strings(tag string, list []string, limit int) {
	w.openArray(tag, "xsd:string", len(list))
	for i, s := range list {
		w.at(tag, i)
		w.text("string", s, limit)
	}
	w.closeArray(tag)
}

// escaped writes character data, checking length and characters on the way.
func (w *writer) escaped(tag, s string, limit int) {
	if limit >= 0 && len(s) > limit {
		if n := utf8.RuneCountInString(s); n > limit {
			w.failAt(tag, fmt.Errorf("%w: %d characters, at most %d", ErrTooLong, n, limit))
			return
		}
	}
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				w.failAt(tag, fmt.Errorf("%w: not UTF-8", ErrBadCharacter))
				return
			}
			if !isXMLChar(r) {
				w.failAt(tag, fmt.Errorf("%w: %U", ErrBadCharacter, r))
				return
			}
			i += size
			continue
		}
		var esc string
		switch c {
		case '&':
			esc = "&amp;"
		case '<':
			esc = "&lt;"
		case '>':
			esc = "&gt;"
		case '\r':
			esc = "&#xD;" // a bare one would be read as a line feed
		case '\t', '\n':
		default:
			if c < ' ' {
				w.failAt(tag, fmt.Errorf("%w: %U", ErrBadCharacter, rune(c)))
				return
			}
		}
		if esc != "" {
			w.b = append(w.b, s[done:i]...)
			w.b = append(w.b, esc...)
			done = i + 1
		}
		i++
	}
	w.b = append(w.b, s[done:]...)
}

// isXMLChar reports whether XML 1.0 can carry r (production 2, Char).
func isXMLChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xD7FF ||
		r >= 0xE000 && r <= 0xFFFD ||
		r >= 0x10000 && r <= 0x10FFFF
}

// atLeastOne refuses an empty list where the schema asks for an item: agents
// exist that end on one.
func (w *writer) atLeastOne(tag string, n int) {
	if n == 0 {
		w.failAt(tag, fmt.Errorf("%w: empty list", ErrBadValue))
	}
}

// atMost refuses a list that is longer than the schema allows.
func (w *writer) atMost(tag string, n, limit int) {
	if n > limit {
		w.failAt(tag, fmt.Errorf("%w: %d items, at most %d", ErrTooLong, n, limit))
	}
}
