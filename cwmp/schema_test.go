package cwmp

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// xsdDir returns the directory of the official schemas, which PHONEACS_XSD
// names: catalog.xml, cwmp/, soap/ and drivers/. They are not ours to ship, so
// the test is skipped without them, and without xmllint unless
// PHONEACS_REQUIRE_PEERS is 1.
func xsdDir(t *testing.T) string {
	t.Helper()
	required := os.Getenv("PHONEACS_REQUIRE_PEERS") == "1"
	if _, err := exec.LookPath("xmllint"); err != nil {
		if required {
			t.Fatal("xmllint is required and not installed")
		}
		t.Skip("xmllint is not installed")
	}
	dir := os.Getenv("PHONEACS_XSD")
	if dir == "" {
		t.Skip("xmllint has no schemas: PHONEACS_XSD is not set")
	}
	if _, err := os.Stat(filepath.Join(dir, "catalog.xml")); err != nil {
		t.Fatalf("PHONEACS_XSD: %v", err)
	}
	return dir
}

// TestSchemas validates every message against the schema of every version that
// has it.
func TestSchemas(t *testing.T) {
	dir := xsdDir(t)
	for _, v := range []Version{V1_0, V1_1, V1_2, V1_3, V1_4} {
		t.Run(v.String(), func(t *testing.T) {
			out := t.TempDir()
			args := []string{"--nonet", "--noout", "--schema", filepath.Join(dir, "drivers", "envelope-"+strings.ReplaceAll("cwmp-"+v.String(), ".", "-")+".xsd")}
			for _, m := range every() {
				if since, _ := Since(m.RPC()); since > v {
					continue
				}
				e := Envelope{Namespace: v.Namespace(), ID: "1", HoldRequests: true, Body: m}
				if v >= V1_3 {
					e.SessionTimeout = 60
				}
				if v >= V1_4 {
					e.SupportedVersions, e.UseVersion = []Version{V1_0, V1_4}, V1_4
				}
				b, err := e.Encode()
				if err != nil {
					t.Fatal(err)
				}
				name := filepath.Join(out, m.RPC()+".xml")
				if err := os.WriteFile(name, b, 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, name)
			}
			cmd := exec.CommandContext(t.Context(), "xmllint", args...)
			cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(dir, "catalog.xml"))
			if msg, err := cmd.CombinedOutput(); err != nil {
				for line := range strings.Lines(string(msg)) {
					if !strings.HasSuffix(line, " validates\n") {
						t.Error(strings.TrimSpace(line))
					}
				}
				t.Errorf("xmllint: %v", err)
			}
		})
	}
}

// TestRegistryIsWhole holds the table of messages against the elements that the
// schemas declare, with the version that has each first.
func TestRegistryIsWhole(t *testing.T) {
	dir := xsdDir(t)
	headers := map[string]bool{"ID": true, "HoldRequests": true, "Fault": true}
	first := make(map[string]Version)
	for _, v := range []Version{V1_2, V1_1, V1_0} { // the last to claim a name is the first to have it
		b, err := os.ReadFile(filepath.Join(dir, "cwmp", "cwmp-"+strings.ReplaceAll(v.String(), ".", "-")+".xsd"))
		if err != nil {
			t.Fatal(err)
		}
		var schema struct {
			Elements []struct {
				Name string `xml:"name,attr"`
			} `xml:"element"`
		}
		if err := xml.Unmarshal(b, &schema); err != nil {
			t.Fatal(err)
		}
		for _, e := range schema.Elements {
			if !headers[e.Name] {
				first[e.Name] = v
			}
		}
	}
	for name, v := range first {
		if got, ok := Since(name); got != v || !ok {
			t.Errorf("%s: since %v %v; the schemas say %v", name, got, ok, v)
		}
	}
	if len(first) != len(registry) {
		t.Errorf("%d messages; the schemas have %d", len(registry), len(first))
	}
}

// TestSamples decodes messages written by others, where PHONEACS_XSD has some.
func TestSamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(xsdDir(t), "samples", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Skipf("xmllint's schemas come without samples: %v", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		e, err := Decode(b)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		if _, unknown := e.Body.(*Unknown); unknown {
			t.Errorf("%s is unknown", filepath.Base(name))
		}
		roundTrip(t, e)
	}
}
