package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

const (
	// watchPace is how often a job is looked at.
	watchPace = time.Second
	// watchPatience is how long a server may be away, say to start again.
	watchPatience = time.Minute
	// quietPace is how often a line is printed where no bar can be drawn.
	quietPace = 10 * time.Second
)

func jobWatchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "watch JOB",
		Short: "Follow a job until it ends",
		Long: `Follow a job until it ends: how many tasks are in which state, how fast it goes
and how long it may take. The exit status tells how it ended. Ctrl-C ends the
watching and leaves the job alone.`,
		Example: `  phoneacs job watch j17
  phoneacs job watch j17 --json`,
	}
	return verb(aJob(cmd), func(ctx context.Context, s *session, args []string) error {
		return s.watch(ctx, args[0])
	})
}

// watch follows a job and ends with it: ErrFailures if not all tasks succeeded
// or had nothing to do.
func (s *session) watch(ctx context.Context, id string) error {
	p := s.newProgress()
	j, err := s.follow(ctx, id, p)
	p.end()
	switch {
	case errors.Is(err, context.Canceled):
		return &advised{
			fmt.Errorf("%s is no longer watched, and goes on", id),
			fmt.Sprintf("take back what has not been sent with `phoneacs job cancel %s`, watch again with `phoneacs job watch %s`", id, id),
		}
	case err != nil:
		return err
	}
	if !s.json {
		if err := s.say("%s has ended after %s: %s", j.ID, span(j.Ended.Sub(j.Created)), counts(j.Counts)); err != nil {
			return err
		}
		s.nextOf(j)
	}
	if bad := j.Counts.Failed + j.Counts.Expired + j.Counts.Cancelled; bad > 0 {
		return fmt.Errorf("%s: %w: %d of %d did not", j.ID, ErrFailures, bad, j.Selected)
	}
	return nil
}

// follow looks at a job until it has ended, and shows what changed.
func (s *session) follow(ctx context.Context, id string, p *progress) (client.Job, error) {
	tick := time.NewTicker(watchPace)
	defer tick.Stop()
	var away time.Time
	var last client.Job
	for {
		j, err := s.GetJob(ctx, id)
		var lost *client.Unreachable
		switch {
		case errors.As(err, &lost) && last.ID != "" && (away.IsZero() || s.now().Sub(away) < watchPatience):
			if away.IsZero() {
				away = s.now()
				p.remark("the server does not answer; waiting for it")
			}
		case err != nil:
			return j, err
		default:
			away = time.Time{}
			if err := p.show(j); err != nil {
				return j, err
			}
			if j.State == client.JobEnded && j.Sweep == "" {
				return j, nil
			}
			last = j
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return last, context.Canceled
		}
	}
}
