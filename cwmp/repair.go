package cwmp

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"
)

var errUnterminated = errors.New("markup without end")

// prepare turns a body into what the parser takes: UTF-8, no declaration, no
// forbidden character, no stray ampersand. A clean body is not copied.
func prepare(body []byte) ([]byte, error) {
	if len(body) > MaxBytes {
		return nil, &ProtocolError{Rule: RuleTooLarge}
	}
	b := trimLead(body)
	if len(b) == 0 {
		return nil, &ProtocolError{Rule: RuleEmpty}
	}
	b, declaration := cutDeclaration(b)
	if !utf8.Valid(b) {
		b = toUTF8(b, isLatin(declaration))
	}
	clean, err := inspect(b)
	if err != nil {
		return nil, err
	}
	if !clean {
		b = repair(b)
		// What was dropped may have hidden markup: "<" U+0002 "!DOCTYPE".
		if _, err := inspect(b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// trimLead drops a byte order mark, white space and control characters.
func trimLead(b []byte) []byte {
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	return b
}

// cutDeclaration splits an XML declaration off b. What it says is only a hint:
// devices declare one encoding and write another, or a version of XML they do
// not use.
func cutDeclaration(b []byte) (rest, declaration []byte) {
	if len(b) < 6 || string(b[:5]) != "<?xml" || b[5] > ' ' && b[5] != '?' {
		return b, nil
	}
	end := bytes.Index(b, []byte("?>"))
	if end < 0 {
		return b, nil
	}
	return trimLead(b[end+2:]), b[:end]
}

// isLatin reports whether a declaration names an encoding of one byte a
// character that agrees with ISO-8859-1 in what devices use of it.
func isLatin(declaration []byte) bool {
	_, label, _ := strings.Cut(strings.ToLower(string(declaration)), "encoding")
	label = strings.TrimLeft(label, "=\"' \t\r\n")
	for _, name := range []string{"iso-8859", "iso8859", "latin", "windows-125", "us-ascii"} {
		if strings.HasPrefix(label, name) {
			return true
		}
	}
	return false
}

// toUTF8 converts b, which is not UTF-8. In a Latin encoding every byte is a
// character of ISO-8859-1; otherwise only the bytes that are not UTF-8 are, which
// saves a text that was cut within a character.
func toUTF8(b []byte, latin bool) []byte {
	out := make([]byte, 0, len(b)+len(b)/8)
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if latin || r == utf8.RuneError && size == 1 {
			r, size = rune(b[i]), 1
		}
		out = utf8.AppendRune(out, r)
		i += size
	}
	return out
}

// repair drops the characters XML 1.0 forbids, written out or as references,
// and escapes each ampersand that begins no reference. b has passed inspect.
func repair(b []byte) []byte {
	out := make([]byte, 0, len(b)+64)
	for len(b) > 0 {
		kind, n := lex(b)
		refs := kind == segText || kind == segTag
		for seg := b[:n]; len(seg) > 0; {
			c := seg[0]
			switch {
			case isControl(c):
				seg = seg[1:]
			case c == 0xEF && hasNonCharacter(seg[:min(3, len(seg))]):
				seg = seg[3:]
			case c == '&' && refs:
				size, ok := reference(seg)
				switch {
				case size == 0:
					out = append(out, "&amp;"...)
					size = 1
				case ok:
					out = append(out, seg[:size]...)
				}
				seg = seg[size:]
			default:
				out = append(out, c)
				seg = seg[1:]
			}
		}
		b = b[n:]
	}
	return out
}

// reference reads the reference at the start of b, which begins with '&'. It
// returns its length, 0 when there is none, and whether XML can carry what it
// stands for.
func reference(b []byte) (n int, ok bool) {
	for _, named := range []string{"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"} {
		if len(b) >= len(named) && string(b[:len(named)]) == named {
			return len(named), true
		}
	}
	if len(b) < 4 || b[1] != '#' {
		return 0, false
	}
	i, base := 2, rune(10)
	if b[2] == 'x' {
		i, base = 3, 16
	}
	r, first := rune(0), i
	for ; i < len(b); i++ {
		d, hex := digit(b[i])
		if d < 0 || hex && base == 10 {
			break
		}
		r = min(r*base+d, 0x110000) // saturates just outside of Unicode
	}
	if i == first || i == len(b) || b[i] != ';' {
		return 0, false
	}
	return i + 1, isXMLChar(r)
}

// digit returns the value of a digit, -1 for what is none.
func digit(c byte) (d rune, hex bool) {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0'), false
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10, true
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10, true
	}
	return -1, false
}
