package main

import (
	"errors"
	"fmt"
	"strings"

	"phoneacs/db"
	"phoneacs/internal/app"
	"phoneacs/internal/simcli"
)

// Exit statuses. They are a contract with scripts and service managers.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitLocked = 3
	exitStore  = 4
	exitStrict = 5
)

// statuses say what each means; the help shows them.
var statuses = []struct {
	status  int
	meaning string
}{
	{exitOK, "ended as asked"},
	{exitFailed, "anything that is not named below"},
	{exitUsage, "a flag, argument, variable or configuration key cannot be used"},
	{exitLocked, "another process has the data directory"},
	{exitStore, "the store failed: it is not known what the disk holds"},
	{exitStrict, "`phoneacs sim`: with --strict the server did not do well, or a session was not as recorded"},
}

func statusHelp() string {
	var b strings.Builder
	b.WriteString("Exit statuses:\n")
	for _, s := range statuses {
		fmt.Fprintf(&b, "  %d  %s\n", s.status, s.meaning)
	}
	return b.String()
}

// A usageError reports a command line, variable or file that cannot be understood.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// exitStatus is the one place where errors become statuses. Where several went
// wrong, the worst counts.
func exitStatus(err error) int {
	var setting *app.ConfigError
	var use *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, db.ErrFailed):
		return exitStore
	case errors.Is(err, db.ErrLocked):
		return exitLocked
	case errors.As(err, &setting), errors.As(err, &use):
		return exitUsage
	}
	switch simcli.ExitCode(err) {
	case 2:
		return exitUsage
	case 3:
		return exitStrict
	}
	return exitFailed
}
