package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func phoneUploadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "upload PHONE UPLOAD",
		Short: "Fetch a file that a phone has sent",
		Long: `Fetch a file that a phone has sent. A configuration holds the phone's
passwords: a file that is written can be read by you alone. With --json, what
is known of the upload is shown instead.`,
		Example: `  phoneacs phone upload p17 u4 --output p17.cfg
  phoneacs phone upload p17 u4 --json`,
		Args:              count(2, 2),
		ValidArgsFunction: complete(1, phoneWords),
	}
	cmd.Flags().StringP("output", "o", "", "`file` to make; not given: standard output")
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		u, err := s.GetPhoneUpload(ctx, args[0], args[1])
		if err != nil {
			return err
		}
		if s.json {
			return s.line(u)
		}
		body, err := s.PhoneUploadContent(ctx, args[0], args[1])
		if err != nil {
			return err
		}
		defer body.Close()
		sum := sha256.New()
		n, err := s.bytes(s.flag("output"), io.TeeReader(body, sum))
		if err != nil {
			return err
		}
		if hex.EncodeToString(sum.Sum(nil)) != u.SHA256 {
			return fmt.Errorf("%d bytes came, which are not those of %s: fetch it again", n, u.ID)
		}
		return nil
	})
}
