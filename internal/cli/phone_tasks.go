package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// taskFilter is what filters over tasks may name.
const taskFilter = "state, phone, job, cause, why, due and created"

func phoneTasksCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tasks PHONE",
		Short: "List a phone's tasks, of the newest job first",
		Example: `  phoneacs phone tasks p17
  phoneacs phone tasks p17 --filter 'state = "failed"'`,
	}
	return verb(aPhone(listFlags(cmd, taskFilter)), func(ctx context.Context, s *session, args []string) error {
		return list(ctx, s, taskColumns(s.output), func(ctx context.Context, q client.Query) (client.Page[client.Task], error) {
			return s.ListPhoneTasks(ctx, args[0], q)
		})
	})
}

func taskColumns(o *output) []column[client.Task] {
	return []column[client.Task]{
		{title: "TASK", cell: func(t client.Task) string { return t.ID }},
		{title: "STATE", state: true, cell: func(t client.Task) string { return t.State }},
		{title: "TRIES", right: true, cell: func(t client.Task) string { return number(len(t.Attempts)) }},
		{title: "DUE", cell: func(t client.Task) string {
			if !t.Ended.IsZero() {
				return ""
			}
			return o.ago(t.Due)
		}},
		{title: "ENDED", cell: func(t client.Task) string { return o.ago(t.Ended) }},
		{title: "WHY", cell: func(t client.Task) string {
			if t.Help != "" {
				return t.Why + " (" + t.Help + ")"
			}
			return t.Why
		}},
	}
}
