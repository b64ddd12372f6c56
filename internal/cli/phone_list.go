package cli

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// phoneFilter is what filters over phones may name.
const phoneFilter = "id, state, mac, name, site (the id), tags, vendor, model, oui, product_class, serial, software_version, hardware_version, last_inform, address, created and proof"

func phoneListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List phones",
		Example: `  phoneacs phone list
  phoneacs phone list --filter 'state = "pending"'
  phoneacs phone list --filter 'model = "X6U" AND tags:lobby' --all --json`,
		Args: count(0, 0),
	}
	return verb(listFlags(cmd, phoneFilter), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, phoneColumns(s.output), s.ListPhones)
	})
}

func phoneColumns(o *output) []column[client.Phone] {
	return []column[client.Phone]{
		{title: "ID", cell: func(p client.Phone) string { return p.ID }},
		{title: "STATE", state: true, cell: func(p client.Phone) string { return p.State }},
		{title: "MAC", cell: func(p client.Phone) string { return cmp.Or(p.MAC, p.Serial) }},
		{title: "MODEL", cell: func(p client.Phone) string { return p.Model }},
		{title: "VERSION", cell: func(p client.Phone) string { return p.SoftwareVersion }},
		{title: "SITE", cell: func(p client.Phone) string { return p.Site }},
		{title: "SEEN", cell: func(p client.Phone) string { return o.ago(p.LastInform) }},
		{title: "NAME", cell: func(p client.Phone) string { return p.Name }},
		{title: "TAGS", cell: func(p client.Phone) string { return strings.Join(p.Tags, " ") }},
		{title: "HELD", cell: func(p client.Phone) string {
			if p.Held {
				return "held"
			}
			return ""
		}},
	}
}
