package main

import (
	"runtime/debug"
	"syscall"
)

// crashBySignal makes a failure of the program itself end it by a signal: by
// itself Go ends it with status 2, which is said of settings that cannot be used,
// and after which a service manager does not start it again. No core is left: it
// would have all secrets in it.
func crashBySignal() {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err == nil {
		debug.SetTraceback("crash")
	}
}
