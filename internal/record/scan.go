package record

import (
	"bytes"
	"strings"

	"phoneacs/db"
)

// A document is a message taken apart as far as masking needs it. It is made of
// any bytes: what has no end goes to the end.
type document struct {
	b     []byte
	elems []element
	texts []text // in the order of the message
	attrs []text // values of attributes
	bare  []span // secret whatever they are: comments, document types, some attributes
}

// An element is known by its place in elems; the first is the message itself.
type element struct {
	up   int    // the one it lies in
	deep int    // how many it lies in
	name string // without prefix
	said string // its text, as a parser reads it; bounded by maxName
	hot  bool   // all text below is secret
	peer string // with hot: but for elements of this name, which hold names
}

// A text is a run of characters between tags, or in a CDATA section.
type text struct {
	span
	in int // the element it stands in
}

const (
	// maxName is the longest text that is read as a name.
	maxName = 256
	// maxNested is how deep elements may lie. Below that all is secret.
	maxNested = 64
)

// scan takes a message apart.
func scan(b []byte) *document {
	d := &document{b: b, elems: []element{{up: -1}}}
	open := 0
	for at := 0; at < len(b); {
		lt := bytes.IndexByte(b[at:], '<')
		if lt < 0 {
			d.text(open, at, len(b))
			break
		}
		d.text(open, at, at+lt)
		at += lt
		rest := b[at:]
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			end, inner := until(rest, "-->")
			d.bare = append(d.bare, span{at + 4, max(at+4, at+inner)})
			at += end
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			end, inner := until(rest, "]]>")
			d.text(open, at+9, at+inner)
			at += end
		case bytes.HasPrefix(rest, []byte("<?")):
			end, _ := until(rest, "?>")
			d.texts = append(d.texts, text{span{at + 2, at + end}, open})
			at += end
		case bytes.HasPrefix(rest, []byte("<!")):
			end, inner := doctypeEnd(rest)
			d.bare = append(d.bare, span{at + 2, at + inner})
			at += end
		case begins(rest) == '/':
			end := tagEnd(rest)
			open = d.close(open, local(rest[bytes.IndexByte(rest, '/')+1:end]))
			at += end
		case nameByte(begins(rest)):
			end := tagEnd(rest)
			inner := d.open(open, at, at+end)
			if !bytes.HasSuffix(rest[:end], []byte("/>")) && d.elems[open].deep < maxNested {
				open = inner
			}
			at += end
		default: // a "<" that begins no tag
			d.text(open, at, at+1)
			at++
		}
	}
	for ; open > 0; open = d.elems[open].up {
		d.judge(open)
	}
	return d
}

// text notes a run of characters.
func (d *document) text(in, from, to int) {
	if from >= to {
		return
	}
	d.texts = append(d.texts, text{span{from, to}, in})
	if e := &d.elems[in]; len(e.said) < maxName {
		run := d.b[from:to]
		if len(run) > 2*maxName {
			run = run[len(run)-2*maxName:] // names end as secrets do
		}
		e.said += plain(run)
	}
}

// open notes an element, the tag of which is at b[from:to].
func (d *document) open(in, from, to int) int {
	deep := d.elems[in].deep + 1
	d.elems = append(d.elems, element{up: in, deep: deep, name: local(d.b[from+1 : to])})
	id := len(d.elems) - 1
	if name := d.elems[id].name; secretElement(name) || deep >= maxNested {
		d.elems[id].hot = true
	}
	d.attributes(id, from, to)
	return id
}

// close ends the innermost open element of a name, and those in it. An end that
// belongs to none is passed over: to end too little hides too much, which is
// the better mistake.
func (d *document) close(open int, name string) int {
	match := open
	for match > 0 && !strings.EqualFold(d.elems[match].name, name) {
		match = d.elems[match].up
	}
	if match == 0 {
		return open
	}
	for e := open; ; e = d.elems[e].up {
		d.judge(e)
		if e == match {
			return d.elems[e].up
		}
	}
}

// judge looks at an element whose text is complete: if that is the name of a
// secret, what stands beside it is its value.
func (d *document) judge(id int) {
	if e := &d.elems[id]; e.said != "" && !saysNoName(e.name) && db.SecretName(strings.TrimSpace(e.said)) {
		d.names(id)
	}
}

// names notes that an element holds the name of a secret.
func (d *document) names(id int) {
	e := &d.elems[id]
	switch up := &d.elems[e.up]; {
	case !up.hot:
		up.hot, up.peer = true, e.name
	case up.peer != e.name:
		up.peer = "" // names in two kinds of elements: nothing is excepted
	}
}

// saysNoName excepts elements of the standard that hold no name of a parameter,
// and may end as one does: a CommandKey ends with letters drawn at random.
func saysNoName(element string) bool {
	switch element {
	case "Value", "CommandKey", "ParameterKey", "EventCode", "ID", "FaultString", "faultstring", "FaultCode", "faultcode",
		"Manufacturer", "OUI", "ProductClass", "SerialNumber", "FileType", "TargetFileName":
		return true
	}
	return false
}

// secrets returns the stretches that are secret by where they stand.
func (d *document) secrets() []span {
	spans := d.bare
	for _, list := range [][]text{d.texts, d.attrs} {
		for _, t := range list {
			if d.isSecret(t.in) && !d.harmless(t) {
				spans = append(spans, trim(d.b, t.span))
			}
		}
	}
	return spans
}

// isSecret reports whether an element lies in one all of whose text is secret.
func (d *document) isSecret(id int) bool {
	for e := id; e >= 0; e = d.elems[e].up {
		h := &d.elems[e]
		if h.hot && (h.peer == "" || d.elems[id].up != e || d.elems[id].name != h.peer) {
			return true
		}
	}
	return false
}

// harmless excepts what the standard puts beside a parameter's name and is no
// value: whether it can be written, how it is notified, a fault code.
func (d *document) harmless(t text) bool {
	switch d.elems[t.in].name {
	case "Writable", "Notification", "NotificationChange", "AccessListChange", "FaultCode":
		return len(bytes.TrimSpace(d.b[t.from:t.to])) <= len("false")
	}
	return false
}

// trim leaves white space at both ends of a stretch alone.
func trim(b []byte, s span) span {
	for s.from < s.to && b[s.from] <= ' ' {
		s.from++
	}
	for s.to > s.from && b[s.to-1] <= ' ' {
		s.to--
	}
	return s
}

// until returns the length of b with an ending and without it; what has no such
// end goes to that of b.
func until(b []byte, end string) (all, inner int) {
	if i := bytes.Index(b, []byte(end)); i >= 0 {
		return i + len(end), i
	}
	return len(b), len(b)
}

// begins returns what a tag begins with; some parsers drop what is before it.
func begins(b []byte) byte {
	for _, c := range b[1:] {
		if c > ' ' {
			return c
		}
	}
	return 0
}

// tagEnd returns the length of a tag, in whose attributes ">" may stand. A tag
// that another follows before its end was never closed.
func tagEnd(b []byte) int {
	quote := byte(0)
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '<':
			return i
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return len(b)
}

// doctypeEnd is until for a declaration, which may have a subset in brackets.
func doctypeEnd(b []byte) (all, inner int) {
	head, _ := until(b, ">")
	if bytes.IndexByte(b[:head], '[') < 0 {
		return until(b, ">")
	}
	_, subset := until(b, "]")
	all, inner = until(b[subset:], ">")
	return subset + all, subset + inner
}
