package arch

import (
	"strings"
	"testing"
	"testing/fstest"
)

// A check looks at a tree and gives what breaks its rule: where, which rule,
// and the way out.
type check func(*tree) []string

// checks are the rules that hold for every file of the tree.
var checks = map[string]check{
	"floors":           checkFloors,
	"refusals":         checkRefusals,
	"package comments": checkPackageComments,
	"length":           checkLength,
	"sleeping":         checkSleep,
	"clock":            checkClock,
	"skipping":         checkSkip,
	"left open":        checkLeftOpen,
	"log lines":        checkLogLines,
	"peers":            checkPeers,
	"links":            checkLinks,
}

// TestHouse holds the tree to its rules.
func TestHouse(t *testing.T) {
	all := house(t)
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			for _, breach := range check(all) {
				t.Error(breach)
			}
		})
	}
}

// TestChecksBite gives each check a small tree that breaks its rule in one
// place, and the same tree mended.
func TestChecksBite(t *testing.T) {
	const test = "package jobs\n\nimport (\n\"testing\"\n\"testing/synctest\"\n\"time\"\n)\n\n"
	for _, tt := range []struct {
		name, check, path string
		broken, mended    string
		want              string
	}{
		{"a sibling", "floors", "acs/a.go", `package acs; import _ "phoneacs/jobs"`, `package acs; import _ "phoneacs/db"`,
			"acs/a.go:1 imports jobs, its sibling on floor 3"},
		{"upwards", "floors", "db/a.go", `package db; import _ "phoneacs/acs"`, `package db; import _ "phoneacs/cwmp"`,
			"db/a.go:1 imports acs, up from floor 1 to floor 3"},
		{"upwards from a test", "floors", "db/a_test.go", `package db; import _ "phoneacs/db/dbtest"`, `package db_test; import _ "phoneacs/db"`,
			"db/a_test.go:1 imports db/dbtest, up from floor 1 to floor 2"},
		{"the store", "floors", "cmd/phoneacs/a.go", `package main; import _ "phoneacs/db/bolt"`, `package main; import _ "phoneacs/internal/app"`,
			"cmd/phoneacs/a.go:1 imports db/bolt, which only internal/app may"},
		{"the store in a test", "floors", "admin/a_test.go", `package admin; import _ "phoneacs/db/bolt"`, `package admin; import _ "phoneacs/db"`,
			"admin/a_test.go:1 imports db/bolt, which only internal/app may"},
		{"the simulator", "floors", "internal/sim/a.go", `package sim; import _ "phoneacs/cwmp"`, `package sim; import _ "net/http"`,
			"internal/sim/a.go:1 imports cwmp; internal/sim speaks for itself"},
		{"no floor", "floors", "misc/a.go", `package misc`, ``, "misc has no floor"},
		{"an import without floor", "floors", "acs/a.go", `package acs; import _ "phoneacs/misc"`, ``, "acs/a.go:1 imports misc, which has no floor"},

		{"the network", "refusals", "cwmp/a.go", `package cwmp; import _ "net/http"`, `package cwmp; import _ "net/netip"`, "cwmp/a.go imports net/http"},
		{"the disk", "refusals", "phones/fanvil/a.go", `package fanvil; import _ "os"`, `package fanvil; import _ "strings"`, "phones/fanvil/a.go imports os"},

		{"no comment", "package comments", "jobs/a.go", "package jobs", "// Package jobs keeps the orders of operators.\n//\n// It refuses to speak to phones, which acs does.\npackage jobs",
			"package jobs has no package comment"},
		{"a short comment", "package comments", "jobs/a.go", "// Package jobs is jobs.\npackage jobs", "", "what it refuses"},

		{"too long", "length", "jobs/a.go", "package jobs" + strings.Repeat("\n", 351), "package jobs" + strings.Repeat("\n", 349), "jobs/a.go has 351 lines"},

		{"sleeping in code", "sleeping", "jobs/a.go", `package jobs; import "time"; func f() { time.Sleep(1) }`, "", "jobs/a.go:1 sleeps"},
		{"sleeping in a test", "sleeping", "jobs/a_test.go", test + "func TestA(t *testing.T) { time.Sleep(1) }",
			test + "func TestA(t *testing.T) { synctest.Test(t, func(t *testing.T) { time.Sleep(1) }) }", "jobs/a_test.go:9 sleeps"},
		{"sleeping beside a bubble", "sleeping", "jobs/a_test.go", test + "func in(t *testing.T, f func()) { f() }\nfunc TestA(t *testing.T) { in(t, func() { time.Sleep(1) }) }",
			test + "func in(t *testing.T, f func()) { synctest.Test(t, func(*testing.T) { f() }) }\nfunc TestA(t *testing.T) { in(t, func() { time.Sleep(1) }) }", "jobs/a_test.go:10 sleeps"},
		{"a helper outside", "sleeping", "jobs/a_test.go", test + "func nap() { time.Sleep(1) }\nfunc TestA(t *testing.T) { nap(); synctest.Test(t, func(*testing.T) { nap() }) }",
			test + "func nap() { time.Sleep(1) }\nfunc TestA(t *testing.T) { synctest.Test(t, func(*testing.T) { nap() }) }", "jobs/a_test.go:9 sleeps"},

		{"the clock", "clock", "acs/a.go", `package acs; import "time"; var t = time.Now()`, `package acs; func f(c conn) { c.SetReadDeadline(time.Now().Add(1)) }`, "acs/a.go:1 calls time.Now"},
		{"a span by the clock", "clock", "jobs/a.go", `package jobs; import "time"; var t = time.Since(x)`, "", "jobs/a.go:1 calls time.Since"},

		{"skipped in silence", "skipping", "jobs/a_test.go", test + "func TestA(t *testing.T) { t.Skip() }", test + `func TestA(t *testing.T) { t.Skip("needs curl") }`, "jobs/a_test.go:9 skips"},
		{"skipped with nothing", "skipping", "jobs/a_test.go", test + `func TestA(t *testing.T) { t.Skip("") }`, "", "jobs/a_test.go:9 skips"},
		{"skipped now", "skipping", "jobs/a_test.go", test + "func TestA(t *testing.T) { t.SkipNow() }", "", "jobs/a_test.go:9 skips"},

		{"a note to oneself", "left open", "docs/a.md", "One\n" + "TO" + "DO: two\n", "A todo list is a feature.\n", "docs/a.md:2 is left open"},
		{"a note in code", "left open", "jobs/a.go", "package jobs // FIX" + "ME", "", "jobs/a.go:1 is left open"},

		{"a log message", "log lines", "jobs/a.go", `package jobs; func f() { s.log.Info("Job done") }`, `package jobs; func f() { s.log.Info("job done", logkey.Err, err) }`, "jobs/a.go:1 logs"},
		{"a glued log message", "log lines", "jobs/a.go", `package jobs; func f() { s.log.Info("job " + id) }`, "", "jobs/a.go:1 logs"},
		{"a log key", "log lines", "jobs/a.go", `package jobs; func f() { s.opts.Log.WarnContext(ctx, "job failed", "err", err) }`, "", `jobs/a.go:1 logs under the key "err"`},
		{"err not last", "log lines", "jobs/a.go", `package jobs; func f() { s.log.Warn("job failed", logkey.Err, err, logkey.Job, id) }`, "", "jobs/a.go:1 logs logkey.Err before"},

		{"a link to nothing", "links", "docs/a.md", "See [b](b.md) and [c](https://c.example/d.md).", "See [a](a.md#one), [docs](../docs/a.md), [above](#one).", "docs/a.md leads to b.md"},

		{"a peer that may be missing", "peers", "jobs/a_test.go", `package jobs; import "os/exec"; func f(t *testing.T) { _, err := exec.LookPath("curl"); t.Skip("needs curl") }`,
			`package jobs; import "os/exec"; func f(t *testing.T) { _, err := exec.LookPath("curl"); if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" { t.Fatal(err) }; t.Skip("needs curl") }`, "jobs/a_test.go goes on without a program"},
	} {
		t.Run(tt.check+"/"+tt.name, func(t *testing.T) {
			said := strings.Join(judge(t, tt.check, tt.path, tt.broken), "\n")
			if !strings.Contains(said, tt.want) {
				t.Errorf("said %q; want it to hold %q", said, tt.want)
			}
			if tt.mended == "" {
				return
			}
			if said := judge(t, tt.check, tt.path, tt.mended); len(said) != 0 {
				t.Errorf("the mended tree is refused: %q", said)
			}
		})
	}
}

// judge puts one file before one check.
func judge(t *testing.T, name, path, src string) []string {
	t.Helper()
	tree, err := read(fstest.MapFS{path: {Data: []byte(src)}})
	if err != nil {
		t.Fatal(err)
	}
	check := checks[name]
	if check == nil {
		t.Fatalf("no check %q", name)
	}
	return check(tree)
}
