// Command phoneacs is an auto-configuration server for IP phones.
//
// It reads flags, environment and a configuration file and hands them to
// package app; what goes wrong becomes a line for each thing and an exit status
// here. It refuses to decide what a setting means, and to serve anything.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // zones of sites, where the system has none
)

func main() {
	crashBySignal()
	os.Exit(run(untilSignal(), os.Args[1:], os.Stdout, os.Stderr))
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

// run runs one command line and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.ExecuteContext(ctx)
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintln(stderr, "phoneacs:", line)
		}
	}
	return exitStatus(err)
}
