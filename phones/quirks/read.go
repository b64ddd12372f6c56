package quirks

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MaxBook is the largest file of entries, in bytes; maxEntries what it holds.
const (
	MaxBook    = 256 << 10
	maxEntries = 1000
	// The parser takes long for what lies within one another: maxOpen is how many
	// [ and { a file may have, maxLine how long a line of it may be, in bytes.
	maxOpen = 4096
	maxLine = 2048
)

// Read reads a file of entries: YAML, a list of mappings. name is what entries
// say that they are of. Errors are [*Error]s with line and key, several joined
// where several entries are wrong.
func Read(name string, text []byte, lookup Lookup) ([]Entry, error) {
	switch {
	case len(text) > MaxBook:
		return nil, &Error{Err: fmt.Errorf("larger than %d bytes", MaxBook)}
	case !utf8.Valid(text):
		return nil, &Error{Err: errors.New("not UTF-8")}
	case strings.Count(string(text), "[")+strings.Count(string(text), "{") > maxOpen:
		return nil, &Error{Err: fmt.Errorf("more than %d brackets", maxOpen)}
	}
	n := 0
	for l := range bytes.Lines(text) {
		if n++; len(l) > maxLine {
			return nil, &Error{Line: n, Err: fmt.Errorf("longer than %d bytes", maxLine)}
		}
	}
	f, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, syntax(err)
	}
	var list []Entry
	var errs []error
	for _, doc := range f.Docs {
		nodes, err := items(doc.Body)
		if err != nil {
			return nil, err
		}
		for _, n := range nodes {
			if len(list) == maxEntries {
				return nil, &Error{Line: line(n), Err: fmt.Errorf("more than %d entries", maxEntries)}
			}
			e := Entry{File: name, Line: line(n), Set: make(Set)}
			if err = e.read(n); err == nil {
				err = e.complete(lookup)
			}
			if err != nil {
				errs = append(errs, err)
			}
			list = append(list, e)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return list, nil
}

// syntax is the error of a text that is no YAML, without the text around it.
func syntax(err error) error {
	e := &Error{Err: err}
	var broken yaml.Error
	if errors.As(err, &broken) {
		e.Err = errors.New(broken.GetMessage())
		if t := broken.GetToken(); t != nil && t.Position != nil {
			e.Line = t.Position.Line
		}
	}
	return e
}

func line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// items are the entries of a document; none if it is empty.
func items(n ast.Node) ([]ast.Node, error) {
	switch n := n.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return nil, nil
	case *ast.SequenceNode:
		return n.Values, nil
	}
	return nil, &Error{Line: line(n), Err: errors.New("want a list of entries, each beginning with a dash")}
}

// pairs are the members of a mapping. The parser refuses one given twice.
func pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// key is the name of a member.
func key(p *ast.MappingValueNode) string {
	if s, ok := p.Key.(*ast.StringNode); ok {
		return s.Value
	}
	return p.Key.GetToken().Value
}

func (e *Entry) read(n ast.Node) error {
	members, ok := pairs(n)
	if !ok {
		return &Error{Line: line(n), Err: errors.New("want an entry: a mapping of vendor, models, firmware, why, source and set")}
	}
	for _, p := range members {
		name := key(p)
		if err := e.member(name, p.Value); err != nil {
			return located(err, name, line(p.Key))
		}
	}
	return nil
}

// located completes an error with where it is.
func located(err error, field string, at int) error {
	var known *Error
	if errors.As(err, &known) {
		if known.Line == 0 {
			known.Line = at
		}
		return known
	}
	return &Error{Field: clip(field), Line: at, Err: err}
}

func (e *Entry) member(name string, n ast.Node) (err error) {
	switch name {
	case "vendor":
		e.Vendor, err = textOf(n)
	case "manufacturer":
		e.Manufacturer, err = textOf(n)
	case "oui":
		e.OUI, err = textsOf(n)
	case "product_class":
		e.ProductClass, err = textsOf(n)
	case "models":
		e.Models, err = textsOf(n)
	case "firmware":
		e.Firmware, err = textOf(n)
	case "type":
		e.Type, err = textOf(n)
	case "why":
		e.Why, err = textOf(n)
	case "source":
		e.Source, err = textOf(n)
	case "assumed":
		b, ok := n.(*ast.BoolNode)
		if !ok {
			return errors.New("want true or false")
		}
		e.Assumed = b.Value
	case "set":
		return e.Set.read(n, "")
	default:
		return fmt.Errorf("%w; an entry has vendor, manufacturer, oui, product_class, models, firmware, type, why, source, assumed and set", ErrUnknown)
	}
	return err
}

// read reads the switches of an entry; within is the one whose texts they are.
func (s Set) read(n ast.Node, within string) error {
	members, ok := pairs(n)
	if !ok {
		return &Error{Field: strings.TrimSuffix("set."+within, "."), Line: line(n), Err: errors.New("want a mapping, as in `max_names: 16`")}
	}
	for _, p := range members {
		name := within + key(p)
		err := error(nil)
		switch sw := byName[name]; {
		case sw != nil && sw.Kind == kindTexts:
			err = s.read(p.Value, name+".")
		case within == "" && strings.Contains(name, "."):
			err = &Error{Field: "set." + clip(name), Err: ErrUnknown}
		default:
			if err = s.put(name, valueOf(p.Value)); err != nil {
				var known *Error
				if errors.As(err, &known) {
					known.Field = "set." + clip(name)
				}
			}
		}
		if err != nil {
			return located(err, name, line(p.Key))
		}
	}
	return nil
}

// valueOf is a value as a switch has it; nil for what no switch can have.
func valueOf(n ast.Node) any {
	switch n := n.(type) {
	case *ast.BoolNode:
		return n.Value
	case *ast.IntegerNode:
		if i, err := strconv.Atoi(n.GetToken().Value); err == nil {
			return i
		}
	case *ast.StringNode:
		return n.Value
	}
	return nil
}

// textOf is a text, or a number as it is written: a firmware may be 2.10.
func textOf(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return strings.TrimSpace(strings.ReplaceAll(n.Value.Value, "\n", " ")), nil
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, nil
	}
	return "", errors.New("want a text")
}

// textsOf is a list of texts, or one.
func textsOf(n ast.Node) ([]string, error) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		t, err := textOf(n)
		return []string{t}, err
	}
	var list []string
	for _, item := range seq.Values {
		t, err := textOf(item)
		if err != nil {
			return nil, errors.New("want a list of texts")
		}
		list = append(list, t)
	}
	return list, nil
}
