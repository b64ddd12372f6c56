package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

// Version makes cmd print a version and, where a server is named, the server's.
func Version(cmd *cobra.Command, version string) {
	connectionFlags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		asJSON, _ := cmd.Flags().GetBool("json")
		o := newOutput(cmd.OutOrStdout(), cmd.ErrOrStderr(), asJSON)
		told := map[string]string{"version": version}
		if setting(cmd, "server", ServerVariable, "") != "" {
			s, err := open(cmd)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), statusTime)
			defer cancel()
			health, err := s.GetHealth(ctx)
			if err != nil {
				return advise(cmd, err)
			}
			told["server"], told["server_version"] = s.Server(), health.Version
		}
		return o.show(told, func() error {
			if _, err := fmt.Fprintln(o.out, "phoneacs", version); err != nil {
				return fmt.Errorf("write: %w", err)
			}
			if told["server"] == "" {
				return nil
			}
			return o.say("%s runs phoneacs %s", told["server"], told["server_version"])
		})
	}
}
