package cwmp

import (
	"bytes"
	"encoding/binary"
)

// segment kinds of lex.
type segment int

const (
	segText segment = iota
	segTag          // a start or end tag
	segCDATA
	segComment
	segPI
	segDecl // <!DOCTYPE and its like
	segOpen // begins like one of the others and never ends
)

// lex returns the kind and the length of the segment at the start of b, which
// is not empty. It ends tags, comments, sections and instructions where
// encoding/xml ends them, so that what is counted here is what is built there.
func lex(b []byte) (segment, int) {
	if b[0] != '<' {
		if i := bytes.IndexByte(b, '<'); i >= 0 {
			return segText, i
		}
		return segText, len(b)
	}
	switch {
	case bytes.HasPrefix(b, []byte("<!--")):
		return until(b, segComment, 4, "-->")
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		return until(b, segCDATA, 9, "]]>")
	case bytes.HasPrefix(b, []byte("<?")):
		return until(b, segPI, 2, "?>")
	case bytes.HasPrefix(b, []byte("<!")):
		return segDecl, len(b)
	}
	var quote byte
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return segTag, i + 1
		}
	}
	return segOpen, len(b)
}

func until(b []byte, kind segment, from int, end string) (segment, int) {
	i := bytes.Index(b[from:], []byte(end))
	if i < 0 {
		return segOpen, len(b)
	}
	return kind, from + i + len(end)
}

// inspect looks at b once, before any tree is built. It refuses what must not
// be built, and reports whether b can be parsed as it stands.
func inspect(b []byte) (clean bool, err error) {
	// Nearly every message has neither comment, section nor instruction, and
	// far too few angle brackets to need an exact count.
	if plain(b) && bytes.Count(b, []byte("<"))+bytes.Count(b, []byte("=")) <= MaxNodes {
		return !dirty(b, true), nil
	}
	clean = true
	nodes := 0
	for len(b) > 0 {
		kind, n := lex(b)
		switch kind {
		case segDecl:
			return false, &ProtocolError{Rule: RuleDTD}
		case segOpen:
			return false, &ProtocolError{Rule: RuleMalformed, Err: errUnterminated}
		case segTag:
			nodes += 1 + attributes(b[:n])
		default:
			nodes++
		}
		if nodes > MaxNodes {
			return false, &ProtocolError{Rule: RuleTooMany}
		}
		clean = clean && !dirty(b[:n], kind == segText || kind == segTag)
		b = b[n:]
	}
	return clean, nil
}

// plain reports whether b has only tags and text.
func plain(b []byte) bool {
	return !bytes.Contains(b, []byte("<!")) && !bytes.Contains(b, []byte("<?"))
}

// attributes counts the attributes of a tag.
func attributes(tag []byte) int {
	n := 0
	var quote byte
	for _, c := range tag {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '=':
			n++
		}
	}
	return n
}

// dirty reports whether b holds what encoding/xml would refuse or change:
// forbidden characters and, where references count, ampersands that begin none.
func dirty(b []byte, refs bool) bool {
	if hasControl(b) || hasNonCharacter(b) {
		return true
	}
	for refs {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			return false
		}
		n, ok := reference(b[i:])
		if n == 0 || !ok {
			return true
		}
		b = b[i+n:]
	}
	return false
}

// hasControl reports whether b holds a control character that XML forbids. It
// takes eight bytes at a time, and looks closer where one is below a space.
func hasControl(b []byte) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for len(b) >= 8 {
		x := binary.LittleEndian.Uint64(b)
		if (x-' '*ones)&^x&tops != 0 {
			for _, c := range b[:8] {
				if isControl(c) {
					return true
				}
			}
		}
		b = b[8:]
	}
	for _, c := range b {
		if isControl(c) {
			return true
		}
	}
	return false
}

func isControl(c byte) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' }

// hasNonCharacter reports whether b, which is UTF-8, holds U+FFFE or U+FFFF.
func hasNonCharacter(b []byte) bool {
	return bytes.Contains(b, []byte("\xEF\xBF\xBE")) || bytes.Contains(b, []byte("\xEF\xBF\xBF"))
}

// compact returns b, which has passed inspect and is plain, without the white
// space between elements. Indented messages are half white space nodes, and a
// tree without them costs a third less. White space that is all of an element's
// content stays, as it may be a value.
func compact(b []byte) []byte {
	var out []byte
	from, open := 0, 0 // what is not yet copied, and the last '<'
	for i := 0; i < len(b); {
		end := bytes.IndexByte(b[i:], '>')
		if end < 0 {
			break
		}
		end += i + 1
		// No '<' can stand in an attribute, so a run of white space that ends
		// in one is never within a tag.
		next := end
		for next < len(b) && (b[next] == ' ' || b[next] == '\n' || b[next] == '\r' || b[next] == '\t') {
			next++
		}
		if next > end && next < len(b) && b[next] == '<' {
			start := b[open] == '<' && b[open+1] != '/' && b[end-2] != '/'
			if !(start && next+1 < len(b) && b[next+1] == '/') {
				if out == nil {
					out = make([]byte, 0, len(b))
				}
				out = append(out, b[from:end]...)
				from = next
			}
		}
		if next < len(b) && b[next] == '<' {
			open, i = next, next
			continue
		}
		text := bytes.IndexByte(b[next:], '<')
		if text < 0 {
			break
		}
		open = next + text
		i = open
	}
	if out == nil {
		return b
	}
	return append(out, b[from:]...)
}
