package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func phoneEditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "edit {PHONE… | --filter FILTER | --all}",
		Short: "Change name, site, tags and logins of phones",
		Long: `Change what flags say of phones, and leave the rest.

Site and tags can be changed for many phones at once; name, proof and the login
for connection requests for one. ` + refs,
		Example: `  phoneacs phone edit p17 --name 'Front desk' --site berlin
  phoneacs phone edit --filter 'tags:old' --remove-tag old --add-tag lobby
  phoneacs phone edit p17 --proof waived
  phoneacs phone edit p17 --wake-user acs --wake-password-stdin < password`,
		Args:              count(0, -1),
		ValidArgsFunction: complete(-1, phoneWords),
	}
	selectionFlags(cmd)
	f := cmd.Flags()
	f.String("site", "", "`site`, by id or name")
	f.StringSlice("add-tag", nil, "`tags` to give them")
	f.StringSlice("remove-tag", nil, "`tags` to take away")
	f.String("name", "", "`name` of one phone; empty takes it away")
	f.String("proof", "", "own, or waived for `a phone` that cannot take credentials")
	f.String("wake-user", "", "`user` of connection requests of one phone")
	f.Bool("wake-password-stdin", false, "read its password from standard input")
	f.Bool("dry-run", false, "only count what would be changed")
	offerSites(cmd)
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		sel, err := s.selection(args)
		if err != nil {
			return err
		}
		add, _ := f.GetStringSlice("add-tag")
		remove, _ := f.GetStringSlice("remove-tag")
		patch, alone, err := s.patch()
		switch {
		case err != nil:
			return err
		case alone && len(args) != 1:
			return usage("--name, --proof, --wake-user and --wake-password-stdin are for one phone")
		case alone && (len(add)+len(remove) > 0 || s.isSet("dry-run")):
			return usage("--add-tag, --remove-tag and --dry-run do not go with --name, --proof, --wake-user and --wake-password-stdin: use two commands")
		case alone:
			p, err := s.UpdatePhone(ctx, args[0], patch)
			if err != nil {
				return err
			}
			return s.show(p, func() error { return s.phone(p) })
		case patch.Site == nil && len(add)+len(remove) == 0:
			return usage("say what is to be changed; see `%s --help`", cmd.CommandPath())
		}
		return s.bulk(ctx, "changed", func(ctx context.Context, cursor string) (client.Bulk, error) {
			return s.EditPhones(ctx, client.Edit{
				Selection: sel, Site: s.flag("site"), AddTags: add, RemoveTags: remove, DryRun: s.isSet("dry-run"), Cursor: cursor,
			})
		})
	})
}

// patch reads what flags say of one phone; alone reports that they say what
// cannot be said of many.
func (s *session) patch() (p client.PhonePatch, alone bool, err error) {
	for name, field := range map[string]**string{"name": &p.Name, "proof": &p.Proof, "wake-user": &p.ConnectionRequestUser, "site": &p.Site} {
		if s.cmd.Flags().Changed(name) {
			v := s.flag(name)
			*field = &v
			alone = alone || name != "site"
		}
	}
	if s.isSet("wake-password-stdin") {
		b, err := io.ReadAll(io.LimitReader(s.cmd.InOrStdin(), 4096))
		if err != nil {
			return p, true, fmt.Errorf("read the password: %w", err)
		}
		v := strings.TrimRight(string(b), "\r\n")
		p.ConnectionRequestPassword, alone = &v, true
	}
	return p, alone, nil
}
