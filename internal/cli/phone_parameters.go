package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func phoneParametersCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "parameters PHONE",
		Short: "List what a phone has reported, by name",
		Long: `List the parameters that a phone has reported. To ask it for more:
phoneacs job get NAME… --phone PHONE.`,
		Example: `  phoneacs phone parameters p17
  phoneacs phone parameters p17 --prefix Device.Services. --all`,
	}
	cmd.Flags().String("prefix", "", "only `names` that begin so")
	return verb(aPhone(listFlags(cmd, "")), func(ctx context.Context, s *session, args []string) error {
		return list(ctx, s, []column[client.Parameter]{
			{title: "NAME", cell: func(p client.Parameter) string { return p.Name }},
			{title: "VALUE", cell: func(p client.Parameter) string { return p.Value }},
			{title: "TYPE", cell: func(p client.Parameter) string { return p.Type }},
			{title: "CHANGED", cell: func(p client.Parameter) string { return s.ago(p.Changed) }},
			{title: "WHAT IT IS", cell: func(p client.Parameter) string { return p.Description }},
		}, func(ctx context.Context, q client.Query) (client.Page[client.Parameter], error) {
			return s.ListPhoneParameters(ctx, args[0], s.flag("prefix"), q)
		})
	})
}
