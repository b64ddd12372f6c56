package filter

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// compare makes the term of a comparison.
func (p *parser) compare(field operand, op token, value operand) (*node, error) {
	kind, ok := p.schema[field.text]
	if !ok {
		return nil, errorf(field.pos, "unknown field %q; known are %s", clip(field.text), p.known())
	}
	n := &node{op: opTerm, field: field.text, kind: kind, cmp: string(op.kind), text: value.text}
	if n.cmp == ":" && value.text == "*" {
		if kind == Number {
			return nil, errorf(op.pos, "%s is a number and always set", n.field)
		}
		n.cmp = cmpSet
		return n, nil
	}
	if allowed := operators[kind]; !slices.Contains(allowed, n.cmp) {
		return nil, errorf(op.pos, "%s is a %s, which does not compare with %s; it takes %s",
			n.field, kindNames[kind], n.cmp, strings.Join(allowed, " "))
	}
	return n, n.setValue(value)
}

var kindNames = map[Kind]string{
	String: "text", List: "list", Time: "time", Version: "version", Number: "number",
}

// operators are the comparisons of each kind; `:*` is taken by all but Number.
var operators = map[Kind][]string{
	String:  {"=", "!=", ":"},
	List:    {":"},
	Time:    {"=", "!=", "<", "<=", ">", ">="},
	Version: {"=", "!=", "<", "<=", ">", ">=", ":"},
	Number:  {"=", "!=", "<", "<=", ">", ">="},
}

// setValue reads the value as the term's kind asks.
func (n *node) setValue(v operand) error {
	var err error
	switch n.kind {
	case Time:
		n.ordered = true
		if n.time, err = time.Parse(time.RFC3339, v.text); err != nil {
			return errorf(v.pos, "%q is no time as in 2026-01-31T08:00:00Z", clip(v.text))
		}
		return nil
	case Number:
		n.ordered = true
		if n.number, err = strconv.ParseInt(v.text, 10, 64); err != nil {
			return errorf(v.pos, "%q is no whole number", clip(v.text))
		}
		return nil
	}
	switch n.cmp {
	case "<", "<=", ">", ">=":
		n.ordered = true
		if v.text == "" || strings.Contains(v.text, "*") {
			return errorf(v.pos, "%s needs a whole version, as in 2.10.3", n.cmp)
		}
		return nil
	}
	if err := n.setText(v); err != nil {
		return err
	}
	n.ordered = n.kind == Version && n.cmp != ":" && !n.head && !n.tail
	return nil
}

// setText takes the wildcards off a text.
func (n *node) setText(v operand) error {
	text, head := strings.CutPrefix(v.text, "*")
	text, tail := strings.CutSuffix(text, "*")
	if n.cmp == ":" && n.kind != List {
		// It is looked for anywhere, with or without wildcards.
		text, head, tail = strings.Trim(text, "*"), true, true
		n.text = text
	}
	if text == "" && (head || n.cmp == ":") {
		if n.field == "" {
			return errorf(v.pos, "the text has no letters to look for")
		}
		return errorf(v.pos, "the value has no letters; write %s:* to ask whether the field is set", n.field)
	}
	n.needle, n.head, n.tail = Fold(text), head, tail
	return nil
}

// search makes the term of a text that stands alone.
func (p *parser) search(o operand) (*node, error) {
	if !o.quoted {
		switch up := strings.ToUpper(o.text); up {
		case "AND", "OR", "NOT":
			return nil, errorf(o.pos, "write %s in capitals, or quote the word to look for it", up)
		}
	}
	n := &node{op: opTerm, cmp: ":"}
	if err := n.setText(o); err != nil {
		return nil, err
	}
	for _, f := range slices.Sorted(maps.Keys(p.schema)) {
		if k := p.schema[f]; k == String || k == Version || k == List {
			n.among = append(n.among, f)
		}
	}
	return n, nil
}

func (p *parser) known() string {
	return strings.Join(slices.Sorted(maps.Keys(p.schema)), ", ")
}
