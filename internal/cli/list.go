package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// maxPage is the most that the server gives at once.
const maxPage = 1000

// listFlags declares how much of a list is wanted. fields are what its filter
// may name; "": it has none.
func listFlags(cmd *cobra.Command, fields string) *cobra.Command {
	cmd.Flags().Int("limit", 100, "how many at most")
	cmd.Flags().Bool("all", false, "all there are, however many")
	if fields != "" {
		cmd.Flags().String("filter", "", "only those that an AIP-160 `filter` passes, as in 'a = \"b\" AND c:d'; it may name "+fields)
	}
	return cmd
}

// list prints a list page by page, until as many as wanted are printed.
func list[T any](ctx context.Context, s *session, columns []column[T], fetch func(context.Context, client.Query) (client.Page[T], error)) error {
	left, err := s.cmd.Flags().GetInt("limit")
	switch {
	case err != nil:
		return err
	case left < 1:
		return usage("--limit: needs at least 1; see `%s --help`", s.cmd.CommandPath())
	}
	everything := s.isSet("all")
	t := newTable(s.output, columns)
	q := client.Query{Filter: s.flag("filter")}
	for shown := 0; ; {
		q.Limit = maxPage
		if !everything {
			q.Limit = min(left, maxPage)
		}
		page, err := fetch(ctx, q)
		if err != nil {
			return err
		}
		if s.json {
			for _, item := range page.Items {
				if err := s.line(item); err != nil {
					return err
				}
			}
		} else if len(page.Items) > 0 {
			if err := t.page(page.Items); err != nil {
				return err
			}
		}
		shown += len(page.Items)
		left -= len(page.Items)
		q.Cursor = page.Next
		switch {
		case page.Next == "" && shown == 0:
			s.note("none")
			return nil
		case page.Next == "":
			return nil
		case !everything && left <= 0:
			s.note("there are more: --limit or --all shows them")
			return nil
		}
	}
}
