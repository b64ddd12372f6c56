package arch

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strings"
	"unicode"
)

// checkSkip wants a reason for each test that is not run.
func checkSkip(t *tree) []string {
	var said []string
	for _, f := range t.files {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := callee(call)
			if _, method := call.Fun.(*ast.SelectorExpr); !method || name != "Skip" && name != "Skipf" && name != "SkipNow" {
				return true
			}
			// Skip takes any number of values; a parser's Skip(n) is another thing.
			if name == "SkipNow" || len(call.Args) == 0 || literal(call.Args[0]) == `""` {
				said = append(said, f.at(call.Pos())+" skips in silence (rule: no bare t.Skip): say what is missing, or delete the test")
			}
			return true
		})
	}
	return said
}

// checkPeers wants a test that does without a missing program to fail where
// the machine is meant to have it: skipped for ever, it would hold nothing.
func checkPeers(t *tree) []string {
	var said []string
	for _, f := range t.files {
		looks, skips := false, false
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				looks = looks || calls(call, "exec", "LookPath")
				skips = skips || strings.HasPrefix(callee(call), "Skip")
			}
			return true
		})
		if f.test && looks && skips && !bytes.Contains(f.src, []byte(`"PHONEACS_REQUIRE_PEERS"`)) {
			said = append(said, f.path+" goes on without a program that is not installed (rule: peers are required where they are meant to be): fail when PHONEACS_REQUIRE_PEERS is 1, and name the program in .ci/run")
		}
	}
	return said
}

// literal gives the source of a string literal, "" for anything else.
func literal(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		return lit.Value
	}
	return ""
}

// open is how notes to oneself are marked. Written in two halves, since this
// file is read as well.
var open = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)

// checkLeftOpen finds what somebody meant to do later, in code and in prose.
func checkLeftOpen(t *tree) []string {
	var said []string
	look := func(name, text string) {
		for i, line := range strings.Split(text, "\n") {
			if open.MatchString(line) {
				said = append(said, fmt.Sprintf("%s:%d is left open (rule: no notes to oneself): do it, or say in the documents what is not done and why", name, i+1))
			}
		}
	}
	for _, f := range t.files {
		look(f.path, string(f.src))
	}
	for name, text := range t.texts {
		look(name, text)
	}
	return said
}

// link is a link of Markdown.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// checkLinks wants the files that documents lead to.
func checkLinks(t *tree) []string {
	var said []string
	for name, text := range t.texts {
		if path.Ext(name) != ".md" {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			to, _, _ := strings.Cut(m[1], "#")
			if to == "" || strings.Contains(to, ":") {
				continue // within the document, or elsewhere
			}
			if !t.paths[path.Join(path.Dir(name), to)] {
				said = append(said, fmt.Sprintf("%s leads to %s, which is not there", name, to))
			}
		}
	}
	return said
}

// levels are the methods of a slog.Logger, with the number of arguments before
// the message.
var levels = map[string]int{
	"Debug": 0, "Info": 0, "Warn": 0, "Error": 0,
	"DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1,
}

// checkLogLines wants constant lower-case messages, keys from internal/logkey,
// and the error last. A logger is known by its name, which ends in log.
func checkLogLines(t *tree) []string {
	var said []string
	for _, f := range t.files {
		if f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !isLogger(sel.X) {
				return true
			}
			if before, ok := levels[sel.Sel.Name]; ok && len(call.Args) > before {
				said = append(said, logLine(f, call.Args[before:], call.Ellipsis.IsValid())...)
			}
			return true
		})
	}
	return said
}

func isLogger(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return strings.HasSuffix(strings.ToLower(e.Name), "log")
	case *ast.SelectorExpr:
		return strings.HasSuffix(strings.ToLower(e.Sel.Name), "log")
	}
	return false
}

// logLine judges the message and the pairs after it.
func logLine(f *file, args []ast.Expr, spread bool) []string {
	var said []string
	where := f.at(args[0].Pos())
	msg := strings.Trim(literal(args[0]), "`\"")
	if r := []rune(msg); len(r) < 2 || unicode.IsUpper(r[0]) && !unicode.IsUpper(r[1]) {
		said = append(said, where+" logs a message that is not a constant in lower case (rule: messages can be searched for): put what varies in a pair")
	}
	if spread {
		return said
	}
	for i := 1; i < len(args); i++ {
		if _, attr := args[i].(*ast.CallExpr); attr {
			continue // slog.String(…) and the like are one argument
		}
		if key := literal(args[i]); key != "" {
			said = append(said, fmt.Sprintf("%s logs under the key %s (rule: one spelling a key): use or add a constant of internal/logkey", where, key))
		}
		if key, ok := args[i].(*ast.SelectorExpr); ok && key.Sel.Name == "Err" && i+2 < len(args) {
			said = append(said, where+" logs logkey.Err before other pairs (rule: the error comes last): move it to the end")
		}
		i++ // its value
	}
	return said
}
