package cwmp

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// toPhone are the requests of an ACS (TR-069 3.6, table 5).
var toPhone = []string{
	"AddObject", "CancelTransfer", "ChangeDUState", "DeleteObject", "Download", "FactoryReset", "GetAllQueuedTransfers",
	"GetOptions", "GetParameterAttributes", "GetParameterNames", "GetParameterValues", "GetQueuedTransfers",
	"GetRPCMethods", "Reboot", "ScheduleDownload", "ScheduleInform", "SetParameterAttributes", "SetParameterValues",
	"SetVouchers", "Upload",
}

// Requests returns the names of the requests that a phone may be sent, sorted.
func Requests() []string { return slices.Clone(toPhone) }

// IsRequest reports whether a phone may be sent a request of that name.
func IsRequest(name string) bool { return slices.Contains(toPhone, name) }

// maxArgDepth is how far the arguments of a request nest.
const maxArgDepth = 8

// FromJSON reads the arguments of a request to a phone from a JSON object in
// the request's own names, as in {"ParameterPath": "Device.", "NextLevel": true};
// none stands for {}. Lists are JSON lists of their items, a value may have a
// Type beside it, and so has each of the Operations of ChangeDUState. What is
// left out is empty, 0 or false; what the request does not have, or cannot have
// for a value, is a *FieldError, and so is what Encode would refuse. What there
// is of each request is taken from how it is written, so there is no second
// list of it.
func FromJSON(rpc string, args []byte) (Message, error) {
	if !IsRequest(rpc) {
		return nil, &FieldError{Field: "RPC", Err: fmt.Errorf("%w: %q is no request to a phone", ErrBadValue, clip(rpc))}
	}
	in := map[string]any{}
	if len(args) > 0 {
		v, err := readJSON(args)
		if err != nil {
			return nil, err
		}
		var ok bool
		if in, ok = v.(map[string]any); !ok {
			return nil, &FieldError{Field: rpc, Err: fmt.Errorf("%w: want a JSON object", ErrBadValue)}
		}
	}
	e := etree.NewElement(rpc)
	build(e, in)
	msg := registry[rpc].make()
	msg.decode(e)
	out, err := tree(msg)
	if err != nil {
		return nil, err
	}
	if err := within(rpc, in, out); err != nil {
		return nil, err
	}
	return msg, nil
}

// ToJSON writes the arguments of a message as FromJSON reads them; all values
// are texts as on the wire. An Unknown gives its elements, as far as they have
// names of their own. The error is that of Encode.
func ToJSON(m Message) ([]byte, error) {
	v, err := tree(m)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write %s as JSON: %w", clip(m.RPC()), err)
	}
	return b, nil
}

// readJSON reads one JSON value and nothing after it. Members given twice are
// refused: one of them would be passed over.
func readJSON(b []byte) (any, error) {
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	v, err := readValue(d, "", 0)
	if err != nil {
		return nil, err
	}
	if d.More() {
		return nil, &FieldError{Field: "JSON", Err: fmt.Errorf("%w: something follows the object", ErrBadValue)}
	}
	return v, nil
}

func readValue(d *json.Decoder, at string, depth int) (any, error) {
	tok, err := d.Token()
	if err != nil {
		return nil, &FieldError{Field: "JSON", Err: fmt.Errorf("%w: %s", ErrBadValue, clip(err.Error()))}
	}
	bad := func(format string, args ...any) error {
		return &FieldError{Field: cmp.Or(strings.TrimPrefix(at, "."), "JSON"), Err: fmt.Errorf("%w: %s", ErrBadValue, fmt.Sprintf(format, args...))}
	}
	if depth > maxArgDepth {
		return nil, bad("nested more than %d deep", maxArgDepth)
	}
	switch tok {
	case json.Delim('{'):
		m := map[string]any{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, bad("%s", clip(err.Error()))
			}
			name, _ := key.(string)
			if _, twice := m[name]; twice {
				return nil, bad("%q is given twice", clip(name))
			}
			if m[name], err = readValue(d, at+"."+clip(name), depth+1); err != nil {
				return nil, err
			}
		}
		if _, err := d.Token(); err != nil {
			return nil, bad("is not closed")
		}
		return m, nil
	case json.Delim('['):
		list := []any{}
		for i := 0; d.More(); i++ {
			v, err := readValue(d, fmt.Sprintf("%s[%d]", at, i), depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		if _, err := d.Token(); err != nil {
			return nil, bad("is not closed")
		}
		return list, nil
	case nil:
		return nil, bad("null is no value; leave out what is not given")
	}
	return tok, nil
}

// repeated are the elements that stand one after the other instead of in an
// array.
var repeated = map[string]bool{"Operations": true, "Results": true, "SetParameterValuesFault": true}

// typeKey stands for the xsi:type of an element, beside it or, of an element
// that has members, in it.
const typeKey = "Type"

// build makes the children of e from JSON.
func build(e *etree.Element, in map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if name == typeKey {
			continue
		}
		if list, ok := in[name].([]any); ok && repeated[name] {
			for _, item := range list {
				put(e, name, item, "")
			}
			continue
		}
		typ, _ := in[typeKey].(string)
		if name != "Value" {
			typ = ""
		}
		put(e, name, in[name], typ)
	}
}

