package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestImportInTerminal looks at a list on its way in, as a person sees it: how
// many lines are done while others are still to come, and then the sum.
func TestImportInTerminal(t *testing.T) {
	t.Parallel()
	needPrograms(t, "tmux")
	s := startServer(t, t.TempDir())
	fifo := filepath.Join(t.TempDir(), "phones.csv")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	screen := newTerminal(t, 120, 20, "http://"+s.admin, s.token, program(t)+" import phones "+fifo+"; echo status $?")
	list, err := os.OpenFile(fifo, os.O_RDWR, 0) // does not wait for its reader
	if err != nil {
		t.Fatal(err)
	}
	lines := func(from, to int) {
		for i := from; i < to; i++ {
			if _, err := fmt.Fprintf(list, "0c383e%06x,phone %d\n", i, i); err != nil {
				t.Fatal(err)
			}
		}
	}
	fmt.Fprintln(list, "mac,name")
	lines(0, 3000)
	screen.shows(`phones: [1-3]\d\d\d done, 0 refused`)
	lines(3000, 3100)
	fmt.Fprintln(list, "x,y")
	if err := list.Close(); err != nil {
		t.Fatal(err)
	}
	screen.shows(`(?s)phones: 3100 created, 0 updated, 0 unchanged, 0 skipped, 1 refused.*status 8`)
}
