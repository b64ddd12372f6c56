package proc

import (
	"os"
	"testing"
	"time"
)

func TestOwnProcess(t *testing.T) {
	before, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	// Burn until the clock has moved: it must, and by less than a tick at once.
	deadline := time.Now().Add(10 * time.Second)
	after := before
	for after == before {
		if time.Now().After(deadline) {
			t.Fatal("cpu clock stands still")
		}
		if after, err = CPU(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	if after < before {
		t.Errorf("cpu clock went from %v to %v", before, after)
	}

	m, err := ReadMemory(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if m.Anon <= 0 || m.Peak < m.Anon {
		t.Errorf("ReadMemory = %+v; want 0 < Anon <= Peak", m)
	}
}

func TestNoSuchProcess(t *testing.T) {
	const none = 1 << 23 // above the kernel's limit of process ids
	if d, err := CPU(none); err == nil {
		t.Errorf("CPU of no process = %v; want an error", d)
	}
	if m, err := ReadMemory(none); err == nil {
		t.Errorf("ReadMemory of no process = %+v; want an error", m)
	}
}
