package cwmp

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"github.com/beevik/etree"
)

// Unknown is a body element this package has no type for, such as the RPC of a
// vendor.
type Unknown struct {
	// Name is the local name of the element.
	Name string
	// Namespace is its namespace URI; "" when it has none.
	Namespace string
	// Raw is the element as XML, as it can stand in an encoded envelope: the
	// prefixes soap-env, soap-enc, xsd, xsi and cwmp are declared there, every
	// other one has to be declared within Raw. Encode writes it as it is, once
	// it has proved to be one well-formed element called Name. Decode leaves out
	// comments and the white space between elements.
	Raw []byte
}

// RPC returns the local name of the element.
func (u *Unknown) RPC() string { return u.Name }

// outer returns what an encoded envelope of namespace ns binds prefix to.
func outer(prefix, ns string) string {
	switch prefix {
	case "soap-env":
		return nsSOAP
	case "soap-enc":
		return nsENC
	case "xsd":
		return nsXSD
	case "xsi":
		return nsXSI
	case "cwmp":
		return ns
	}
	return ""
}

// newUnknown cuts e out of its envelope and gives it the declarations it would
// miss elsewhere. ns is the namespace of the envelope.
func newUnknown(e *etree.Element, ns string) *Unknown {
	inherit(e, ns)
	uri := e.NamespaceURI()
	if uri == "" && e.Space != "" {
		uri = outer(e.Space, ns) // never declared, yet clear
	}
	strip(e)
	var buf bytes.Buffer
	e.WriteTo(&buf, &etree.WriteSettings{CanonicalEndTags: true, CanonicalText: true, CanonicalAttrVal: true})
	return &Unknown{Name: e.Tag, Namespace: uri, Raw: buf.Bytes()}
}

// inherit copies to e the namespace declarations in scope that neither e nor an
// encoded envelope makes.
func inherit(e *etree.Element, ns string) {
	seen := make(map[string]bool)
	for _, a := range e.Attr {
		if a.Space == "xmlns" || a.FullKey() == "xmlns" {
			seen[a.FullKey()] = true
		}
	}
	var add []etree.Attr
	for p := e.Parent(); p != nil; p = p.Parent() {
		for _, a := range p.Attr {
			key := a.FullKey()
			if a.Space != "xmlns" && key != "xmlns" || seen[key] {
				continue
			}
			seen[key] = true
			bound := ""
			if a.Space == "xmlns" {
				bound = outer(a.Key, ns)
			}
			if a.Value != bound {
				add = append(add, a)
			}
		}
	}
	sort.Slice(add, func(i, j int) bool { return add[i].FullKey() < add[j].FullKey() })
	for _, a := range add {
		e.CreateAttr(a.FullKey(), a.Value)
	}
}

// strip leaves one spelling of e: no comments and instructions, and no white
// space between elements.
func strip(e *etree.Element) {
	kept := e.Child[:0]
	parent := false
	for _, t := range e.Child {
		switch c := t.(type) {
		case *etree.Element:
			strip(c)
			parent = true
			kept = append(kept, c)
		case *etree.CharData:
			kept = append(kept, c)
		}
	}
	if parent {
		kept = dropBlank(kept)
	}
	clear(e.Child[len(kept):])
	e.Child = kept
	e.ReindexChildren()
}

// dropBlank removes each run of character data that is all white space.
func dropBlank(list []etree.Token) []etree.Token {
	kept := list[:0]
	for i := 0; i < len(list); {
		end, blank := i, true
		for ; end < len(list); end++ {
			c, ok := list[end].(*etree.CharData)
			if !ok {
				break
			}
			blank = blank && c.IsWhitespace()
		}
		if end == i { // an element
			end, blank = i+1, false
		}
		if !blank {
			kept = append(kept, list[i:end]...)
		}
		i = end
	}
	return kept
}

func (u *Unknown) encodeRaw(w *writer) {
	root, err := u.check()
	if err != nil {
		w.fail("Unknown.Raw", fmt.Errorf("%w: %w", ErrBadValue, err))
		return
	}
	if root.Tag != u.Name {
		w.fail("Unknown.Raw", fmt.Errorf("%w: the element is %q, not %q", ErrBadValue, clip(root.Tag), clip(u.Name)))
		return
	}
	w.b = append(w.b, u.Raw...)
}

// check parses Raw, which must need no repair.
func (u *Unknown) check() (*etree.Element, error) {
	if !bytes.HasPrefix(u.Raw, []byte("<")) || bytes.HasPrefix(u.Raw, []byte("<?")) {
		return nil, fmt.Errorf("no element at the start")
	}
	if !strings.HasSuffix(string(u.Raw), ">") {
		return nil, fmt.Errorf("no element at the end")
	}
	b, err := prepare(u.Raw)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(b, u.Raw) {
		return nil, ErrBadCharacter
	}
	return parse(u.Raw)
}
