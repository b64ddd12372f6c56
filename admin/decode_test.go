package admin

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeJSON(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		kind     kind
		field    string
	}{
		{"empty", " \n", kindMalformed, ""},
		{"no object", `[]`, kindMalformed, ""},
		{"null", `null`, kindMalformed, ""},
		{"cut off", `{"kind":`, kindMalformed, ""},
		{"cut off in a list", `{"selection":{"phones":["a"`, kindMalformed, ""},
		{"no comma", `{"kind":"a" "priority":1}`, kindMalformed, ""},
		{"two objects", `{"kind":"a"}{"kind":"b"}`, kindMalformed, ""},
		{"not UTF-8", "{\"kind\":\"\xff\"}", kindMalformed, ""},
		{"too deep", `{"selection":{"phones":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}}`, kindInvalid, "selection.phones[0]"},
		{"unknown member", `{"knid":"reboot"}`, kindUnknownField, "knid"},
		{"unknown below", `{"selection":{"everyone":true}}`, kindUnknownField, "selection.everyone"},
		{"letter case", `{"Kind":"reboot"}`, kindUnknownField, "Kind"},
		{"nameless", `{"":"reboot"}`, kindUnknownField, ""},
		{"twice", `{"kind":"a","kind":"b"}`, kindInvalid, "kind"},
		{"twice below", `{"retry":{"max":1,"max":2}}`, kindInvalid, "retry.max"},
		{"null member", `{"selection":null}`, kindInvalid, "selection"},
		{"null below", `{"retry":{"max":null}}`, kindInvalid, "retry.max"},
		{"number for a text", `{"kind":1}`, kindInvalid, "kind"},
		{"text for a number", `{"priority":"1"}`, kindInvalid, "priority"},
		{"fraction", `{"priority":1.5}`, kindInvalid, "priority"},
		{"huge number", `{"priority":1e300}`, kindInvalid, "priority"},
		{"text for a truth", `{"when":{"now":"yes"}}`, kindInvalid, "when.now"},
		{"text for a list", `{"selection":{"phones":"p1"}}`, kindInvalid, "selection.phones"},
		{"list item", `{"selection":{"phones":["p1",2]}}`, kindInvalid, "selection.phones[1]"},
		{"text for an object", `{"args":"f1"}`, kindInvalid, "args"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := decodeJSON([]byte(tt.in), new(newJob))
			var p *problem
			if !errors.As(err, &p) {
				t.Fatalf("decodeJSON error = %v; want a problem", err)
			}
			if p.Type != "urn:phoneacs:problem:"+tt.kind.token || p.Field != tt.field || p.Detail == "" {
				t.Errorf("got %s for %q: %s; want %s for %q", p.Type, p.Field, p.Detail, tt.kind.token, tt.field)
			}
		})
	}
	var nested struct {
		A struct {
			B [][][][][][][][][]string `json:"b"`
		} `json:"a"`
	}
	err := decodeJSON([]byte(`{"a":{"b":[[[[[[[[[]]]]]]]]]}}`), &nested)
	if err == nil || !strings.Contains(err.Error(), "deep") {
		t.Errorf("error of deep nesting = %v", err)
	}
}

// FuzzDecodeJSON holds two promises: an order that is read survives being
// written and read once more, and it is JSON that encoding/json reads alike.
func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{
		`{"kind":"reboot","selection":{"all":true},"when":{"now":true}}`,
		`{"kind":"download","args":{"file":"f3"},"selection":{"phones":["p1","0c:38:3e:00:00:01"]},"when":{"at":"2026-05-18T02:00:00Z"},
		  "expires":"30d","retry":{"max":3,"backoff":"1m"},"deadline":"30m","priority":0}`,
		`{"selection":{"filter":"tags:lobby"}}`, `{}`, `{"kind":"\ud800"}`, `{"kind":"a",}`, `{"kind":nul}`, `[{}]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var first newJob
		if err := decodeJSON(body, &first); err != nil {
			var p *problem
			if !errors.As(err, &p) || p.Status != http.StatusBadRequest {
				t.Fatalf("decodeJSON(%q) error = %v; want a problem", body, err)
			}
			return
		}
		var plain newJob
		if err := json.Unmarshal(body, &plain); err != nil || !reflect.DeepEqual(plain, first) {
			t.Fatalf("encoding/json reads %q as %+v, %v", body, plain, err)
		}
		again, err := json.Marshal(withoutNulls(t, first))
		if err != nil {
			t.Fatal(err)
		}
		var second newJob
		if err := decodeJSON(again, &second); err != nil {
			t.Fatalf("decodeJSON(%s), written from %q: %v", again, body, err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%q changed (-first +second)\n%s", body, diff)
		}
	})
}

// withoutNulls is an order as a client would send it: what is not given is left out.
func withoutNulls(t *testing.T, v any) map[string]any {
	src, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(src, &m); err != nil {
		t.Fatal(err)
	}
	var drop func(map[string]any)
	drop = func(m map[string]any) {
		for key, value := range m {
			switch value := value.(type) {
			case nil:
				delete(m, key)
			case map[string]any:
				drop(value)
			}
		}
	}
	drop(m)
	return m
}

// TestBodies: what every operation with a JSON body refuses before it looks at
// what the body says.
func TestBodies(t *testing.T) {
	for _, rt := range []struct{ method, path string }{
		{"PATCH", "/api/v1/phones/p1"}, {"POST", "/api/v1/sites"}, {"POST", "/api/v1/jobs"}, {"POST", "/api/v1/hold"},
	} {
		t.Run(rt.path, func(t *testing.T) {
			h := newHarness(t)
			h.do(rt.method, rt.path, `{}`, "Content-Type", "text/plain").refuses(kindMediaType, "Content-Type")
			h.do(rt.method, rt.path, `{}`, "Content-Type", "").refuses(kindMediaType, "Content-Type")
			h.do(rt.method, rt.path, `{}`, "Content-Type", "application/json; charset=latin1").refuses(kindMediaType, "Content-Type")
			h.do(rt.method, rt.path, `{}`, "Content-Encoding", "gzip").refuses(kindMediaType, "Content-Encoding")
			h.do(rt.method, rt.path, "", "Content-Type", "application/json").refuses(kindMalformed, "")
			h.do(rt.method, rt.path, `{"`+strings.Repeat("x", maxOrder)+`":1}`).refuses(kindTooLarge, "")
			h.do(rt.method, rt.path, `{"surprise":1}`).refuses(kindUnknownField, "surprise")
		})
	}
}
