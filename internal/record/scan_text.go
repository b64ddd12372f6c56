package record

import (
	"bytes"
	"html"
	"strings"

	"phoneacs/db"
)

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == ':' || c >= 0x80
}

// local returns the name that a tag begins with, without its prefix.
func local(tag []byte) string {
	for len(tag) > 0 && tag[0] <= ' ' {
		tag = tag[1:]
	}
	n := 0
	for n < len(tag) && nameByte(tag[n]) {
		n++
	}
	name := tag[:min(n, maxName)]
	return string(name[bytes.LastIndexByte(name, ':')+1:])
}

// plain is a text as a tolerant parser reads it: its references resolved, its
// control characters dropped.
func plain(b []byte) string {
	s := string(b)
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	if strings.IndexFunc(s, control) >= 0 {
		s = strings.Map(func(r rune) rune {
			if control(r) {
				return -1
			}
			return r
		}, s)
	}
	return s
}

func control(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// attributes looks at those of a tag: one whose name is that of a secret is
// secret, and one whose value is makes all others so, and what stands in the
// element and beside it.
func (d *document) attributes(id, from, to int) {
	for i := from; i < to; i++ {
		if d.b[i] != '=' {
			continue
		}
		nameEnd := i
		for nameEnd > from && d.b[nameEnd-1] <= ' ' {
			nameEnd--
		}
		nameFrom := nameEnd
		for nameFrom > from && nameByte(d.b[nameFrom-1]) {
			nameFrom--
		}
		v := i + 1
		for v < to && d.b[v] <= ' ' {
			v++
		}
		value, next := attribute(d.b, v, to)
		name := local(d.b[nameFrom:nameEnd])
		run := d.b[value.from:value.to]
		switch {
		case declares(d.b[nameFrom:nameEnd]) && bytes.IndexByte(run, '>') < 0:
		case secretElement(name):
			d.bare = append(d.bare, value)
		case db.SecretName(strings.TrimSpace(plain(run))):
			d.elems[id].hot = true
			d.names(id)
		default:
			d.attrs = append(d.attrs, text{value, id})
		}
		d.bare = append(d.bare, loose(d.b, value.from, value.to)...)
		i = next - 1
	}
}

// declares reports whether an attribute says how to read others.
func declares(name []byte) bool {
	s := string(name)
	return s == "xmlns" || strings.HasPrefix(s, "xmlns:") || strings.HasSuffix(s, ":type") || s == "type" ||
		strings.HasSuffix(s, ":mustUnderstand") || strings.HasSuffix(s, ":arrayType") || strings.HasSuffix(s, ":encodingStyle")
}

// attribute returns the value that begins at b[at], quoted or not, and what is
// behind it.
func attribute(b []byte, at, to int) (value span, next int) {
	if at < to && (b[at] == '"' || b[at] == '\'') {
		end := bytes.IndexByte(b[at+1:to], b[at])
		if end < 0 {
			return span{at + 1, to}, to
		}
		return span{at + 1, at + 1 + end}, at + end + 2
	}
	end := at
	for end < to && b[end] > ' ' && b[end] != '>' {
		end++
	}
	return span{at, end}, max(end, at+1)
}
