package jobs

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"phoneacs/db"
)

var update = flag.Bool("update", false, "write what the tests compare with")

const (
	lifePage  = "../docs/architecture.md"
	lifeBegin = "<!-- life:begin -->\n"
	lifeEnd   = "<!-- life:end -->"
	newPage   = "# Architecture\n\n## The life of a task\n\n" + lifeBegin + lifeEnd + "\n"
)

// lifeTable writes the life of a task as a table.
func lifeTable() string {
	var b strings.Builder
	b.WriteString("| state | event | next state | note |\n| --- | --- | --- | --- |\n")
	for _, tr := range db.Life {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", tr.From, tr.Event, tr.To, tr.Note)
	}
	return b.String()
}

// TestLifeTable holds that the table on the architecture page is that of
// package db; -update makes it so, and the page if there is none.
func TestLifeTable(t *testing.T) {
	page, err := os.ReadFile(lifePage)
	if errors.Is(err, fs.ErrNotExist) && *update {
		page, err = []byte(newPage), os.MkdirAll("../docs", 0o755)
	}
	if err != nil {
		t.Fatalf("%v; make it with go test ./jobs -run TestLifeTable -update", err)
	}
	before, rest, ok := strings.Cut(string(page), lifeBegin)
	table, after, ok2 := strings.Cut(rest, lifeEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no block between %q and %q", lifePage, strings.TrimSpace(lifeBegin), lifeEnd)
	}
	want := lifeTable()
	if *update {
		if err := os.WriteFile(lifePage, []byte(before+lifeBegin+want+lifeEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("%s is not as package db has it; go test ./jobs -run TestLifeTable -update", lifePage)
	}
}

// TestLifeIsWhole holds that every state can be reached, every state that is
// not final can be left, and no event leads from one state to two.
func TestLifeIsWhole(t *testing.T) {
	type from struct {
		state db.TaskState
		event db.TaskEvent
	}
	seen := make(map[from]bool)
	reached := map[db.TaskState]bool{db.TaskWaiting: true}
	left := make(map[db.TaskState]bool)
	for _, tr := range db.Life {
		if seen[from{tr.From, tr.Event}] {
			t.Errorf("%s leads from %s to two states", tr.Event, tr.From)
		}
		seen[from{tr.From, tr.Event}] = true
		reached[tr.To], left[tr.From] = true, true
	}
	for _, s := range db.TaskStates {
		if !reached[s] {
			t.Errorf("%s is never reached", s)
		}
		if !s.Final() && !left[s] {
			t.Errorf("%s is never left", s)
		}
	}
}
