package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
)

// mod is the module path: what an import of ours begins with.
const mod = "phoneacs/"

// A file is one parsed Go file of the tree.
type file struct {
	path string // slash-separated, from the root of the module
	dir  string // the package's folder, its name in all tables here
	test bool
	src  []byte
	ast  *ast.File
	fset *token.FileSet
}

// at gives a place as path:line.
func (f *file) at(p token.Pos) string {
	return fmt.Sprintf("%s:%d", f.path, f.fset.Position(p).Line)
}

// imports gives the paths that the file imports.
func (f *file) imports() []string {
	var all []string
	for _, spec := range f.ast.Imports {
		all = append(all, strings.Trim(spec.Path.Value, "`\""))
	}
	return all
}

// A tree is what a check looks at: all Go files, also by package folder, all
// other text by path, and what there is.
type tree struct {
	files []*file
	texts map[string]string
	byDir map[string][]*file
	paths map[string]bool // of all files and folders
}

// textual says which other files a person writes here.
var textual = []string{".md", ".yaml", ".yml", ".xsd", ".sh", ".html", ".css", ".js", ".mod"}

// read takes a tree in. Folders of test data, of dependencies and of tools are
// nobody's prose and no package.
func read(root fs.FS) (*tree, error) {
	t := &tree{texts: map[string]string{}, byDir: map[string][]*file{}, paths: map[string]bool{}}
	fset := token.NewFileSet()
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		t.paths[name] = true
		if d.IsDir() {
			hidden := strings.HasPrefix(base, ".") && base != "." && base != ".ci"
			if hidden || base == "testdata" || base == "node_modules" || base == "dist" {
				return fs.SkipDir
			}
			return nil
		}
		isGo := path.Ext(name) == ".go"
		isText := slices.Contains(textual, path.Ext(name)) || base == "Makefile" || path.Dir(name) == ".ci"
		if !isGo && !isText {
			return nil
		}
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		if !isGo {
			t.texts[name] = string(src)
			return nil
		}
		parsed, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("parse %s: %w", name, err)
		}
		f := &file{
			path: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
			src: src, ast: parsed, fset: fset,
		}
		t.files = append(t.files, f)
		t.byDir[f.dir] = append(t.byDir[f.dir], f)
		return nil
	})
	return t, err
}

// Read in process and below os.DirFS, so that the test cache sees each file
// that is opened and runs the checks anew when one changes.
var ours = sync.OnceValues(func() (*tree, error) { return read(os.DirFS("../..")) })

func house(t *testing.T) *tree {
	t.Helper()
	all, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	if len(all.files) < 100 {
		t.Fatalf("%d Go files found; the root is looked for in the wrong place", len(all.files))
	}
	return all
}
