// Command phonesim points a fleet of simulated IP phones at a TR-069 server and
// says how the server did.
//
// It knows flags and output and refuses to know anything about phones: those
// live in package sim, which shares nothing with the server.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"phoneacs/internal/sim"
	"phoneacs/internal/sim/replay"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRoot().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "phonesim:", err)
	}
	os.Exit(exitCode(err))
}

// errUsage marks flags that do not make sense.
var errUsage = errors.New("usage")

// exitCode is the contract with scripts; the help names the codes.
func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage), errors.Is(err, sim.ErrOptions):
		return 2
	case errors.Is(err, errStrict), errors.Is(err, replay.ErrDiffers):
		return 3
	default:
		return 1
	}
}
