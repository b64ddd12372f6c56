package arch

import (
	"fmt"
	"go/ast"
	"strings"
)

// calls says whether a call is pkg.name(…).
func calls(call *ast.CallExpr, pkg, name string) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == pkg
}

// callee gives the last name of what is called: "Test" for synctest.Test.
func callee(call *ast.CallExpr) string {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}

// checkSleep refuses time.Sleep in tests, where it is slow and flaky, and in
// acs and jobs, which wait on the clock that they were given. Within a bubble
// of testing/synctest it passes no real time and is how the clock moves.
func checkSleep(t *tree) []string {
	var said []string
	for dir, files := range t.byDir {
		in := bubblesOf(files)
		for _, f := range files {
			if !f.test && !within("acs jobs/...", dir) {
				continue
			}
			in.calls(f, func(call *ast.CallExpr, inside bool) {
				if calls(call, "time", "Sleep") && !inside {
					said = append(said, f.at(call.Pos())+" sleeps (rule: no time.Sleep): wait for a channel or a condition with a deadline, or run in synctest.Test")
				}
			})
		}
	}
	return said
}

// bubbles knows, by their names, the functions of a package's tests that open
// a bubble for what they are given, and those that run in one alone.
type bubbles struct{ open, only map[string]bool }

// calls walks a file and says of each call whether it is within a bubble.
func (b *bubbles) calls(f *file, visit func(call *ast.CallExpr, inside bool)) {
	var walk func(n ast.Node, inside bool)
	walk = func(n ast.Node, inside bool) {
		ast.Inspect(n, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			visit(call, inside)
			deeper := inside || f.test && (calls(call, "synctest", "Test") || b.open[callee(call)])
			walk(call.Fun, inside)
			for _, arg := range call.Args {
				walk(arg, deeper)
			}
			return false
		})
	}
	for _, d := range f.ast.Decls {
		fun, ok := d.(*ast.FuncDecl)
		walk(d, ok && f.test && b.only[fun.Name.Name])
	}
}

// bubblesOf finds both kinds of function. A helper is in a bubble alone when
// every call of it is, so each round may find more.
func bubblesOf(files []*file) *bubbles {
	b := &bubbles{open: map[string]bool{}, only: map[string]bool{}}
	helpers := map[string]bool{}
	for _, f := range files {
		for _, d := range f.ast.Decls {
			fun, ok := d.(*ast.FuncDecl)
			if !ok || !f.test || strings.HasPrefix(fun.Name.Name, "Test") {
				continue
			}
			helpers[fun.Name.Name] = true
			ast.Inspect(fun, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && calls(call, "synctest", "Test") {
					b.open[fun.Name.Name] = true
				}
				return true
			})
		}
	}
	for {
		inside, outside := map[string]bool{}, map[string]bool{}
		for _, f := range files {
			b.calls(f, func(call *ast.CallExpr, in bool) {
				if in {
					inside[callee(call)] = true
				} else {
					outside[callee(call)] = true
				}
			})
		}
		before := len(b.only)
		for name := range helpers {
			if inside[name] && !outside[name] {
				b.only[name] = true
			}
		}
		if len(b.only) == before {
			return b
		}
	}
}

// clockless are the packages that are told the time or do not need it.
const clockless = "acs jobs/... cwmp phones/... db db/filter internal/logkey internal/proof schemas"

// checkClock refuses the wall clock where a fake one must be able to stand in.
// A deadline of a socket is excepted: the kernel compares it with its own.
func checkClock(t *tree) []string {
	var said []string
	for _, f := range t.files {
		if f.test || !within(clockless, f.dir) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch callee(call) {
			case "SetDeadline", "SetReadDeadline", "SetWriteDeadline":
				return false
			}
			for _, name := range []string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"} {
				if calls(call, "time", name) {
					said = append(said, fmt.Sprintf("%s calls time.%s (rule: no clock of its own): use the clock of its Options, or take the time as an argument", f.at(call.Pos()), name))
				}
			}
			return true
		})
	}
	return said
}
