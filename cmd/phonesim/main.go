// Command phonesim points a fleet of simulated IP phones at a TR-069 server and
// says how the server did. It is package simcli as a program of its own, and
// refuses to be more than that.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"phoneacs/internal/simcli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := simcli.Command("phonesim", false).ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "phonesim:", err)
	}
	os.Exit(simcli.ExitCode(err))
}
