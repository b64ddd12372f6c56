package main

import "syscall"

// endWithParent has the kernel end a child even when this process is killed
// outright. The kernel goes by the thread that started the child; the Go
// runtime keeps its threads until the process ends.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
