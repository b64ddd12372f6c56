package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func jobDownloadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "download FILE {PHONE… | --filter FILTER | --all}",
		Short: "Have phones fetch a file of the catalogue",
		Long:  "Have phones fetch a file of the catalogue, which is named by its id or name.",
		Example: `  phoneacs job download f4 p17 p18
  phoneacs job download x6u-2.12.1.z --filter 'model = "X6U"' --watch`,
		Args: count(1, -1),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return complete(1, fileWords)(cmd, args, begun)
			}
			return complete(-1, phoneWords)(cmd, args, begun)
		},
	}
	return ordering(cmd, func(ctx context.Context, s *session, args []string) (order, error) {
		file, err := s.fileID(ctx, args[0])
		return order{"download", &client.Args{File: file}, args[1:]}, err
	})
}
