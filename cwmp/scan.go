package cwmp

import "bytes"

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
			clean = clean && !dirty(b[:n], true)
		default:
			nodes++
			clean = clean && !dirty(b[:n], kind == segText)
		}
		if nodes > MaxNodes {
			return false, &ProtocolError{Rule: RuleTooMany}
		}
		b = b[n:]
	}
	return clean, nil
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
	for i, c := range b {
		switch {
		case c < ' ' && c != '\t' && c != '\n' && c != '\r':
			return true
		case c == 0xEF && nonCharacter(b[i:]):
			return true
		case c == '&' && refs:
			if n, ok := reference(b[i:]); n == 0 || !ok {
				return true
			}
		}
	}
	return false
}

// nonCharacter reports whether b, which is UTF-8, begins with U+FFFE or U+FFFF.
func nonCharacter(b []byte) bool {
	return len(b) >= 3 && b[1] == 0xBF && (b[2] == 0xBE || b[2] == 0xBF)
}
