package cwmp

import (
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// MaskXML takes the texts of secrets out of an element: of elements whose local
// name is that of a secret, and the Value beside a Name that is. It returns them,
// too. What it cannot read, or has a secret in an attribute, comes back as
// nothing.
func MaskXML(s string, secret func(name string) bool) (masked string, secrets []string) {
	if s == "" {
		return "", nil
	}
	// No phone needs comments, CDATA, directives or instructions, and an element
	// that stands in one is none to a parser, and a secret to who reads it.
	if strings.Contains(s, "<!") || strings.Contains(s, "<?") {
		return "", []string{s}
	}
	type level struct {
		name         string
		text         strings.Builder
		from         int64
		leaf         bool
		named        bool // a Name below it is that of a secret
		values       [][2]int64
		valueSecrets []string
	}
	var cuts [][2]int64
	var stack []*level
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		before := d.InputOffset()
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", []string{s}
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			for _, a := range tok.Attr {
				if secret(a.Name.Local) {
					return "", []string{a.Value}
				}
			}
			if n := len(stack); n > 0 {
				stack[n-1].leaf = false
			}
			stack = append(stack, &level{name: tok.Name.Local, from: d.InputOffset(), leaf: true})
		case xml.CharData:
			if n := len(stack); n > 0 {
				stack[n-1].text.Write(tok)
			}
		case xml.EndElement:
			l := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			cut, text := [2]int64{l.from, before}, l.text.String()
			if l.named {
				cuts, secrets = append(cuts, l.values...), append(secrets, l.valueSecrets...)
			}
			switch {
			case secret(l.name):
				cuts, secrets = append(cuts, cut), append(secrets, text)
			case len(stack) > 0 && l.leaf && l.name == "Value":
				up := stack[len(stack)-1]
				up.values, up.valueSecrets = append(up.values, cut), append(up.valueSecrets, text)
			case len(stack) > 0 && l.leaf && l.name == "Name" && secret(strings.TrimSpace(text)):
				stack[len(stack)-1].named = true
			}
		}
	}
	slices.SortFunc(cuts, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	var out strings.Builder
	at := int64(0)
	for _, c := range cuts {
		out.WriteString(s[at:max(at, c[0])])
		at = max(at, c[1])
	}
	out.WriteString(s[at:])
	return out.String(), secrets
}
