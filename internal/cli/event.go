package cli

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func eventCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "follow",
		Short: "Print what is being committed, until Ctrl-C",
		Example: `  phoneacs event follow --phone p17
  phoneacs event follow --job j4 --json`,
		Args: count(0, 0),
	}
	cmd.Flags().String("job", "", "only those of a `job`")
	cmd.Flags().String("phone", "", "only those of a `phone`")
	verb(cmd, func(ctx context.Context, s *session, _ []string) error {
		w := client.Watch{Job: s.flag("job"), Phone: s.flag("phone")}
		for {
			came := false
			err := s.StreamEvents(ctx, w, func(e client.Event, id string) error {
				if id != "" {
					w.After, came = id, true
				}
				return s.show(e, func() error {
					return s.say("%s", strings.Join(strings.Fields(strings.Join([]string{at(e.Time), e.Type, e.Job, e.Phone, e.Why}, " ")), " "))
				})
			})
			switch {
			case ctx.Err() != nil:
				return nil // it was to go on until asked to end
			case errors.Is(err, client.ErrReset):
				s.note("some events were missed")
				w.After = ""
			case errors.Is(err, io.EOF) && came:
				// cut off; go on behind the last one
			case errors.Is(err, io.EOF):
				return errors.New("the server ended the stream")
			default:
				return err
			}
		}
	})
	return noun("event", "Follow what happens", cmd)
}

func certificateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "Print the certificate that phones must trust, in PEM form",
		Example: `  phoneacs ca show > ca.pem`,
		Args:    count(0, 0),
	}
	verb(cmd, func(ctx context.Context, s *session, _ []string) error {
		pem, err := s.GetCA(ctx)
		if err != nil {
			return err
		}
		return s.show(map[string]string{"pem": string(pem)}, func() error {
			_, err := s.out.Write(pem)
			return err
		})
	})
	return noun("ca", "Look at the server's own authority", cmd)
}
