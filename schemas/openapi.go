package schemas

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"

	"github.com/goccy/go-yaml"
)

// parts are the pieces of the OpenAPI document, one resource a file.
//
//go:embed openapi/*.yaml
var parts embed.FS

// OpenAPI returns the OpenAPI 3.1 document of the admin API: one JSON object,
// its members in alphabetical order, the same bytes at every call. They are
// the caller's. An error means that the program was built with a broken part.
func OpenAPI() ([]byte, error) {
	doc, err := openAPI()
	return bytes.Clone(doc), err
}

var openAPI = sync.OnceValues(func() ([]byte, error) {
	sub, err := fs.Sub(parts, "openapi")
	if err != nil {
		return nil, fmt.Errorf("open parts: %w", err)
	}
	doc, err := assemble(sub)
	if err != nil {
		return nil, fmt.Errorf("assemble OpenAPI document: %w", err)
	}
	return json.Marshal(doc)
})

// assemble lays all YAML files of a folder over one another.
func assemble(parts fs.FS) (map[string]any, error) {
	names, err := fs.Glob(parts, "*.yaml")
	if err != nil {
		return nil, err
	}
	doc := map[string]any{}
	for _, name := range names {
		src, err := fs.ReadFile(parts, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		var part map[string]any
		if err := yaml.Unmarshal(src, &part); err != nil {
			return nil, fmt.Errorf("parse %s: %w", name, err)
		}
		if err := merge(doc, part, ""); err != nil {
			return nil, fmt.Errorf("merge %s: %w", name, err)
		}
	}
	return doc, nil
}

// merge adds src to dst. Objects grow together; anything else may be said by
// one part only, so that no file quietly overrides another.
func merge(dst, src map[string]any, at string) error {
	for key, value := range src {
		here := at + "/" + key
		old, taken := dst[key]
		if !taken {
			dst[key] = value
			continue
		}
		into, ok1 := old.(map[string]any)
		from, ok2 := value.(map[string]any)
		if !ok1 || !ok2 {
			return fmt.Errorf("%s is given twice", here)
		}
		if err := merge(into, from, here); err != nil {
			return err
		}
	}
	return nil
}
