package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func tagCommand() *cobra.Command {
	return noun("tag", "Tag phones",
		tagActCommand("add", "Give phones a tag", "tagged", func(e *client.Edit, tag string) { e.AddTags = []string{tag} }),
		tagActCommand("remove", "Take a tag from phones", "untagged", func(e *client.Edit, tag string) { e.RemoveTags = []string{tag} }))
}

func tagActCommand(name, short, done string, fill func(*client.Edit, string)) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name + " TAG {PHONE… | --filter FILTER | --all}",
		Short: short,
		Example: "  phoneacs tag " + name + " lobby p17 p18\n" +
			"  phoneacs tag " + name + " lobby --filter 'site = \"s2\"'",
		Args: count(1, -1),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return complete(-1, phoneWords)(cmd, args, begun)
		},
	}
	cmd.Flags().Bool("dry-run", false, "only count what would be changed")
	return verb(selectionFlags(cmd), func(ctx context.Context, s *session, args []string) error {
		sel, err := s.selection(args[1:])
		if err != nil {
			return err
		}
		return s.bulk(ctx, done, func(ctx context.Context, cursor string) (client.Bulk, error) {
			e := client.Edit{Selection: sel, DryRun: s.isSet("dry-run"), Cursor: cursor}
			fill(&e, args[0])
			return s.EditPhones(ctx, e)
		})
	})
}
