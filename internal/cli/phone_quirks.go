package cli

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func phoneQuirksCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quirks PHONE [SWITCH=VALUE…]",
		Short: "Show how a phone is treated and why, or say how",
		Long: `Show how a phone is treated, switch by switch, and why; or say how it is to be
treated from its next session on. A VALUE is true, false, a number or a text.`,
		Example: `  phoneacs phone quirks p17
  phoneacs phone quirks p17 close_after_end=true max_names=16
  phoneacs phone quirks p17 --replace wake_new_socket=true
  phoneacs phone quirks p17 --clear`,
		Args:              count(1, -1),
		ValidArgsFunction: complete(1, phoneWords),
	}
	cmd.Flags().Bool("replace", false, "forget what was said of this phone before")
	cmd.Flags().Bool("clear", false, "take back all that was said of this phone")
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		set, err := switches(args[1:])
		if err != nil {
			return err
		}
		var page client.Page[client.QuirkEffect]
		switch {
		case s.isSet("clear") && (len(set) > 0 || s.isSet("replace")):
			return usage("--clear takes nothing beside the phone")
		case s.isSet("clear"):
			if err := s.ClearPhoneQuirks(ctx, args[0]); err != nil {
				return err
			}
			page, err = s.GetPhoneQuirks(ctx, args[0])
		case s.isSet("replace"):
			page, err = s.ReplacePhoneQuirks(ctx, args[0], set)
		case len(set) > 0:
			page, err = s.UpdatePhoneQuirks(ctx, args[0], set)
		default:
			page, err = s.GetPhoneQuirks(ctx, args[0])
		}
		if err != nil {
			return err
		}
		return s.show(page.Items, func() error {
			return newTable(s.output, []column[client.QuirkEffect]{
				{title: "SWITCH", cell: func(q client.QuirkEffect) string { return q.Name }},
				{title: "VALUE", cell: func(q client.QuirkEffect) string { return string(q.Value) }},
				{title: "FROM", cell: func(q client.QuirkEffect) string { return q.From }},
				{title: "WHY", cell: func(q client.QuirkEffect) string { return q.Why }},
			}).page(page.Items)
		})
	})
}

// switches reads NAME=VALUE; a name with a dot, as in file_types.config, is a
// member of an object.
func switches(args []string) (client.QuirkSet, error) {
	set := client.QuirkSet{}
	for _, arg := range args {
		name, text, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, usage("%q is not SWITCH=VALUE, as in max_names=16", arg)
		}
		var value any = text
		if text == "true" || text == "false" || strings.Trim(text, "0123456789") == "" && text != "" {
			value = json.RawMessage(text)
		}
		outer, inner, nested := strings.Cut(name, ".")
		if !nested {
			set[name] = value
			continue
		}
		members, ok := set[outer].(map[string]any)
		if !ok {
			members = map[string]any{}
			set[outer] = members
		}
		members[inner] = text
	}
	return set, nil
}
