package schemas

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func document(t *testing.T) map[string]any {
	t.Helper()
	src, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(src, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOpenAPIIsTheCallers(t *testing.T) {
	a, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	a[0] = 'x'
	b, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, []byte("{")) {
		t.Errorf("changing the first answer changed the second: %.20q", b)
	}
}

// TestSchemasCompile compiles every component schema, and by that follows
// every $ref that a schema holds.
func TestSchemasCompile(t *testing.T) {
	doc := document(t)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	names := doc["components"].(map[string]any)["schemas"].(map[string]any)
	if len(names) == 0 {
		t.Fatal("no component schemas")
	}
	for name := range names {
		if _, err := c.Compile("openapi.json#/components/schemas/" + name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReferences follows every $ref of the document and finds every component
// used, so that none is left behind when its last user goes.
func TestReferences(t *testing.T) {
	doc := document(t)
	used := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				used[ref] = true
				if lookup(doc, ref) == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, child := range v {
				walk(child)
			}
		case []any:
			for _, child := range v {
				walk(child)
			}
		}
	}
	walk(doc)
	// An SSE body has no schema that OpenAPI could refer from.
	used["#/components/schemas/Event"] = true
	for group, members := range doc["components"].(map[string]any) {
		for name := range members.(map[string]any) {
			if ref := "#/components/" + group + "/" + name; group != "securitySchemes" && !used[ref] {
				t.Errorf("%s is not used", ref)
			}
		}
	}
}

func lookup(doc map[string]any, ref string) any {
	var v any = doc
	for key := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

func TestAssemble(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	for _, tt := range []struct {
		name string
		in   fstest.MapFS
		want string // JSON, or empty for an error that says wrong
		says string
	}{
		{"objects grow together",
			fstest.MapFS{"a.yaml": file("paths: {/a: {get: 1}}"), "b.yaml": file("paths: {/a: {put: 2}, /b: 3}")},
			`{"paths":{"/a":{"get":1,"put":2},"/b":3}}`, ""},
		{"other files are no parts",
			fstest.MapFS{"a.yaml": file("x: 1"), "b.txt": file("x: 2")}, `{"x":1}`, ""},
		{"said twice",
			fstest.MapFS{"a.yaml": file("info: {title: x}"), "b.yaml": file("info: {title: x}")},
			"", "merge b.yaml: /info/title is given twice"},
		{"object and value",
			fstest.MapFS{"a.yaml": file("info: {title: x}"), "b.yaml": file("info: 1")},
			"", "merge b.yaml: /info is given twice"},
		{"twice in one part", fstest.MapFS{"a.yaml": file("x: 1\nx: 2")}, "", "parse a.yaml"},
		{"not YAML", fstest.MapFS{"a.yaml": file("x: [")}, "", "parse a.yaml"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := assemble(tt.in)
			if tt.says != "" {
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Fatalf("assemble error = %v; want %q in it", err, tt.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got %s; want %s", got, tt.want)
			}
		})
	}
}
