package main

import (
	"os"
	"runtime"
	"testing"
	"time"

	"phoneacs/e2e/bench/proc"
)

// TestIdle: what a process used before counts for nothing, and none uses more
// than there are cores.
func TestIdle(t *testing.T) {
	for deadline := time.Now().Add(10 * time.Second); ; {
		used, err := proc.CPU(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if used > 50*time.Millisecond {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("cpu clock stands still")
		}
	}
	l := &lab{cfg: config{idle: time.Millisecond}}
	self := side{served: &served{child: &child{pid: os.Getpid()}}}
	got, err := l.idle(t.Context(), self, self)
	if err != nil {
		t.Fatal(err)
	}
	for _, ms := range got {
		if ms <= 0 || ms > 1000*float64(runtime.NumCPU()) {
			t.Errorf("%v ms a second of %d cores", ms, runtime.NumCPU())
		}
	}
	if len(got) != 2 {
		t.Errorf("%d figures of 2 servers", len(got))
	}
}
