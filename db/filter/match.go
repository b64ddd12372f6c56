package filter

import (
	"cmp"
	"strings"
	"time"
)

type op byte

const (
	opTerm op = iota
	opAnd
	opOr
	opNot
)

// cmpSet is the comparison of `field:*`.
const cmpSet = ":*"

// A node is a node of the predicate tree: a term, or an operator over kids.
// And holds no And, Or no Or and Not no Not.
type node struct {
	op   op
	kids []*node

	field      string // empty: the text is looked for among
	among      []string
	kind       Kind
	cmp        string // = != < <= > >= : or cmpSet
	text       string // the value as written
	needle     string // the text without wildcards, folded
	head, tail bool   // any text may come before, after
	ordered    bool   // compares by order, not as a text
	time       time.Time
	number     int64
}

func join(o op, kids []*node) *node {
	var flat []*node
	for _, k := range kids {
		if k.op == o {
			flat = append(flat, k.kids...)
		} else {
			flat = append(flat, k)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return &node{op: o, kids: flat}
}

func negate(n *node) *node {
	if n.op == opNot {
		return n.kids[0]
	}
	return &node{op: opNot, kids: []*node{n}}
}

// demands returns the value without which the term does not pass.
func (n *node) demands(field string) (string, bool) {
	if n.op != opTerm || n.field != field || n.head || n.tail || n.needle == "" {
		return "", false
	}
	if n.kind == String && n.cmp == "=" || n.kind == List && n.cmp == ":" {
		return n.text, true
	}
	return "", false
}

func (n *node) match(value func(string) Value) bool {
	switch n.op {
	case opAnd:
		for _, k := range n.kids {
			if !k.match(value) {
				return false
			}
		}
		return true
	case opOr:
		for _, k := range n.kids {
			if k.match(value) {
				return true
			}
		}
		return false
	case opNot:
		return !n.kids[0].match(value)
	}
	if n.field == "" {
		for _, f := range n.among {
			if v := value(f); n.like(v.Text) || n.member(v.List) {
				return true
			}
		}
		return false
	}
	v := value(n.field)
	switch {
	case n.cmp == cmpSet:
		return v.Text != "" || len(v.List) > 0 || !v.Time.IsZero()
	case n.kind == List:
		return n.member(v.List)
	case n.ordered:
		return n.passes(n.order(v))
	case n.cmp == "!=":
		return !n.like(v.Text)
	}
	return n.like(v.Text)
}

// order compares a value with the term's; set is false if there is no value.
func (n *node) order(v Value) (order int, set bool) {
	switch n.kind {
	case Time:
		return v.Time.Compare(n.time), !v.Time.IsZero()
	case Number:
		return cmp.Compare(v.Number, n.number), true
	}
	return compareVersions(v.Text, n.text), v.Text != "" || n.text == ""
}

// passes applies the comparison to an order; a value that is not set passes
// nothing but !=.
func (n *node) passes(order int, set bool) bool {
	switch n.cmp {
	case "=":
		return set && order == 0
	case "!=":
		return !set || order != 0
	case "<":
		return set && order < 0
	case "<=":
		return set && order <= 0
	case ">":
		return set && order > 0
	}
	return set && order >= 0
}

// like reports whether a text fits the term's, with its wildcards.
func (n *node) like(text string) bool {
	switch {
	case n.head && n.tail:
		return containsFold(text, n.needle)
	case n.head:
		return hasSuffixFold(text, n.needle)
	case n.tail:
		return hasPrefixFold(text, n.needle)
	}
	return strings.EqualFold(text, n.needle)
}

func (n *node) member(list []string) bool {
	for _, s := range list {
		if n.like(s) {
			return true
		}
	}
	return false
}
