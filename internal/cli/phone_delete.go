package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func phoneDeleteCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete PHONE",
		Short: "Forget a phone and cancel its unsent tasks",
		Long: `Forget a phone and cancel its unsent tasks. If it informs again, it is unknown.

` + refs,
		Example: `  phoneacs phone delete p17`,
	}
	return verb(aPhone(cmd), func(ctx context.Context, s *session, args []string) error {
		if err := s.DeletePhone(ctx, args[0]); err != nil {
			return err
		}
		return s.gone(args[0])
	})
}

// gone tells that something was taken away.
func (o *output) gone(name string) error {
	return o.show(map[string]string{"deleted": name}, func() error { return o.say("%s is gone", name) })
}
