package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func jobShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show JOB",
		Short:   "Show one job",
		Example: `  phoneacs job show j17`,
	}
	return verb(aJob(cmd), func(ctx context.Context, s *session, args []string) error {
		j, err := s.GetJob(ctx, args[0])
		if err != nil {
			return err
		}
		return s.show(j, func() error {
			if err := s.job(j); err != nil {
				return err
			}
			s.nextOf(j)
			return nil
		})
	})
}

// nextOf says what to do about a job next, if there is something.
func (o *output) nextOf(j client.Job) {
	switch {
	case len(j.Held) > 0:
		o.note("a hold stops it; go on with `%s`", clearing(j.Held[0].Scope))
	case j.State == client.JobPaused:
		o.note("go on with `phoneacs job resume %s`", j.ID)
	case j.State != client.JobEnded:
		o.note("follow it with `phoneacs job watch %s`", j.ID)
	case j.Counts.Failed+j.Counts.Expired > 0:
		o.note("see why with `phoneacs job tasks %s --filter 'state = \"failed\" OR state = \"expired\"'`, try again with `phoneacs job retry %s`", j.ID, j.ID)
	}
}
