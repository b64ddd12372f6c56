// Command phoneacs is an auto-configuration server for IP phones.
//
// It reads flags, environment and a configuration file and hands them to
// package app; what goes wrong becomes one line and an exit status here.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"phoneacs/db"
	"phoneacs/internal/app"
)

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // anything else
	exitUsage  = 2 // a flag, variable or configuration key that cannot be used
	exitLocked = 3 // another process has the data directory
	exitStore  = 4 // the store failed while serving
)

func main() {
	err := root().ExecuteContext(untilSignal())
	if err != nil {
		fmt.Fprintln(os.Stderr, "phoneacs:", err)
	}
	os.Exit(exitStatus(err))
}

// untilSignal returns a context that the first signal ends: it asks for an
// orderly end. A second one, however soon, ends the program as if it had never
// been caught.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		again := <-signals
		signal.Reset(again)
		if self, err := os.FindProcess(os.Getpid()); err != nil || self.Signal(again) != nil {
			os.Exit(exitFailed)
		}
	}()
	return ctx
}

func exitStatus(err error) int {
	var setting *app.ConfigError
	var use *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &setting), errors.As(err, &use):
		return exitUsage
	case errors.Is(err, db.ErrLocked):
		return exitLocked
	case errors.Is(err, db.ErrFailed):
		return exitStore
	}
	return exitFailed
}

// A usageError reports a command line that cannot be understood.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// noArgs refuses arguments, a misspelt command among them.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{fmt.Errorf("%q is not understood; see `%s --help`", args[0], cmd.CommandPath())}
	}
	return nil
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "phoneacs",
		Short: "Manage a fleet of IP phones over TR-069",
		Long: `phoneacs takes a fleet of IP phones from the box to managed and keeps it there:
phones inform over TR-069 (CWMP), operators order jobs, and a job counts as
done when the phone shows it.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	cmd.AddCommand(serveCommand(), versionCommand())
	return cmd
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		Run:   func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "phoneacs", app.Version) },
	}
}
