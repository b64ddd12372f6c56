package schema

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"phoneacs/cwmp"
	"phoneacs/schemas"
)

// versions are those that a message can be written in.
var versions = []cwmp.Version{cwmp.V1_0, cwmp.V1_1, cwmp.V1_2, cwmp.V1_3, cwmp.V1_4}

// A judge is a set of schemas, one for whole messages of each version.
type judge struct {
	name    string
	catalog string // "" when the files find each other
	file    func(cwmp.Version) string
}

// ownSchemas lays our schemas where xmllint can read them.
func ownSchemas(t *testing.T) judge {
	t.Helper()
	needXmllint(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, schemas.CWMP()); err != nil {
		t.Fatal(err)
	}
	return judge{name: "ours", file: func(v cwmp.Version) string {
		return filepath.Join(dir, "message-"+dashed(v)+".xsd")
	}}
}

// officialSchemas are those of the Broadband Forum, which are not ours to ship.
func officialSchemas(t *testing.T) judge {
	t.Helper()
	needXmllint(t)
	dir := os.Getenv("PHONEACS_XSD")
	if dir == "" {
		t.Skip("PHONEACS_XSD names no directory of official schemas")
	}
	catalog := filepath.Join(dir, "catalog.xml")
	if _, err := os.Stat(catalog); err != nil {
		t.Fatalf("PHONEACS_XSD: %v", err)
	}
	return judge{name: "official", catalog: catalog, file: func(v cwmp.Version) string {
		return filepath.Join(dir, "drivers", "envelope-cwmp-"+dashed(v)+".xsd")
	}}
}

func needXmllint(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			t.Fatalf("xmllint is required: %v", err)
		}
		t.Skip("xmllint, which validates, is not installed")
	}
}

func dashed(v cwmp.Version) string { return strings.ReplaceAll(v.String(), ".", "-") }

// faults validates files of one version at once and gives what is wrong with
// each that is refused, by its name.
func (j judge) faults(t *testing.T, v cwmp.Version, files []string) map[string]string {
	t.Helper()
	if len(files) == 0 {
		t.Fatal("nothing to validate")
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", append([]string{"--nonet", "--noout", "--schema", j.file(v)}, files...)...)
	cmd.Env = os.Environ()
	if j.catalog != "" {
		cmd.Env = append(cmd.Env, "XML_CATALOG_FILES="+j.catalog)
	}
	said, err := cmd.CombinedOutput()
	var status *exec.ExitError
	if err != nil && !errors.As(err, &status) {
		t.Fatalf("xmllint: %v", err)
	}
	found := map[string]string{}
	judged, why := 0, ""
	for line := range strings.Lines(string(said)) {
		line = strings.TrimSpace(line)
		if strings.HasSuffix(line, " validates") {
			judged, why = judged+1, ""
		} else if name, refused := strings.CutSuffix(line, " fails to validate"); refused {
			found[name] = why
			judged, why = judged+1, ""
		} else {
			why += line + "\n"
		}
	}
	if judged != len(files) { // a schema that does not compile judges nothing
		t.Fatalf("%s of %v judged %d of %d messages:\n%s", j.name, v, judged, len(files), said)
	}
	return found
}

// write puts a message into a file of its own.
func write(t *testing.T, dir, name string, message []byte) string {
	t.Helper()
	path := filepath.Join(dir, name+".xml")
	if err := os.WriteFile(path, message, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
