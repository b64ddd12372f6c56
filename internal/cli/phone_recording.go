package cli

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"
)

func phoneRecordingCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "recording PHONE RECORDING",
		Short: "Show one session as it was spoken",
		Long: `Show one session as it was spoken, with secrets masked; with --json in the form
that phonesim replay plays again.`,
		Example: `  phoneacs phone recording p17 r4
  phoneacs phone recording p17 r4 --json > session.json`,
		Args:              count(2, 2),
		ValidArgsFunction: complete(1, phoneWords),
	}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		if s.json {
			r, err := s.GetRecording(ctx, args[0], args[1])
			if err != nil {
				return err
			}
			return s.line(r)
		}
		text, err := s.RecordingText(ctx, args[0], args[1])
		if err != nil {
			return err
		}
		_, err = s.bytes("", bytes.NewReader(harmless(text)))
		return err
	})
}
