package proc

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
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

func TestForget(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := Forget(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Forget of no file = %v; want %v", err, os.ErrNotExist)
	}
	want := bytes.Repeat([]byte("kept "), 10_000)
	if err := os.WriteFile(path, want, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Forget(path); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v are read from a forgotten file of %d", len(got), err, len(want))
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
