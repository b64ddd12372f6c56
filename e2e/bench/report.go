package main

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"phoneacs/e2e/bench/proc"
)

// A row is one line of the table.
type row struct {
	scenario, figure, value, target, verdict string
}

// A sheet collects rows.
type sheet struct {
	scenario string // of the rows that are added next
	rows     []row
	at       time.Time
}

// add adds a figure that has no target.
func (s *sheet) add(figure, format string, args ...any) {
	s.rows = append(s.rows, row{scenario: s.scenario, figure: figure, value: fmt.Sprintf(format, args...)})
}

// judge adds a figure and how it stands to its target.
func (s *sheet) judge(figure, value string, got float64, t target) {
	s.rows = append(s.rows, row{s.scenario, figure, value, t.String(), t.verdict(got)})
}

// miss adds a target that was not reached at all, and why.
func (s *sheet) miss(figure string, why error, t target) {
	s.rows = append(s.rows, row{s.scenario, figure, why.Error(), t.String(), "**missed**"})
}

// fail adds that the rest of the scenario was not measured.
func (s *sheet) fail(err error) {
	s.rows = append(s.rows, row{scenario: s.scenario, figure: "not measured", value: err.Error()})
}

// markdown returns the machine and the table.
func (s *sheet) markdown() []byte {
	var b bytes.Buffer
	model := proc.Model()
	if model == "" {
		model = "unknown processor"
	}
	fmt.Fprintf(&b, "Machine: %s, %d cores, %s %s/%s, %s\n\n",
		model, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, s.at.Format(time.DateOnly))
	b.WriteString("| scenario | figure | value | target | verdict |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range s.rows {
		b.WriteString("|")
		for _, cell := range []string{r.scenario, r.figure, r.value, r.target, r.verdict} {
			b.WriteString(" " + escapeCell(cell) + " |")
		}
		b.WriteString("\n")
	}
	return b.Bytes()
}

// escapeCell keeps text within its cell.
func escapeCell(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.ReplaceAll(s, "|", `\|`)
}

// microseconds, mebibytes and grouped write figures as people read them.

func microseconds(d float64) string { return strconv.FormatFloat(d/1e3, 'f', 0, 64) + " µs" }

func mebibytes(n int64) string { return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MiB" }

func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64) + " ms"
}
