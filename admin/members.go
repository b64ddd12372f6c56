package admin

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// maxDepth is how far objects and lists of a body may nest.
const maxDepth = 8

// A memberCheck walks a JSON text beside the Go type it is meant for.
type memberCheck struct{ *json.Decoder }

// value checks the next value, which is the member called at.
func (d memberCheck) value(t reflect.Type, at string, depth int) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == rawType {
		return d.raw(at)
	}
	if depth > maxDepth {
		return newProblem(kindMalformed, "nested more than %d deep", maxDepth).at(at)
	}
	tok, err := d.Token()
	if err != nil {
		return err
	}
	if want, ok := fits(tok, t); !ok {
		if at == "" {
			return newProblem(kindMalformed, "the body must be %s", want)
		}
		return invalid(at, "want %s", want)
	}
	switch tok {
	case json.Delim('{'):
		return d.object(t, at, depth)
	case json.Delim('['):
		for i := 0; d.More(); i++ {
			if err := d.value(t.Elem(), fmt.Sprintf("%s[%d]", at, i), depth+1); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	}
	return nil
}

func (d memberCheck) object(t reflect.Type, at string, depth int) error {
	seen := make(map[string]bool)
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := tok.(string)
		full := name
		if at != "" {
			full = at + "." + name
		}
		member, ok := memberType(t, name)
		switch {
		case !ok:
			return newProblem(kindUnknownField, "there is no member %q", full).at(full)
		case seen[name]:
			return invalid(full, "given twice")
		}
		seen[name] = true
		if err := d.value(member, full, depth+1); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// memberType returns the type of the struct field with a JSON name.
func memberType(t reflect.Type, name string) (reflect.Type, bool) {
	for f := range t.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == name && tag != "" {
			return f.Type, true
		}
	}
	return nil, false
}

// fits reports whether a value that begins with tok can become a t, and what
// could.
func fits(tok json.Token, t reflect.Type) (want string, ok bool) {
	switch t.Kind() {
	case reflect.String:
		_, ok = tok.(string)
		return "a string", ok
	case reflect.Bool:
		_, ok = tok.(bool)
		return "true or false", ok
	case reflect.Int:
		n, isNumber := tok.(json.Number)
		_, err := strconv.Atoi(n.String())
		return "a whole number", isNumber && err == nil
	case reflect.Slice:
		return "a list", tok == json.Delim('[')
	case reflect.Struct:
		return "an object", tok == json.Delim('{')
	}
	return "something else", false
}
