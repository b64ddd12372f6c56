package proof

import "strings"

// blanks separate values: commas where they belong, and whatever phones put
// there instead, the ends of lines included.
const blanks = " \t\r\n,"

// scanner cuts words and name=value pairs off a header.
type scanner struct {
	rest   string
	broken bool // a control character, or a quote where a name belongs
}

// part is a pair or, if pair is false, a word by itself.
type part struct {
	name, value string
	pair        bool
}

// next cuts off the next part. ok is false at the end, and when it is broken.
func (s *scanner) next() (p part, ok bool) {
	s.rest = strings.TrimLeft(s.rest, blanks)
	if s.rest == "" {
		return part{}, false
	}
	p.name = s.upTo(blanks + `="`)
	if s.broken || p.name == "" {
		s.broken = true
		return part{}, false
	}
	after := strings.TrimLeft(s.rest, " \t\r\n")
	if !strings.HasPrefix(after, "=") {
		return p, true
	}
	p.pair = true
	s.rest = strings.TrimLeft(after[1:], " \t\r\n")
	if strings.HasPrefix(s.rest, `"`) {
		p.value = s.quoted()
	} else {
		p.value = s.upTo(blanks)
	}
	return p, !s.broken
}

// token cuts off a word that may hold equal signs.
func (s *scanner) token() string {
	s.rest = strings.TrimLeft(s.rest, " \t\r\n")
	return s.upTo(blanks)
}

// upTo cuts off what stands before the first of the stops.
func (s *scanner) upTo(stops string) string {
	for i := range len(s.rest) {
		c := s.rest[i]
		if strings.IndexByte(stops, c) >= 0 {
			word := s.rest[:i]
			s.rest = s.rest[i:]
			return word
		}
		s.broken = s.broken || isControl(rune(c))
	}
	word := s.rest
	s.rest = ""
	return word
}

// quoted cuts off a text in quotes, in which a backslash takes the next
// character as it is. The closing quote may be missing at the end.
func (s *scanner) quoted() string {
	text := s.rest[1:]
	var plain []byte // once there was a backslash
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"':
			s.rest = text[i+1:]
			if plain != nil {
				return string(plain)
			}
			return text[:i]
		case c == '\\' && i+1 < len(text):
			if plain == nil {
				plain = append(make([]byte, 0, len(text)), text[:i]...)
			}
			i++
			c = text[i]
			plain = append(plain, c)
		case plain != nil:
			plain = append(plain, c)
		}
		s.broken = s.broken || isControl(rune(c)) && c != '\t'
	}
	s.rest = ""
	if plain != nil {
		return string(plain)
	}
	return text
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }
