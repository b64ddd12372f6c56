package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func taskCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "result TASK",
		Short:   "Show what a phone answered to a raw RPC",
		Example: `  phoneacs task result j17-p4`,
		Args:    count(1, 1),
	}
	verb(cmd, func(ctx context.Context, s *session, args []string) error {
		r, err := s.GetTaskResult(ctx, args[0])
		if err != nil {
			return err
		}
		return s.show(r, func() error {
			if err := s.facts([]fact{{"task", r.Task}, {"attempt", number(r.Attempt)}, {"time", s.both(r.Time)}, {"rpc", r.RPC}}); err != nil {
				return err
			}
			if r.Cut {
				s.note("the answer was longer: %d bytes", r.Size)
			}
			if _, err := fmt.Fprintf(s.out, "%s\n", harmless(r.Answer)); err != nil {
				return fmt.Errorf("write: %w", err)
			}
			return nil
		})
	})
	return noun("task", "Look at one phone's share of a job", cmd)
}
