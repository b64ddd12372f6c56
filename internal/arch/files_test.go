package arch

import (
	"bytes"
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
)

// maxLines is how long a file of code may be; a longer one usually does two
// things.
const maxLines = 350

// long lists the files that are longer all the same, each with its reason.
var long = map[string]string{}

// checkLength keeps files short. Tests may be long: a table is.
func checkLength(t *tree) []string {
	var said []string
	needless := maps.Clone(long)
	for _, f := range t.files {
		n := bytes.Count(f.src, []byte("\n"))
		if n <= maxLines || f.test {
			continue
		}
		delete(needless, f.path)
		if long[f.path] == "" {
			said = append(said, fmt.Sprintf("%s has %d lines (rule: over %d needs a reason): split it by RPC, role, resource or command, or give the reason in long (internal/arch/files_test.go)", f.path, n, maxLines))
		}
	}
	for name := range needless {
		said = append(said, name+" is gone or short by now: remove it from long (internal/arch/files_test.go)")
	}
	return said
}

// minComment is about two short sentences: what a package is, and what it
// refuses. What they say is for a reader to judge.
const minComment = 80

// checkPackageComments wants one comment a package, of some substance.
func checkPackageComments(t *tree) []string {
	var said []string
	all := t.byDir
	for _, dir := range slices.Sorted(maps.Keys(all)) {
		var name string
		var docs []*ast.CommentGroup
		for _, f := range all[dir] {
			if !f.test {
				name = f.ast.Name.Name
			}
			if f.ast.Doc != nil && !f.test {
				docs = append(docs, f.ast.Doc)
			}
		}
		if name == "" { // tests alone
			continue
		}
		begin := "Package " + name + " "
		if name == "main" {
			begin = "Command " + dir[strings.LastIndexByte(dir, '/')+1:] + " "
		}
		switch {
		case len(docs) == 0:
			said = append(said, fmt.Sprintf("package %s has no package comment: begin one with %q, say what it is and what it refuses", dir, begin))
		case len(docs) > 1:
			said = append(said, fmt.Sprintf("package %s has %d package comments: keep one", dir, len(docs)))
		case !strings.HasPrefix(docs[0].Text(), begin):
			said = append(said, fmt.Sprintf("the comment of package %s does not begin with %q", dir, begin))
		case len(docs[0].Text()) < minComment:
			said = append(said, fmt.Sprintf("the comment of package %s is short of saying what it is and what it refuses", dir))
		}
	}
	return said
}
