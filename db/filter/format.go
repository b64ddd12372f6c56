package filter

import (
	"fmt"
	"strings"
	"unicode"
)

// format writes a filter out; depth is how many parentheses are open at most.
func format(n *node) (text string, depth int) {
	var w writer
	w.node(n)
	return w.b.String(), w.most
}

type writer struct {
	b          strings.Builder
	open, most int
}

func (w *writer) node(n *node) {
	switch n.op {
	case opAnd:
		w.list(n, " AND ", opOr)
	case opOr:
		w.list(n, " OR ", opAnd)
	case opNot:
		w.b.WriteString("NOT ")
		w.group(n.kids[0], n.kids[0].op != opTerm)
	default:
		w.term(n)
	}
}

// list writes the kids, those that are operators of the other kind in
// parentheses: OR binds closer, but who knows that.
func (w *writer) list(n *node, sep string, other op) {
	for i, k := range n.kids {
		if i > 0 {
			w.b.WriteString(sep)
		}
		w.group(k, k.op == other)
	}
}

func (w *writer) group(n *node, parens bool) {
	if !parens {
		w.node(n)
		return
	}
	w.open++
	w.most = max(w.most, w.open)
	w.b.WriteByte('(')
	w.node(n)
	w.b.WriteByte(')')
	w.open--
}

func (w *writer) term(n *node) {
	switch {
	case n.field == "":
		w.quoted(n.text)
	case n.cmp == cmpSet:
		w.b.WriteString(n.field + cmpSet)
	case n.cmp == ":":
		w.b.WriteString(n.field + n.cmp)
		w.value(n.text)
	default:
		w.b.WriteString(n.field + " " + n.cmp + " ")
		w.value(n.text)
	}
}

// value writes a value, in quotes where it needs them.
func (w *writer) value(s string) {
	switch s {
	case "", "AND", "OR", "NOT":
		w.quoted(s)
		return
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-_:*/+@", r) {
			w.quoted(s)
			return
		}
	}
	w.b.WriteString(s)
}

func (w *writer) quoted(s string) {
	w.b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.b.WriteByte('\\')
			w.b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&w.b, `\x%02x`, r)
		default:
			w.b.WriteRune(r)
		}
	}
	w.b.WriteByte('"')
}
