package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func phoneReplaceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replace OLD NEW",
		Short: "Put another phone in the place of one that is broken",
		Long: `Put another phone in the place of one that is broken. NEW is a phone that is
known, or a MAC. Name, site, tags, quirks, hold and what waits move to it; the old
one's logins and links end. Reported parameters are not copied.

` + refs,
		Example: `  phoneacs phone replace p17 0c:38:3e:01:02:03`,
		Args:    count(2, 2),
	}
	cmd.ValidArgsFunction = complete(2, phoneWords)
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		r, err := s.ReplacePhone(ctx, args[0], args[1])
		if err != nil {
			return err
		}
		return s.show(r, func() error {
			if r.Again {
				return s.say("%s was replaced by %s before", args[0], r.Phone.ID)
			}
			return s.say("%s is in the place of %s; %d tasks moved, %d of orders that it has itself were cancelled, %d attempts ended unknown",
				r.Phone.ID, args[0], r.Moved, r.Cancelled, r.Unknown)
		})
	})
}
