package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"unicode/utf8"
)

// readJSON reads a JSON body into v, strictly, and returns its bytes.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64, v any, types ...string) ([]byte, error) {
	if len(types) == 0 {
		types = []string{"application/json"}
	}
	if err := checkType(r, types...); err != nil {
		return nil, err
	}
	body, err := readBody(w, r, limit)
	if err != nil {
		return nil, err
	}
	return body, decodeJSON(body, v)
}

// decodeJSON is stricter than encoding/json, which would let a misspelt order
// pass as a smaller one: every member must be known, spelt exactly and given
// once, null is no value, and nothing may follow the object. The members of v
// are strings, booleans, ints, and pointers, slices and structs of these, so
// that every error names a member. A json.RawMessage takes any value, which is
// for its reader to check.
func decodeJSON(body []byte, v any) error {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return newProblem(kindMalformed, "the body is empty; a JSON object is needed")
	case !utf8.Valid(body):
		return newProblem(kindMalformed, "the body is not UTF-8")
	}
	d := memberCheck{json.NewDecoder(bytes.NewReader(body))}
	d.UseNumber()
	if err := d.value(reflect.TypeOf(v).Elem(), "", 0); err != nil {
		return jsonProblem(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return newProblem(kindMalformed, "something follows the JSON object")
	}
	if err := json.Unmarshal(body, v); err != nil {
		return jsonProblem(err)
	}
	return nil
}

// jsonProblem says where a text stops being JSON.
func jsonProblem(err error) error {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return newProblem(kindMalformed, "not JSON, at byte %d: %v", syntax.Offset, err)
	}
	return newProblem(kindMalformed, "not JSON: the body ends early").because(err)
}
