package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"phoneacs/admin/client"
	"phoneacs/db"
	"phoneacs/internal/app"
	"phoneacs/internal/cli"
	"phoneacs/internal/simcli"
)

// Exit statuses. They are a contract with scripts and service managers.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitLocked = 3
	exitStore  = 4

	exitNotFound  = 5
	exitRefused   = 6
	exitNoServer  = 7
	exitTasksLost = 8
	exitStrict    = 9
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
	{exitStore, "the store is damaged, or failed: it is not known what the disk holds"},
	{exitNotFound, "the server knows nothing by that name"},
	{exitRefused, "the server refused it, or could not do it"},
	{exitNoServer, "no server answers there, or none of phoneacs"},
	{exitTasksLost, "the job has ended, and not all of its tasks succeeded; or lines of a list were refused"},
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
	var word *cli.UsageError
	var problem *client.Problem
	var away *client.Unreachable
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, db.ErrFailed):
		return exitStore
	case errors.Is(err, db.ErrLocked):
		return exitLocked
	case errors.As(err, &setting), errors.As(err, &use), errors.As(err, &word):
		return exitUsage
	case errors.Is(err, cli.ErrFailures), errors.Is(err, cli.ErrRefused):
		return exitTasksLost
	case errors.As(err, &problem) && problem.Kind() == "": // of a proxy, or of who else is there
		return exitNoServer
	case errors.As(err, &problem) && problem.Status == http.StatusNotFound:
		return exitNotFound
	case errors.As(err, &problem), errors.Is(err, cli.ErrNotMade):
		return exitRefused
	case errors.As(err, &away):
		return exitNoServer
	}
	switch simcli.ExitCode(err) {
	case 2:
		return exitUsage
	case 3:
		return exitStrict
	}
	return exitFailed
}
