package proc

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// CPU returns the processor time, user and system, that process pid has used
// since it began, over all its threads, ended ones included.
//
// It asks the process's own CPU clock, which counts nanoseconds;
// /proc/PID/stat counts in ticks of 10 ms, too coarse for a short round.
func CPU(pid int) (time.Duration, error) {
	// clock_getcpuclockid(3) is this arithmetic: the complement of the pid
	// above three bits, of which 2 selects the scheduler's clock.
	const schedulerClock = 2
	clock := ^int32(pid)<<3 | schedulerClock
	var ts unix.Timespec
	if err := unix.ClockGettime(clock, &ts); err != nil {
		return 0, fmt.Errorf("read cpu clock of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}

// ReadMemory returns what process pid holds now. A process that has ended but
// was not waited for holds nothing, and that is an error.
func ReadMemory(pid int) (Memory, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, fmt.Errorf("read memory of process: %w", err)
	}
	m, err := parseMemory(b)
	if err != nil {
		return Memory{}, fmt.Errorf("read memory of process %d: %w", pid, err)
	}
	return m, nil
}

// Model returns the name of this machine's processor, or "" when unknown.
func Model() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	return parseModel(b)
}
