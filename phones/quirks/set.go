package quirks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Set is what is said of some switches: by name, where a text of file_types
// is "file_types.config", a bool, an int or a string.
type Set map[string]any

// An Error says what is wrong where.
type Error struct {
	Field string // the key, as in "set.max_names"; empty: the whole
	Line  int    // of a file, from 1; 0: not of a file
	Err   error
}

func (e *Error) Error() string {
	switch {
	case e.Field == "":
		return e.Err.Error()
	default:
		return e.Field + ": " + e.Err.Error()
	}
}

func (e *Error) Unwrap() error { return e.Err }

// put adds one value, checked.
func (s Set) put(name string, v any) error {
	sw, _, err := lookup(name)
	if err == nil {
		err = sw.check(v)
	}
	if err == nil && strings.Contains(name, ".") && len(s) >= maxTexts+len(switches) {
		err = fmt.Errorf("more than %d texts", maxTexts)
	}
	if _, twice := s[name]; err == nil && twice {
		err = errors.New("given twice")
	}
	if err != nil {
		return &Error{Field: name, Err: err}
	}
	s[name] = v
	return nil
}

// apply gives q what s says. A name that is no switch (any more) is left out.
func (s Set) apply(q *Quirks, note func(name string)) {
	for _, name := range s.Names() {
		if sw, text, err := lookup(name); err == nil && sw.check(s[name]) == nil {
			sw.give(q, text, s[name])
			note(name)
		}
	}
}

// Names lists what is said, in order.
func (s Set) Names() []string { return slices.Sorted(maps.Keys(s)) }

// With returns what holds when more is said after s.
func (s Set) With(more Set) Set {
	out := maps.Clone(s)
	if out == nil {
		out = make(Set)
	}
	maps.Copy(out, more)
	return out
}

// MarshalJSON writes an object of the switches, in order.
func (s Set) MarshalJSON() ([]byte, error) {
	out := make(map[string]any, len(s))
	for name, v := range s {
		base, text, dotted := strings.Cut(name, ".")
		if !dotted {
			out[name] = v
			continue
		}
		texts, _ := out[base].(map[string]string)
		if texts == nil {
			texts = make(map[string]string)
			out[base] = texts
		}
		t, _ := v.(string)
		texts[text] = t
	}
	return json.Marshal(out)
}

// ErrNotJSON reports a body that is not the JSON object that is wanted.
var ErrNotJSON = errors.New("want a JSON object of switches")

// ParseJSON reads what [Set.MarshalJSON] writes, strictly: every switch is
// known, given once, and has a value that it can have. The error is an
// *[Error] that names the member; one of [ErrNotJSON] if there is no object.
func ParseJSON(b []byte) (Set, error) {
	if !utf8.Valid(b) {
		return nil, &Error{Err: fmt.Errorf("%w, in UTF-8", ErrNotJSON)}
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	s := make(Set)
	if err := s.object(dec, ""); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, &Error{Err: fmt.Errorf("%w, and nothing after it", ErrNotJSON)}
	}
	return s, nil
}

// object reads the members of one object; at is the switch that it belongs to.
func (s Set) object(dec *json.Decoder, at string) error {
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return &Error{Field: at, Err: ErrNotJSON}
	}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return &Error{Field: at, Err: ErrNotJSON}
		}
		if at != "" {
			name = at + "." + name
		} else if strings.Contains(name, ".") {
			return &Error{Field: name, Err: ErrUnknown}
		}
		if sw := byName[name]; sw != nil && sw.Kind == kindTexts {
			if s.has(name) {
				return &Error{Field: name, Err: errors.New("given twice")}
			}
			if err := s.object(dec, name); err != nil {
				return err
			}
			continue
		}
		if err := s.member(dec, name); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return &Error{Field: at, Err: ErrNotJSON}
	}
	return nil
}

// has reports whether a text of a switch is given already.
func (s Set) has(base string) bool {
	for name := range s {
		if strings.HasPrefix(name, base+".") {
			return true
		}
	}
	return false
}

func (s Set) member(dec *json.Decoder, name string) error {
	t, err := dec.Token()
	if err != nil {
		return &Error{Field: name, Err: ErrNotJSON}
	}
	var v any = t
	if n, ok := t.(json.Number); ok {
		if v, err = strconv.Atoi(n.String()); err != nil {
			v = nil
		}
	}
	return s.put(name, v)
}
