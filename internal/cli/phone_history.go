package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func phoneHistoryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "history PHONE",
		Short:   "List what changed at a phone, newest first",
		Example: `  phoneacs phone history p17 --limit 20`,
	}
	return verb(aPhone(listFlags(cmd, "")), func(ctx context.Context, s *session, args []string) error {
		return list(ctx, s, []column[client.Change]{
			{title: "WHEN", cell: func(c client.Change) string { return at(c.Time) }},
			{title: "WHAT", cell: func(c client.Change) string { return c.What }},
			{title: "OLD", cell: func(c client.Change) string { return c.Old }},
			{title: "NEW", cell: func(c client.Change) string { return c.New }},
			{title: "BY", cell: func(c client.Change) string { return c.By }},
		}, func(ctx context.Context, q client.Query) (client.Page[client.Change], error) {
			return s.ListPhoneHistory(ctx, args[0], q)
		})
	})
}
