package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestPreviewInTerminal looks at a load curve as a person sees it: drawn by
// tmux, as wide as its terminal and no wider, in the zone of the window.
func TestPreviewInTerminal(t *testing.T) {
	t.Parallel()
	needPrograms(t, "tmux")
	s := startServer(t, t.TempDir())
	var list strings.Builder
	list.WriteString("mac\n")
	for i := range 300 {
		fmt.Fprintf(&list, "0c383e%06x\n", i)
	}
	if got := s.line(list.String(), "phone", "import", "-"); got.status != 0 {
		t.Fatalf("import: %+v", got)
	}
	if got := s.line("", "window", "create", "night", "--flexible", "1", "--begin", "02:00", "--end", "04:00", "--zone", "Asia/Tokyo"); got.status != 0 {
		t.Fatalf("create: %+v", got)
	}
	// In a pipe there are no colours and no blocks.
	if got := s.line("", "window", "preview", "night", "--all", "--listed", "0"); got.status != 0 || strings.ContainsAny(got.out, "\x1b█") ||
		!regexp.MustCompile(`(?m)^\w{3} \d{4}-\d\d-\d\d 0[23]:\d[05] #+ \d+ < busiest: \d+ at 0[23]:\d\d$`).MatchString(got.out) {
		t.Errorf("in a pipe: %+v", got)
	}
	const columns = 60
	screen := newTerminal(t, columns, 60, s.admin, s.token, program(t)+" window preview night --all --listed 0; echo status $?").shows(`status 0`)
	rows := regexp.MustCompile(`(?m)^\w{3} \d{4}-\d\d-\d\d \d\d:\d[05] █+ (\d+)( < busiest: \d+ at 0[23]:\d\d)?$`).FindAllStringSubmatch(screen, -1)
	sum, marked := 0, 0
	for _, r := range rows {
		var n int
		_, _ = fmt.Sscan(r[1], &n)
		sum += n
		if r[2] != "" {
			marked++
		}
	}
	// A row that were wider than the terminal would go on in the next line, and match no longer.
	if sum != 300 || marked != 1 || len(rows) < 12 || len(rows) > 24 || !strings.Contains(screen, "300 of 300 have a slot") ||
		!strings.Contains(screen, "Asia/Tokyo") || !strings.Contains(screen, "cannot be woken: 300 phones (300 never-informed)") {
		t.Errorf("%d phones in %d rows, %d marked:\n%s", sum, len(rows), marked, screen)
	}
}
