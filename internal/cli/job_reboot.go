package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func jobRebootCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reboot {PHONE… | --filter FILTER | --all}",
		Short: "Restart phones",
		Long:  "Restart phones.",
		Example: `  phoneacs job reboot p17
  phoneacs job reboot --filter 'tags:lobby' --at 2026-05-17T22:00:00+02:00
  phoneacs job reboot --all --watch`,
		Args:              count(0, -1),
		ValidArgsFunction: complete(-1, phoneWords),
	}
	return ordering(cmd, func(_ context.Context, _ *session, args []string) (order, error) {
		return order{kind: "reboot", phones: args}, nil
	})
}

func jobResetCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "factory-reset {PHONE… | --filter FILTER | --all}",
		Short: "Reset phones to what they left the factory with",
		Long:  "Reset phones to what they left the factory with. A phone that is then not set up to find this server again is lost to it.",
		Example: `  phoneacs job factory-reset p17
  phoneacs job factory-reset p17 --expires 1h --watch`,
		Args:              count(0, -1),
		ValidArgsFunction: complete(-1, phoneWords),
	}
	return ordering(cmd, func(_ context.Context, _ *session, args []string) (order, error) {
		return order{kind: "factory-reset", phones: args}, nil
	})
}
