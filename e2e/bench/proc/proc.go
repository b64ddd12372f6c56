// Package proc reads what a running process has cost: processor time and
// memory, as the kernel counts them.
//
// It reads, and by [Forget] makes what the kernel has read of a file be read
// again: it starts no process, signals none, and keeps no
// figure between two calls. Linux alone tells these figures of another
// process; elsewhere each call fails with an error wrapping
// [errors.ErrUnsupported].
package proc

import (
	"bytes"
	"fmt"
	"strconv"
)

// Memory is the memory of one process at one instant.
type Memory struct {
	Anon int64 // resident anonymous bytes (RssAnon): heap and stacks, no mapped file
	Peak int64 // highest resident bytes so far (VmHWM), mapped files included
}

// parseMemory reads the two lines we want of /proc/PID/status (proc(5)).
// Both must be there, each a whole number of kB.
func parseMemory(status []byte) (Memory, error) {
	var m Memory
	for _, f := range []struct {
		name string
		to   *int64
	}{
		{"RssAnon", &m.Anon},
		{"VmHWM", &m.Peak},
	} {
		n, err := kilobytes(status, f.name)
		if err != nil {
			return Memory{}, err
		}
		*f.to = n
	}
	return m, nil
}

// kilobytes returns the value of one "Name:   123 kB" line, in bytes.
func kilobytes(status []byte, name string) (int64, error) {
	for line := range bytes.Lines(status) {
		value, ok := bytes.CutPrefix(line, []byte(name+":"))
		if !ok {
			continue
		}
		digits, ok := bytes.CutSuffix(bytes.TrimSpace(value), []byte(" kB"))
		if !ok {
			return 0, fmt.Errorf("%s is not in kB: %q", name, line)
		}
		kb, err := strconv.ParseUint(string(digits), 10, 53)
		if err != nil {
			return 0, fmt.Errorf("read %s: %w", name, err)
		}
		return int64(kb) << 10, nil
	}
	return 0, fmt.Errorf("%s is not told", name)
}

// parseModel returns the processor's name from /proc/cpuinfo, or "" where the
// file names none (as on most ARM machines).
func parseModel(cpuinfo []byte) string {
	for line := range bytes.Lines(cpuinfo) {
		key, value, ok := bytes.Cut(line, []byte(":"))
		if ok && string(bytes.TrimSpace(key)) == "model name" {
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}
