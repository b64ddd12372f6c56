package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func jobCheckSyncCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check-sync {PHONE… | --filter FILTER | --all}",
		Short: "Have phones look for their files, by SIP",
		Long: `Have phones look for their files, by a SIP NOTIFY of check-sync, in their next
session. A phone may be set to restart by it whatever is asked for. The server
needs an address of its own for that (serve --sip).`,
		Example: `  phoneacs job check-sync p17
  phoneacs job check-sync --filter 'tags:lobby' --reboot --watch`,
		Args:              count(0, -1),
		ValidArgsFunction: complete(-1, phoneWords),
	}
	cmd.Flags().Bool("reboot", false, "have them restart as well")
	return ordering(cmd, func(_ context.Context, _ *session, args []string) (order, error) {
		reboot, err := cmd.Flags().GetBool("reboot")
		return order{"check-sync", &client.Args{Reboot: reboot}, args}, err
	})
}
