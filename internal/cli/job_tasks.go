package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func jobTasksCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tasks JOB",
		Short: "List a job's tasks, by phone",
		Example: `  phoneacs job tasks j17
  phoneacs job tasks j17 --filter 'state = "failed"' --all`,
	}
	return verb(aJob(listFlags(cmd, taskFilter)), func(ctx context.Context, s *session, args []string) error {
		return list(ctx, s, taskColumns(s.output), func(ctx context.Context, q client.Query) (client.Page[client.Task], error) {
			return s.ListJobTasks(ctx, args[0], q)
		})
	})
}
