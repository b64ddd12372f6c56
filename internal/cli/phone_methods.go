package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func phoneMethodsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "methods PHONE",
		Short:   "Show which RPCs a phone takes",
		Example: `  phoneacs phone methods p17`,
	}
	return verb(aPhone(cmd), func(ctx context.Context, s *session, args []string) error {
		m, err := s.GetPhoneMethods(ctx, args[0])
		if err != nil {
			return err
		}
		return s.show(m, func() error {
			if err := s.facts([]fact{{"state", m.State}, {"why", m.Why}, {"firmware", m.Firmware}, {"asked", s.both(m.Asked)}}); err != nil {
				return err
			}
			for _, name := range m.Methods {
				if err := s.say("  %s", name); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
