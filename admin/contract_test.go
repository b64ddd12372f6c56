package admin

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/mux"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"phoneacs/schemas"
)

// An operation is one of the OpenAPI document.
type operation struct {
	id, method, path string
	roles            []string
	query            []string
	body             map[string]any // the operation itself
	at               string         // JSON pointer to it
}

// A contract is the OpenAPI document, closed: objects that list their members
// have no others, so that an answer shows nothing that the document does not.
type contract struct {
	doc        map[string]any
	operations map[string]operation
	compiler   *jsonschema.Compiler
	mu         sync.Mutex
}

var loadContract = sync.OnceValues(func() (*contract, error) {
	src, err := schemas.OpenAPI()
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	closeObjects(doc)
	c := &contract{doc: doc.(map[string]any), operations: make(map[string]operation), compiler: jsonschema.NewCompiler()}
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource("openapi.json", doc); err != nil {
		return nil, err
	}
	for path, item := range c.doc["paths"].(map[string]any) {
		item := item.(map[string]any)
		for method, op := range item {
			if method != "parameters" {
				o := c.operation(path, method, item, op.(map[string]any))
				c.operations[o.id] = o
			}
		}
	}
	return c, nil
})

func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, open := v["additionalProperties"]; v["type"] == "object" && v["properties"] != nil && !open {
			v["additionalProperties"] = false
		}
		for _, child := range v {
			closeObjects(child)
		}
	case []any:
		for _, child := range v {
			closeObjects(child)
		}
	}
}

func (c *contract) operation(path, method string, item, op map[string]any) operation {
	escaped := strings.NewReplacer("~", "~0", "/", "~1").Replace(path)
	o := operation{id: op["operationId"].(string), method: strings.ToUpper(method), path: path, body: op,
		at: "/paths/" + escaped + "/" + method}
	security, own := op["security"].([]any)
	if !own {
		security = c.doc["security"].([]any)
	}
	for _, s := range security {
		for _, role := range s.(map[string]any)["bearer"].([]any) {
			o.roles = append(o.roles, role.(string))
		}
	}
	for _, list := range []any{item["parameters"], op["parameters"]} {
		list, _ := list.([]any)
		for _, p := range list {
			p := c.follow(p.(map[string]any))
			if p["in"] == "query" {
				o.query = append(o.query, p["name"].(string))
			}
		}
	}
	return o
}

// follow resolves a $ref, if there is one.
func (c *contract) follow(v map[string]any) map[string]any {
	ref, ok := v["$ref"].(string)
	if !ok {
		return v
	}
	at := c.doc
	for key := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		at = at[key].(map[string]any)
	}
	return at
}

// validate holds JSON against the schema at a JSON pointer.
func (c *contract) validate(pointer string, src []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	schema, err := c.compiler.Compile("openapi.json#" + pointer)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		return err
	}
	return schema.Validate(v)
}

// checkContract fails the test if an exchange is not as the document says.
func checkContract(t *testing.T, router *mux.Router, r *http.Request, sent string, a *answer) {
	t.Helper()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	media, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	var match mux.RouteMatch
	if !router.Match(r, &match) || match.MatchErr != nil || match.Route == nil || a.status == http.StatusMisdirectedRequest {
		if err := c.validate("/components/schemas/Problem", a.body); err != nil || media != "application/problem+json" {
			t.Errorf("%s %s: %d %s is no problem: %v", r.Method, r.URL, a.status, media, err)
		}
		return
	}
	op := c.operations[match.Route.GetName()]
	if a.status < 300 && jsonBody(r) && op.id != "addFile" && op.body["requestBody"] != nil {
		if err := c.validate(op.at+"/requestBody/content/application~1json/schema", []byte(sent)); err != nil {
			t.Errorf("%s took %s, which the document does not: %v", op.id, sent, err)
		}
	}
	responses := op.body["responses"].(map[string]any)
	name := strconv.Itoa(a.status)
	if responses[name] == nil {
		name = "default"
	}
	if name == "default" && a.status < 400 {
		t.Errorf("%s answers %d, which the document does not list", op.id, a.status)
		return
	}
	at := op.at + "/responses/" + name
	response := responses[name].(map[string]any)
	if ref, ok := response["$ref"].(string); ok {
		at, response = strings.TrimPrefix(ref, "#"), c.follow(response)
	}
	content, _ := response["content"].(map[string]any)
	if content == nil || r.Method == http.MethodHead {
		if len(a.body) > 0 && r.Method != http.MethodHead {
			t.Errorf("%s: %d has a body: %s", op.id, a.status, a.body)
		}
		return
	}
	if content[media] == nil {
		t.Errorf("%s: %d is %q, which the document does not list", op.id, a.status, media)
		return
	}
	if !strings.HasSuffix(media, "json") {
		return
	}
	if err := c.validate(at+"/content/"+strings.ReplaceAll(media, "/", "~1")+"/schema", a.body); err != nil {
		t.Errorf("%s: %d is not as the document says: %v\n%s", op.id, a.status, err, a.body)
	}
	if !json.Valid(a.body) {
		t.Errorf("%s: %s is not JSON", op.id, a.body)
	}
}

// jsonBody reports whether a request says that its body is one JSON value.
func jsonBody(r *http.Request) bool {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return media == "application/json" || strings.HasSuffix(media, "+json")
}
