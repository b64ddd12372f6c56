package simcli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"phoneacs/internal/sim"
)

// progress is a line on a terminal that is written over each second; on
// anything else it stays silent.
type progress struct {
	w        io.Writer
	terminal bool
	last     sim.Stats
}

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, terminal: ok && term.IsTerminal(int(f.Fd()))}
}

func (p *progress) show(s sim.Stats) {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K", progressLine(p.last, s))
	}
	p.last = s
}

func (p *progress) clear() {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func progressLine(last, s sim.Stats) string {
	rate := 0.0
	if passed := s.Elapsed - last.Elapsed; passed > 0 {
		rate = float64(s.Sessions-last.Sessions) / passed.Seconds()
	}
	return fmt.Sprintf("%s  %d phones  %d in session  %d ok  %d failed  %.0f/s  p95 %s",
		s.Elapsed.Round(time.Second), s.Phones, s.Active, s.Sessions, s.Failed, rate, s.Latency.P95.Round(100*time.Microsecond))
}

// report writes the account of a run.
func report(w io.Writer, s sim.Stats, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(s)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range []struct {
		name  string
		value any
	}{
		{"phones", s.Phones},
		{"time", s.Elapsed.Round(time.Millisecond)},
		{"sessions", fmt.Sprintf("%d ok, %d failed, %d cut off", s.Sessions, s.Failed, s.Cut)},
		{"session time", fmt.Sprintf("half within %v, 95%% within %v, 99%% within %v, all within %v", s.Latency.P50, s.Latency.P95, s.Latency.P99, s.Latency.Max)},
		{"informs", s.Informs},
		{"requests", fmt.Sprintf("%d, %d answered with a fault", s.Requests, s.Faults)},
		{"connection requests", s.ConnectionRequests},
		{"transfers", fmt.Sprintf("%d ok, %d failed, %d bytes", s.Transfers, s.TransfersFailed, s.Fetched)},
		{"restarts", fmt.Sprintf("%d asked for, %d power cuts", s.Reboots, s.PowerCuts)},
		{"rules broken", s.Breaches},
	} {
		fmt.Fprintf(t, "%s\t%v\n", row.name, row.value)
	}
	causes := slices.SortedFunc(maps.Keys(s.Failures), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Failures[b], s.Failures[a]), cmp.Compare(a, b))
	})
	for _, c := range causes {
		fmt.Fprintf(t, "failed by %s\t%d\n", c, s.Failures[c])
	}
	return t.Flush()
}
