package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"phoneacs/admin/client"
)

// No bar is wider than its terminal, where it could not be drawn over and would
// fill the screen.
func TestBarsFit(t *testing.T) {
	const total = 944_000_000
	name := "firmware-of-the-vendor-2.12.1-größer-" + strings.Repeat("x", 80) + ".z"
	for _, columns := range []int{30, 40, 60, 80, 81, 100, 120, 200} {
		for kind, draw := range map[string]func(o *output, n int64){
			"file": func(o *output, n int64) {
				_ = o.namedBar(total, name).Set64(n)
			},
			"list": func(o *output, n int64) {
				m := o.newMoving("phones", total)
				_ = m.bar.Set64(n)
				m.fates, m.last = map[string]int{"created": 1_234_567, "refused": 7_654}, 99
				if err := m.fate(client.ImportFate{Line: 100, Fate: client.FateCreated}); err != nil {
					t.Error(err)
				}
				_ = m.bar.Set64(n + 1)
			},
		} {
			for _, n := range []int64{1, total / 3, total - 2} {
				var errs bytes.Buffer
				o := &output{out: &errs, errs: &errs, live: true, bars: columns, now: time.Now}
				draw(o, n)
				widest := ""
				for _, line := range strings.Split(errs.String(), "\r") {
					if utf8.RuneCountInString(line) > utf8.RuneCountInString(widest) {
						widest = line
					}
				}
				if w := utf8.RuneCountInString(strings.TrimRight(widest, " ")); w > columns || w < 8 {
					t.Errorf("%s on %d columns takes %d: %q", kind, columns, w, widest)
				}
			}
		}
	}
}
