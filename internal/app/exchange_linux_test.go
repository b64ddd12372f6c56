package app

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// While a directory is replaced there is always one of its name: a server that
// is started by a timer, or after a power cut, never finds none and makes a new
// store there.
func TestSwapLeavesNoGap(t *testing.T) {
	dir := t.TempDir()
	data, tmp := filepath.Join(dir, "data"), filepath.Join(dir, "data.restore-tmp")
	for path, text := range map[string]string{data: "old", tmp: "new"} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, "which"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	watch, err := unix.InotifyInit1(unix.IN_NONBLOCK)
	if err != nil {
		t.Skipf("no inotify here: %v", err)
	}
	defer unix.Close(watch)
	if _, err := unix.InotifyAddWatch(watch, dir, unix.IN_MOVED_FROM|unix.IN_MOVED_TO); err != nil {
		t.Fatal(err)
	}
	r := &Restore{Now: time.Unix(1, 0)}
	old, err := r.swap(data, tmp)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{data: "new", old: "old"} {
		if got, err := os.ReadFile(filepath.Join(path, "which")); err != nil || string(got) != want {
			t.Errorf("%s has %q, %v; want %q", path, got, err, want)
		}
	}
	if _, err := os.Lstat(tmp); err == nil {
		t.Errorf("%s is left", tmp)
	}
	// An exchange is told as two moves: with a gap data is moved away first.
	events := make([]byte, 4096)
	n, err := unix.Read(watch, events)
	if err != nil {
		t.Fatal(err)
	}
	moves := movesOf(events[:n])
	if to := slices.Index(moves, "to data"); to < 0 || to > slices.Index(moves, "from data") {
		t.Errorf("the moves were %q", moves)
	}
}

// movesOf reads what inotify tells: a head of 16 bytes, with the kind at 4 and the
// length of the name at 12, and the name.
func movesOf(b []byte) (moves []string) {
	for len(b) >= unix.SizeofInotifyEvent {
		kind, size := uint32(b[4])|uint32(b[5])<<8, int(b[12])|int(b[13])<<8
		name := unix.ByteSliceToString(b[unix.SizeofInotifyEvent : unix.SizeofInotifyEvent+size])
		word := "from "
		if kind&unix.IN_MOVED_TO != 0 {
			word = "to "
		}
		moves = append(moves, word+name)
		b = b[unix.SizeofInotifyEvent+size:]
	}
	return moves
}
