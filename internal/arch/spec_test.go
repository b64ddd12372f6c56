package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const specFile = "docs/spec.md"

// specSections gives how many requirements each section of the table has; the
// lettered ones stand below their number.
var specSections = []struct {
	prefix string
	first  int
	last   int
}{
	{"0.", 1, 5}, {"1.", 1, 21}, {"2.", 1, 10}, {"3.", 1, 11}, {"4.", 1, 17},
	{"5.", 1, 9}, {"6.", 1, 6}, {"7.", 1, 1}, {"8.", 1, 8}, {"9.", 1, 7}, {"Q", 1, 80},
	{"B", 1, 26},
}

var specLettered = []string{"1.14a", "1.14b", "1.14c", "1.14d", "1.14e"}

func specNumbers() []string {
	all := slices.Clone(specLettered)
	for _, s := range specSections {
		for n := s.first; n <= s.last; n++ {
			all = append(all, s.prefix+strconv.Itoa(n))
		}
	}
	return all
}

// A specRow is one line of the table.
type specRow struct {
	line             int
	no, asks, state  string
	evidence         string
	tests            []string // what stands in back quotes
	cells, wantCells int
}

var quoted = regexp.MustCompile("`([^`]+)`")

// specRows reads all rows whose first cell looks like a number.
func specRows(text string) []specRow {
	var rows []specRow
	number := regexp.MustCompile(`^\| ([QB]?\d[\d.]*[a-z]?) \|`)
	for i, line := range strings.Split(text, "\n") {
		m := number.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		r := specRow{line: i + 1, no: m[1], cells: len(cells), wantCells: 5}
		if strings.ContainsAny(r.no[:1], "QB") {
			r.wantCells = 4
		}
		if r.cells == r.wantCells {
			r.asks, r.state, r.evidence = cells[r.cells-3], cells[r.cells-2], cells[r.cells-1]
		}
		for _, q := range quoted.FindAllStringSubmatch(r.evidence, -1) {
			r.tests = append(r.tests, q[1])
		}
		rows = append(rows, r)
	}
	return rows
}

// checkSpec holds the table of the standard to the tree.
func checkSpec(t *tree, text string) []string {
	var said []string
	say := func(r specRow, format string, args ...any) {
		said = append(said, fmt.Sprintf("%s:%d: %s %s", specFile, r.line, r.no, fmt.Sprintf(format, args...)))
	}
	seen := map[string]int{}
	known := specNumbers()
	for _, r := range specRows(text) {
		if first, twice := seen[r.no]; twice {
			say(r, "stands in line %d already", first)
		}
		seen[r.no] = r.line
		if !slices.Contains(known, r.no) {
			say(r, "is no number of the table")
		}
		if r.cells != r.wantCells {
			say(r, "has %d cells; want %d (a case with a bar in its name cannot be named)", r.cells, r.wantCells)
			continue
		}
		words := strings.TrimSpace(quoted.ReplaceAllString(r.evidence, ""))
		switch r.state {
		case "met":
			if len(r.tests) == 0 {
				say(r, "is met by no test: name one, or say part or open")
			}
		case "part":
			if len(r.tests) == 0 || len(words) < 20 {
				say(r, "is met in part: name what shows it, and say what lacks")
			}
		case "open", "n/a":
			if len(words) < 5 {
				say(r, "is %s, and does not say why", r.state)
			}
		default:
			say(r, "has the state %q; want met, part, open or n/a", r.state)
		}
		for _, name := range r.tests {
			if fault := t.lookUp(name); fault != "" {
				say(r, "names %s: %s", name, fault)
			}
		}
	}
	for _, no := range known {
		if seen[no] == 0 {
			said = append(said, fmt.Sprintf("%s: %s is missing: how this server stands to it must be said", specFile, no))
		}
	}
	return said
}