func put(e *etree.Element, name string, v any, typ string) {
	c := etree.NewElement(name)
	c.Space, c.Tag = "", name // no prefix, whatever the name holds
	e.AddChild(c)
	if typ != "" {
		c.CreateAttr("xsi:type", "xsd:"+typ)
	}
	switch v := v.(type) {
	case map[string]any:
		if kind, ok := v[typeKey].(string); ok && repeated[name] {
			c.CreateAttr("xsi:type", "cwmp:"+kind+"OpStruct")
		}
		build(c, v)
	case []any:
		for _, item := range v {
			put(c, "item", item, "")
		}
	default:
		c.SetText(fmt.Sprint(v))
	}
}

// tree gives the elements that a message is written with.
func tree(m Message) (any, error) {
	env := Envelope{Body: m}
	b, err := env.Encode()
	if err != nil {
		return nil, err
	}
	root, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("read %s again: %w", clip(m.RPC()), err)
	}
	for c := range root.ChildElementsSeq() {
		if c.Tag != "Body" {
			continue
		}
		for e := range c.ChildElementsSeq() {
			return members(e), nil
		}
	}
	return nil, errors.New("nothing was written")
}

func members(e *etree.Element) map[string]any {
	out := map[string]any{}
	for c := range e.ChildElementsSeq() {
		v := value(c)
		if repeated[c.Tag] {
			list, _ := out[c.Tag].([]any)
			v = append(list, v)
		}
		out[c.Tag] = v
		if a := c.SelectAttr("xsi:type"); a != nil && c.Tag == "Value" {
			out[typeKey] = typeName(a.Value)
		}
	}
	return out
}

func value(e *etree.Element) any {
	if arrayed(e) {
		list := []any{}
		for c := range e.ChildElementsSeq() {
			list = append(list, value(c))
		}
		return list
	}
	if len(e.ChildElements()) == 0 {
		return text(e)
	}
	m := members(e)
	if a := e.SelectAttr("xsi:type"); a != nil && repeated[e.Tag] {
		m[typeKey] = strings.TrimSuffix(a.Value[strings.LastIndexByte(a.Value, ':')+1:], "OpStruct")
	}
	return m
}

func arrayed(e *etree.Element) bool {
	for _, a := range e.Attr {
		if a.Key == "arrayType" {
			return true
		}
	}
	return false
}

// within holds what was asked for to what is written: all of it must be there.
func within(at string, in, out any) error {
	bad := func(format string, args ...any) error {
		return &FieldError{Field: at, Err: fmt.Errorf("%w: %s", ErrBadValue, fmt.Sprintf(format, args...))}
	}
	switch in := in.(type) {
	case map[string]any:
		o, ok := out.(map[string]any)
		if !ok {
			if out == "" && len(in) == 0 {
				return nil
			}
			return bad("is no object")
		}
		for _, name := range slices.Sorted(maps.Keys(in)) {
			has, ok := o[name]
			if !ok {
				if in[name] == "" {
					continue // not given
				}
				return &FieldError{Field: at + "." + clip(name), Err: fmt.Errorf("%w: there is no such argument; there are %s", ErrBadValue, strings.Join(slices.Sorted(maps.Keys(o)), ", "))}
			}
			if err := within(at+"."+name, in[name], has); err != nil {
				return err
			}
		}
		return nil
	case []any:
		o, ok := out.([]any)
		if !ok || len(o) != len(in) {
			return bad("is no list")
		}
		for i := range in {
			if err := within(fmt.Sprintf("%s[%d]", at, i), in[i], o[i]); err != nil {
				return err
			}
		}
		return nil
	}
	given := fmt.Sprint(in)
	is, ok := out.(string)
	switch {
	case !ok:
		return bad("want a list or an object")
	case given == "", given == is, strings.TrimSpace(given) == is:
		return nil
	case is == "1" && given == "true", is == "0" && given == "false":
		return nil
	}
	return bad("cannot have this value")
}
