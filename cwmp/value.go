package cwmp

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// ParameterValue is a parameter with its value as text.
type ParameterValue struct {
	Name string
	// Type is the local name of an XML schema type: "string", "boolean", "int",
	// "unsignedInt", "dateTime", "base64Binary" … A type that is missing or not
	// of XML schema decodes to "string", and "" encodes as that.
	Type string
	// Value is the lexical form, verbatim: some devices tell "1" from "true".
	Value string
}

// typeNames are the types that travel under their own name.
var typeNames = map[string]string{
	"string": "string", "boolean": "boolean", "dateTime": "dateTime",
	"int": "int", "unsignedInt": "unsignedInt", "long": "long", "unsignedLong": "unsignedLong",
	"short": "short", "unsignedShort": "unsignedShort", "byte": "byte", "unsignedByte": "unsignedByte",
	"integer": "integer", "decimal": "decimal", "float": "float", "double": "double",
	"base64Binary": "base64Binary", "base64": "base64Binary", "hexBinary": "hexBinary",
	"anyURI": "anyURI", "date": "date", "time": "time", "duration": "duration",
}

// decodeValue reads Name and Value. A missing Value reads as "".
func decodeValue(e *etree.Element) ParameterValue {
	p := ParameterValue{Type: "string"}
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "Name":
			p.Name = token(c)
		case "Value":
			p.Value = text(c)
			for i := range c.Attr {
				if c.Attr[i].Key == "type" {
					p.Type = typeName(c.Attr[i].Value)
				}
			}
		}
	}
	return p
}

// typeName maps the QName of an xsi:type to the type it means.
func typeName(qname string) string {
	local := strings.TrimSpace(qname)
	if i := strings.LastIndexByte(local, ':'); i >= 0 {
		local = local[i+1:]
	}
	if t, ok := typeNames[local]; ok {
		return t
	}
	return "string"
}

// parseValues reads a ParameterList, whatever its items are called.
func parseValues(e *etree.Element, list []ParameterValue) []ParameterValue {
	for c := range e.ChildElementsSeq() {
		list = append(list, decodeValue(c))
	}
	return list
}

// values writes a ParameterList.
func (w *writer) values(list []ParameterValue) {
	const tag = "ParameterList"
	w.openArray(tag, "cwmp:ParameterValueStruct", len(list))
	for i := range list {
		p := &list[i]
		w.at(tag, i)
		w.open("ParameterValueStruct")
		w.text("Name", p.Name, max256)
		kind := "string"
		if p.Type != "" {
			var ok bool
			if kind, ok = typeNames[p.Type]; !ok {
				w.failAt("Type", ErrBadValue)
			}
		}
		w.raw(`<Value xsi:type="xsd:`)
		w.raw(kind)
		w.raw(`">`)
		w.escaped("Value", p.Value, noLimit)
		w.raw(`</Value></ParameterValueStruct>`)
	}
	w.closeArray(tag)
}

// KnownType reports whether values can be written with a type of that name.
func KnownType(name string) bool { _, ok := typeNames[name]; return ok }

// CheckText says what keeps a text from being written: it is not UTF-8, or has
// a character that XML does not carry. Errors are ErrBadCharacter.
func CheckText(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("%w: not UTF-8", ErrBadCharacter)
	}
	for _, r := range s {
		if !isXMLChar(r) {
			return fmt.Errorf("%w: %U", ErrBadCharacter, r)
		}
	}
	return nil
}