// lookUp finds a test by package and name; the cases behind slashes must stand
// as string literals in the package or in one that it imports for tests alone.
func (t *tree) lookUp(name string) string {
	head, cases, _ := strings.Cut(name, ".")
	if head == name {
		return "want package.Test"
	}
	dir := head
	fun, rest, hasCases := strings.Cut(cases, "/")
	all := t.byDir
	files := all[dir]
	if !slices.ContainsFunc(files, func(f *file) bool { return f.test && declares(f, fun) }) {
		return "there is no such test"
	}
	if !hasCases {
		return ""
	}
	for other := range all { // a suite such as db/dbtest has its cases in itself
		if strings.HasSuffix(other, "test") && imported(all[dir], other) {
			files = slices.Concat(files, all[other])
		}
	}
	literals := map[string]bool{}
	for _, f := range files {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					literals[s] = true
				}
			}
			return true
		})
	}
	for _, c := range strings.Split(rest, "/") {
		if !literals[c] {
			return fmt.Sprintf("no case is named %q", c)
		}
	}
	return ""
}

// declares says whether a file has a test, a fuzz target or an example of that
// name.
func declares(f *file, name string) bool {
	if !slices.ContainsFunc([]string{"Test", "Fuzz", "Example"}, func(p string) bool { return strings.HasPrefix(name, p) }) {
		return false
	}
	return slices.ContainsFunc(f.ast.Decls, func(d ast.Decl) bool {
		fun, ok := d.(*ast.FuncDecl)
		return ok && fun.Recv == nil && fun.Name.Name == name
	})
}

// specCounts is the sentence that sums the table up.
func specCounts(rows []specRow) string {
	n := map[string]int{}
	for _, r := range rows {
		n[r.state]++
	}
	are := "are"
	if n["open"] == 1 {
		are = "is"
	}
	return fmt.Sprintf("Of %d lines %d are met, %d in part, %d %s open and %d ask nothing.",
		len(rows), n["met"], n["part"], n["open"], are, n["n/a"])
}

// TestSpec holds docs/spec.md to the tests that it names.
func TestSpec(t *testing.T) {
	all := house(t)
	text := all.texts[specFile]
	for _, breach := range checkSpec(all, text) {
		t.Error(breach)
	}
	if want := specCounts(specRows(text)); !strings.Contains(text, want) {
		t.Errorf("%s sums up wrongly; want %q", specFile, want)
	}
}

// TestSpecBites spoils one row at a time.
func TestSpecBites(t *testing.T) {
	all := house(t)
	text := all.texts[specFile]
	if len(specRows(text)) == 0 {
		t.Fatal("no rows are found")
	}
	line := func(no string) string {
		for l := range strings.Lines(text) {
			if strings.HasPrefix(l, "| "+no+" |") {
				return l
			}
		}
		t.Fatalf("no line %s", no)
		return ""
	}
	for name, tt := range map[string]struct{ old, new, want string }{
		"gone":          {line("3.7"), "", "3.7 is missing"},
		"twice":         {line("3.7"), line("3.7") + line("3.7"), "stands in line"},
		"new":           {line("3.7"), line("3.7") + "| 3.99 | - | x | n/a | of no account |\n", "no number of the table"},
		"no test":       {line("4.10"), "| 4.10 | 3.7.2 | x | met | it is so |\n", "met by no test"},
		"no reason":     {line("4.7"), "| 4.7 | 3.7.1 | x | open | |\n", "4.7"},
		"no such state": {line("4.7"), "| 4.7 | 3.7.1 | x | maybe | who knows |\n", "maybe"},
		"no such test":  {"`acs.TestSteps`: every state", "`acs.TestStepz`: every state", "there is no such test"},
		"no such case":  {"acs.TestWake/busy", "acs.TestWake/bossy", "no case is named"},
	} {
		t.Run(name, func(t *testing.T) {
			spoiled := strings.Replace(text, tt.old, tt.new, 1)
			if spoiled == text {
				t.Fatalf("%q is not in the table", tt.old)
			}
			if said := strings.Join(checkSpec(all, spoiled), "\n"); !strings.Contains(said, tt.want) {
				t.Errorf("said %q; want it to hold %q", said, tt.want)
			}
		})
	}
}
