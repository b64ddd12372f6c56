package arch

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const dependenciesFile = "docs/dependencies.md"

var (
	required = regexp.MustCompile(`(?m)^(?:require )?\s*([a-z]\S*\.\S+) (v\S+)`)
	depRow   = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (v\\S+) \\| (\\d{4}-\\d\\d) \\| (.+?) \\| (.+) \\| (.+) \\|$")
)

// checkDependencies holds the document to go.mod and to who imports what.
func checkDependencies(t *tree, gomod, doc string) []string {
	versions := map[string]string{}
	for _, m := range required.FindAllStringSubmatch(gomod, -1) {
		versions[m[1]] = m[2]
	}
	users := map[string]map[string]bool{} // by module; empty: tests alone
	var said []string
	for _, f := range t.files {
		for _, imp := range f.imports() {
			first, _, _ := strings.Cut(imp, "/")
			if !strings.Contains(first, ".") {
				continue
			}
			lib := owner(versions, imp)
			if lib == "" {
				said = append(said, fmt.Sprintf("%s imports %s, which go.mod does not require", f.path, imp))
				continue
			}
			if users[lib] == nil {
				users[lib] = map[string]bool{}
			}
			if !f.test {
				users[lib][f.dir] = true
			}
		}
	}
	rows := map[string]bool{}
	for _, row := range depRow.FindAllStringSubmatch(doc, -1) {
		lib, version, by := row[1], row[2], row[4]
		rows[lib] = true
		who, used := users[lib]
		want := "tests"
		if len(who) > 0 {
			want = "`" + strings.Join(slices.Sorted(maps.Keys(who)), "`, `") + "`"
		}
		switch {
		case !used:
			said = append(said, fmt.Sprintf("%s: nothing imports %s: remove its row", dependenciesFile, lib))
		case version != versions[lib]:
			said = append(said, fmt.Sprintf("%s: %s is at %s in go.mod, not %s: read its changes, then write both", dependenciesFile, lib, versions[lib], version))
		case by != want:
			said = append(said, fmt.Sprintf("%s: %s is imported by %s, not by %s: go through who has it, or say why another needs it", dependenciesFile, lib, want, by))
		}
	}
	for lib := range users {
		if !rows[lib] {
			said = append(said, fmt.Sprintf("%s: %s has no row: say what for, and why it rather than our own", dependenciesFile, lib))
		}
	}
	return said
}

// owner finds the module that an import path belongs to.
func owner(versions map[string]string, imp string) string {
	best := ""
	for lib := range versions {
		if (imp == lib || strings.HasPrefix(imp, lib+"/")) && len(lib) > len(best) {
			best = lib
		}
	}
	return best
}

// TestDependencies holds docs/dependencies.md to the tree.
func TestDependencies(t *testing.T) {
	all := house(t)
	for _, breach := range checkDependencies(all, all.texts["go.mod"], all.texts[dependenciesFile]) {
		t.Error(breach)
	}
}

// TestDependenciesBite spoils the document and go.mod in one place each.
func TestDependenciesBite(t *testing.T) {
	all := house(t)
	gomod, doc := all.texts["go.mod"], all.texts[dependenciesFile]
	for _, tt := range []struct{ name, inMod, inDoc, with, want string }{
		{"no row", "", "| `github.com/gorilla/mux`", "| mux", "github.com/gorilla/mux has no row"},
		{"another importer", "", "| `admin` |", "| `admin`, `acs` |", "is imported by `admin`"},
		{"another version", "", "| `go.etcd.io/bbolt` | v1", "| `go.etcd.io/bbolt` | v0", "read its changes"},
		{"nobody imports it", "", "| `github.com/gorilla/mux`", "| `github.com/gorilla/pat` | v1.0.0 | 2020-01 | `admin` | x | y |\n| `github.com/gorilla/mux`", "nothing imports github.com/gorilla/pat"},
		{"not required", "github.com/gorilla/mux v", "", "github.com/gorilla/pat v", "which go.mod does not require"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mod, text := gomod, doc
			if tt.inMod != "" {
				mod = strings.Replace(gomod, tt.inMod, tt.with, 1)
			} else {
				text = strings.Replace(doc, tt.inDoc, tt.with, 1)
			}
			if mod == gomod && text == doc {
				t.Fatal("there is nothing to spoil")
			}
			if said := strings.Join(checkDependencies(all, mod, text), "\n"); !strings.Contains(said, tt.want) {
				t.Errorf("said %q; want it to hold %q", said, tt.want)
			}
		})
	}
}
