package schema

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"phoneacs/cwmp"
	"phoneacs/schemas"
)

// encode writes m as an envelope of version v, with the headers that the
// version has.
func encode(t *testing.T, v cwmp.Version, m cwmp.Message) []byte {
	t.Helper()
	e := cwmp.Envelope{Namespace: v.Namespace(), ID: "a-7", HoldRequests: true, Body: m}
	if v >= cwmp.V1_3 {
		e.SessionTimeout = 90
	}
	if v >= cwmp.V1_4 {
		e.SupportedVersions, e.UseVersion = versions, cwmp.V1_4
	}
	raw, err := e.Encode()
	if err != nil {
		t.Fatalf("encode %s: %v", m.RPC(), err)
	}
	return raw
}

// has says whether version v has the message.
func has(v cwmp.Version, m cwmp.Message) bool {
	since, known := cwmp.Since(m.RPC())
	return !known || since <= v // a Fault is of every version
}

// TestMessagesValidate: what package cwmp writes is right by our schemas, in
// each version that has the message.
func TestMessagesValidate(t *testing.T) { validate(t, ownSchemas(t)) }

// TestMessagesValidateOfficially: and by those of the Broadband Forum, which
// nobody here wrote.
func TestMessagesValidateOfficially(t *testing.T) { validate(t, officialSchemas(t)) }

func validate(t *testing.T, j judge) {
	for _, v := range versions {
		t.Run(v.String(), func(t *testing.T) {
			dir := t.TempDir()
			var files []string
			for _, m := range messages() {
				if has(v, m) {
					files = append(files, write(t, dir, m.RPC(), encode(t, v, m)))
				}
			}
			for name, why := range j.faults(t, v, files) {
				t.Errorf("%s is refused: %s", filepath.Base(name), why)
			}
		})
	}
}

// TestLaterMethodsAreUnknownEarlier: the schema of a version has no method of a
// later one.
func TestLaterMethodsAreUnknownEarlier(t *testing.T) {
	own := ownSchemas(t)
	for _, v := range versions[:2] {
		t.Run(v.String(), func(t *testing.T) {
			dir := t.TempDir()
			var later []string
			for _, m := range messages() {
				if !has(v, m) {
					later = append(later, write(t, dir, m.RPC(), encode(t, v, m)))
				}
			}
			refused := own.faults(t, v, later)
			for _, name := range later {
				if refused[name] == "" {
					t.Errorf("%s is taken", filepath.Base(name))
				}
			}
		})
	}
}

// TestSchemasKnowTheMethodsOfCWMP holds the elements that our schemas declare
// against the table of package cwmp, and the examples here against both.
func TestSchemasKnowTheMethodsOfCWMP(t *testing.T) {
	examples := map[string]bool{}
	for _, m := range messages() {
		examples[m.RPC()] = true
	}
	headers := []string{"ID", "HoldRequests", "SessionTimeout", "SupportedCWMPVersions", "UseCWMPVersion", "Fault"}
	declared := map[string]bool{}
	for _, v := range versions {
		for _, name := range elements(t, "cwmp-"+dashed(v)+".xsd", map[string]bool{}) {
			if declared[name] || slices.Contains(headers, name) {
				continue
			}
			declared[name] = true
			if since, known := cwmp.Since(name); !known || since != v {
				t.Errorf("%s is declared first by %v; package cwmp says %v %t", name, v, since, known)
			}
			if !examples[name] {
				t.Errorf("%s has no example among messages", name)
			}
		}
	}
	for name := range examples {
		if name != "Fault" && !declared[name] {
			t.Errorf("%s is declared by no schema", name)
		}
	}
	if len(declared) < 50 {
		t.Errorf("%d elements found in the schemas; the search is broken", len(declared))
	}
}

// elements gives the global elements of a schema and of what it includes.
func elements(t *testing.T, name string, seen map[string]bool) []string {
	t.Helper()
	if seen[name] {
		return nil
	}
	seen[name] = true
	raw, err := fs.ReadFile(schemas.CWMP(), name)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Includes []struct {
			Location string `xml:"schemaLocation,attr"`
		} `xml:"include"`
		Elements []struct {
			Name string `xml:"name,attr"`
		} `xml:"element"`
	}
	if err := xml.Unmarshal(raw, &schema); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var all []string
	for _, e := range schema.Elements {
		all = append(all, e.Name)
	}
	for _, i := range schema.Includes {
		all = append(all, elements(t, path.Clean(i.Location), seen)...)
	}
	return all
}

// TestOfficialSamples: messages that others wrote are right by our schemas too,
// but for those in a version that has no such method.
func TestOfficialSamples(t *testing.T) {
	officialSchemas(t)
	own := ownSchemas(t)
	byVersion := map[cwmp.Version][]string{}
	files, err := filepath.Glob(filepath.Join(os.Getenv("PHONEACS_XSD"), "samples", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Skipf("PHONEACS_XSD comes without samples: %v", err)
	}
	for _, name := range files {
		stem := strings.TrimSuffix(filepath.Base(name), ".xml")
		v, ok := cwmp.ParseVersion(strings.ReplaceAll(stem[len(stem)-3:], "-", "."))
		if !ok {
			t.Fatalf("%s is of no version", stem)
		}
		if since, known := cwmp.Since(stem[:len(stem)-4]); !known || since <= v {
			byVersion[v] = append(byVersion[v], name)
		}
	}
	for v, files := range byVersion {
		for name, why := range own.faults(t, v, files) {
			t.Errorf("%s is refused: %s", filepath.Base(name), why)
		}
	}
}

// TestSchemasAreWellFormed needs no xmllint, so it runs everywhere.
func TestSchemasAreWellFormed(t *testing.T) {
	files, err := fs.Glob(schemas.CWMP(), "*.xsd")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d schemas, %v; want all", len(files), err)
	}
	for _, name := range files {
		f, err := schemas.CWMP().Open(name)
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(f)
		for err == nil {
			_, err = d.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
