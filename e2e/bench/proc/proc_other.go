//go:build !linux

package proc

import (
	"errors"
	"fmt"
	"time"
)

// CPU fails: only Linux tells another process's time without a debugger.
func CPU(pid int) (time.Duration, error) {
	return 0, fmt.Errorf("read cpu clock of process %d: %w", pid, errors.ErrUnsupported)
}

// ReadMemory fails: only Linux separates anonymous from mapped memory.
func ReadMemory(pid int) (Memory, error) {
	return Memory{}, fmt.Errorf("read memory of process %d: %w", pid, errors.ErrUnsupported)
}

// Model returns "": the processor's name is unknown here.
func Model() string { return "" }
