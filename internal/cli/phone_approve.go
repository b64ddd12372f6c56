package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func phoneApproveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "approve {PHONE… | --filter FILTER | --all}",
		Short: "Let pending phones be managed",
		Long: `Let pending phones be managed; it may be repeated.

A phone in re-enrol is approved when it is named alone: the credentials that it
had are forgotten, and it is issued new ones. ` + refs,
		Example: `  phoneacs phone approve p17
  phoneacs phone approve --filter 'address = "10.1.*"' --site berlin --tag lobby
  phoneacs phone approve --all --dry-run`,
		Args:              count(0, -1),
		ValidArgsFunction: complete(-1, phoneWords),
	}
	selectionFlags(cmd)
	cmd.Flags().String("site", "", "`site`, by id or name, to put them at")
	cmd.Flags().StringSlice("tag", nil, "`tags` to give them")
	cmd.Flags().Bool("dry-run", false, "only count what would be changed")
	offerSites(cmd)
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		sel, err := s.selection(args)
		if err != nil {
			return err
		}
		tags, err := cmd.Flags().GetStringSlice("tag")
		if err != nil {
			return err
		}
		if len(args) == 1 && s.flag("site") == "" && len(tags) == 0 && !s.isSet("dry-run") {
			p, err := s.ApprovePhone(ctx, args[0])
			if err != nil {
				return err
			}
			return s.show(p, func() error { return s.say("%s is %s", p.ID, p.State) })
		}
		return s.bulk(ctx, "approved", func(ctx context.Context, cursor string) (client.Bulk, error) {
			return s.ApprovePhones(ctx, client.Approval{
				Selection: sel, Site: s.flag("site"), Tags: tags, DryRun: s.isSet("dry-run"), Cursor: cursor,
			})
		})
	})
}

// offerSites completes --site.
func offerSites(cmd *cobra.Command) {
	if err := cmd.RegisterFlagCompletionFunc("site", complete(-1, siteWords)); err != nil {
		panic(err) // the flag is not there, or completed twice
	}
}
