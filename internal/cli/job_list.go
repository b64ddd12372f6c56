package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func jobListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List jobs, newest first",
		Example: `  phoneacs job list
  phoneacs job list --filter 'state != "ended"'`,
		Args: count(0, 0),
	}
	return verb(listFlags(cmd, "id, kind, state, by, created and file"), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, []column[client.Job]{
			{title: "ID", cell: func(j client.Job) string { return j.ID }},
			{title: "KIND", cell: func(j client.Job) string { return j.Kind }},
			{title: "STATE", state: true, cell: func(j client.Job) string { return j.State }},
			{title: "PHONES", right: true, cell: func(j client.Job) string { return number(j.Selected) }},
			{title: "DONE", right: true, cell: func(j client.Job) string { return number(j.Counts.Succeeded + j.Counts.Skipped) }},
			{title: "FAILED", right: true, cell: func(j client.Job) string { return number(j.Counts.Failed + j.Counts.Expired) }},
			{title: "OPEN", right: true, cell: func(j client.Job) string { return number(j.Counts.Open() + j.Selected - j.Expanded) }},
			{title: "CREATED", cell: func(j client.Job) string { return s.ago(j.Created) }},
			{title: "BY", cell: func(j client.Job) string { return j.By }},
			{title: "WHAT", cell: what},
		}, s.ListJobs)
	})
}
