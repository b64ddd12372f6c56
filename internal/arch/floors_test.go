package arch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A place is where a package lives in the house. A package may import what lives on a
// lower floor, and of its own floor only what with names: a part of it in a
// folder of its own, never a sibling.
type place struct {
	floor int
	with  string // packages of the same floor, separated by spaces
	tests string // what its tests may import beside that, and why it is needed stands beside it
	alone bool   // imports nothing of ours but what with names
}

// floors is the house. The words for it are in docs/architecture.md.
var floors = map[string]place{
	"cwmp":            {floor: 0},
	"jobs/window":     {floor: 0},
	"internal/logkey": {floor: 0},
	"internal/reach":  {floor: 0},
	"internal/seal":   {floor: 0},
	"schemas":         {floor: 0},

	"db":                   {floor: 1, with: "db/filter"},
	"db/filter":            {floor: 1},
	"phones":               {floor: 1, with: "phones/fanvil phones/internal/base phones/quirks"},
	"phones/fanvil":        {floor: 1, with: "phones/internal/base"},
	"phones/quirks":        {floor: 1, with: "phones/internal/base", tests: "phones"}, // the entries that phones brings are read by the book
	"phones/internal/base": {floor: 1},
	"phones/model":         {floor: 1},

	"admin/client":        {floor: 2},
	"db/bolt":             {floor: 2, tests: "db/dbtest"}, // the suite that every store passes
	"db/dbtest":           {floor: 2},
	"internal/backup":     {floor: 2},
	"internal/certs":      {floor: 2},
	"internal/proof":      {floor: 2},
	"internal/sim":        {floor: 2, alone: true},
	"internal/sip":        {floor: 2},
	"internal/quirkbook":  {floor: 2},
	"internal/record":     {floor: 2},
	"internal/stun":       {floor: 2},
	"internal/sim/replay": {floor: 2, alone: true},

	"internal/simcli": {floor: 3},

	"acs":       {floor: 3},
	"admin":     {floor: 3},
	"jobs":      {floor: 3, tests: "db/bolt"}, // its races are those of a store that commits
	"provision": {floor: 3},

	"internal/app": {floor: 4},
	"internal/cli": {floor: 4},

	"cmd/phoneacs":    {floor: 5},
	"cmd/phonesim":    {floor: 5},
	"e2e":             {floor: 5, tests: "db/bolt"}, // it opens the store that a killed server left
	"e2e/bench":       {floor: 5, with: "e2e/bench/floor e2e/bench/load e2e/bench/proc"},
	"e2e/bench/floor": {floor: 5, alone: true},
	"e2e/bench/load":  {floor: 5, alone: true, tests: "e2e/bench/floor"}, // load is tried on the bare server
	"e2e/bench/proc":  {floor: 5, alone: true},
	"e2e/rehearsal":   {floor: 5, tests: "e2e/bench/proc"},
	"e2e/schema":      {floor: 5},
	"internal/arch":   {floor: 5, alone: true},
}

// doors name the only packages that may import one: the others take it as an
// interface.
var doors = map[string]string{
	"db/bolt": "internal/app",
}

// checkFloors holds imports to the house.
func checkFloors(t *tree) []string {
	var said []string
	for dir := range t.byDir {
		if _, ok := floors[dir]; !ok {
			said = append(said, dir+" has no floor: give it a row in floors (internal/arch/floors_test.go) and a line in docs/architecture.md")
		}
	}
	for _, f := range t.files {
		from, ok := floors[f.dir]
		if !ok {
			continue
		}
		may := from.with
		if f.test {
			may += " " + from.tests
		}
		for _, spec := range f.ast.Imports {
			to, isOurs := strings.CutPrefix(strings.Trim(spec.Path.Value, "`\""), mod)
			if !isOurs || to == f.dir && f.test {
				continue
			}
			if fault := trespass(f, from, to, strings.Fields(may)); fault != "" {
				said = append(said, fmt.Sprintf("%s imports %s%s", f.at(spec.Pos()), to, fault))
			}
		}
	}
	slices.Sort(said)
	return said
}

// trespass says what is wrong with an import, and the way out; "" if nothing.
func trespass(f *file, from place, to string, may []string) string {
	target, known := floors[to]
	door, guarded := doors[to]
	switch {
	case !known:
		return ", which has no floor: give it a row in floors (internal/arch/floors_test.go)"
	case slices.Contains(may, to):
		return ""
	case guarded && f.dir != door:
		return fmt.Sprintf(", which only %s may (rule: one door to the store): take the role of package db that you need as an interface, or the constructor from %s", door, door)
	case from.alone:
		return fmt.Sprintf("; %s speaks for itself (rule: a mistake in shared code would cancel out): write what it needs anew", f.dir)
	case target.floor > from.floor:
		return fmt.Sprintf(", up from floor %d to floor %d (rule: imports go down): name an interface here and let the upper package implement it", from.floor, target.floor)
	case target.floor == from.floor:
		return fmt.Sprintf(", its sibling on floor %d (rule: siblings never import each other): name an interface here with types of floors 0 and 1, and let internal/app join the two", from.floor)
	}
	return ""
}

// TestFloorsAreOfThisHouse holds the table itself: no row for a package that is
// gone, and no exception that the floors allow already.
func TestFloorsAreOfThisHouse(t *testing.T) {
	present := house(t).byDir
	for _, dir := range slices.Sorted(maps.Keys(floors)) {
		p := floors[dir]
		if present[dir] == nil {
			t.Errorf("%s has a floor and no files: remove its row", dir)
		}
		for _, other := range strings.Fields(p.with) {
			if floors[other].floor != p.floor || !strings.HasPrefix(other, dir+"/") && !strings.HasPrefix(other, dir[:strings.IndexByte(dir+"/", '/')]+"/") {
				t.Errorf("%s is said to go with %s, which is no part of it on the same floor", dir, other)
			}
		}
		for _, other := range strings.Fields(p.tests) {
			if !imported(present[dir], other) {
				t.Errorf("tests of %s no longer import %s: remove it from its row", dir, other)
			}
		}
	}
}

// imported says whether a test among the files imports a package of ours.
func imported(files []*file, dir string) bool {
	return slices.ContainsFunc(files, func(f *file) bool {
		return f.test && slices.Contains(f.imports(), mod+dir)
	})
}
