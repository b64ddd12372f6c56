//go:build !linux

package main

import "syscall"

// endWithParent has nothing to offer here; an interrupted run still ends its
// children.
func endWithParent() *syscall.SysProcAttr { return nil }
