package simcli

import (
	"errors"

	"phoneacs/internal/sim"
	"phoneacs/internal/sim/replay"
)

// ErrUsage marks flags that do not make sense.
var ErrUsage = errors.New("usage")

// ExitCode is the contract with scripts; the help names the codes.
func ExitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, ErrUsage), errors.Is(err, sim.ErrOptions):
		return 2
	case errors.Is(err, ErrStrict), errors.Is(err, replay.ErrDiffers):
		return 3
	default:
		return 1
	}
}
