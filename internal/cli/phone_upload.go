package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
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
		_, err = s.bytes(s.flag("output"), &proven{Reader: body, sum: sha256.New(), want: u.SHA256, of: u.ID})
		return err
	})
}

// A proven reader ends in an error if what it read is not what it should be.
type proven struct {
	io.Reader
	sum  hash.Hash
	want string // SHA-256, in hex
	of   string
}

func (p *proven) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	p.sum.Write(b[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(p.sum.Sum(nil)) != p.want {
		return n, fmt.Errorf("what came is not %s: fetch it again", p.of)
	}
	return n, err
}
