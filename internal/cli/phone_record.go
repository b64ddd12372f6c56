package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func phoneRecordCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "record PHONE",
		Short: "Record a phone's sessions from now on",
		Long: `Record the sessions of a phone that begin from now on, with secrets masked.
The last 10 are kept.`,
		Example: `  phoneacs phone record p17 --for 2h
  phoneacs phone record p17 --show
  phoneacs phone record p17 --stop`,
	}
	cmd.Flags().String("for", "", "`duration`, as in 2h or 3d, at most 30d; not given: 24h")
	cmd.Flags().Bool("stop", false, "record no further sessions")
	cmd.Flags().Bool("show", false, "show until when it is recorded, and change nothing")
	return verb(aPhone(cmd), func(ctx context.Context, s *session, args []string) error {
		if s.isSet("stop") {
			if err := s.StopRecordingPhone(ctx, args[0]); err != nil {
				return err
			}
			return s.show(map[string]string{"stopped": args[0]}, func() error { return s.say("%s is recorded no more", args[0]) })
		}
		var order client.RecordingOrder
		var err error
		if s.isSet("show") {
			order, err = s.GetPhoneRecording(ctx, args[0])
		} else {
			order, err = s.RecordPhone(ctx, args[0], s.flag("for"))
		}
		if err != nil {
			return err
		}
		return s.show(order, func() error {
			if err := s.say("%s is recorded until %s", order.Phone, at(order.Until)); err != nil {
				return err
			}
			s.note("see what was said with `phoneacs phone recordings %s`", order.Phone)
			return nil
		})
	})
}
