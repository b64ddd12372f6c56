package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func phoneWakeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "wake PHONE",
		Short:   "Ask a phone to inform at once",
		Long:    "Ask a phone to inform at once, by a connection request.\n\n" + refs,
		Example: `  phoneacs phone wake 0c383e000011`,
	}
	return verb(aPhone(cmd), func(ctx context.Context, s *session, args []string) error {
		p, err := s.WakePhone(ctx, args[0])
		if err != nil {
			return err
		}
		return s.show(p, func() error { return s.say("%s was asked to inform", p.ID) })
	})
}
