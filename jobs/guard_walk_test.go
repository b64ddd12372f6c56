package jobs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones"
)

// FuzzLineWalk promises that whatever a phone lists, its lines are found in a
// bounded number of requests, each for a path that was not asked for before, and
// are names that the store takes.
func FuzzLineWalk(f *testing.F) {
	f.Add("Device.", "1.\n2\n03.x\n", "1.,1.Line.")
	f.Add("", strings.Repeat("1\n2\n3\n4\n5\n6\n7\n8\n9\n", 3), "")
	f.Add("Device.", "999999999999\n-1\n\n.\n", "")
	many := ""
	for i := range 300 {
		many += fmt.Sprintln(i)
	}
	f.Add("InternetGatewayDevice.", many, "")
	f.Fuzz(func(t *testing.T, root, list, refuse string) {
		if len(root) > 100 {
			return
		}
		w := newLineWalk(phones.Of("").Lines(""), root)
		asked := map[string]bool{}
		for n := 0; ; n++ {
			if n > maxLineSteps+8 {
				t.Fatal("asked without end")
			}
			msg, found := w.next()
			if msg == nil {
				for _, names := range [][]string{found.Calls, found.Registered} {
					if len(names) > db.MaxLines || !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
						t.Fatalf("found %q", names)
					}
				}
				return
			}
			path := msg.(*cwmp.GetParameterNames).ParameterPath
			if asked[path] || strings.Contains(path, "{") && !strings.Contains(root, "{") {
				t.Fatalf("asked for %q", path)
			}
			asked[path] = true
			if refuse != "" && strings.HasSuffix(path, refuse) {
				w.answered(&cwmp.Fault{Code: 9005})
				continue
			}
			m := &cwmp.GetParameterNamesResponse{}
			for _, name := range strings.Split(list, "\n") {
				m.Parameters = append(m.Parameters, cwmp.ParameterInfo{Name: path + name}, cwmp.ParameterInfo{Name: name})
			}
			w.answered(m)
		}
	})
}

// TestNextLines: with 10 minutes each 15 s at first, each minute later, and once
// more just before the end.
func TestNextLines(t *testing.T) {
	var at []string
	shown := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for now := shown; !now.IsZero() && len(at) < 99; now = nextLines(shown, now, linesWithin) {
		at = append(at, span(now.Sub(shown)))
	}
	if want := "0s 15s 30s 45s 1m 2m 3m 4m 5m 6m 7m 8m 9m 9m50s"; strings.Join(at, " ") != want {
		t.Errorf("looked at after %s; want %s", strings.Join(at, " "), want)
	}
}
