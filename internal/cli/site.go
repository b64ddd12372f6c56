package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func siteCommand() *cobra.Command {
	return noun("site", "Look after places with phones", siteListCommand(), siteShowCommand(), siteAddCommand(), siteEditCommand(), siteDeleteCommand())
}

func siteListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List sites", Example: `  phoneacs site list`, Args: count(0, 0)}
	return verb(listFlags(cmd, ""), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, []column[client.Site]{
			{title: "ID", cell: func(p client.Site) string { return p.ID }},
			{title: "NAME", cell: func(p client.Site) string { return p.Name }},
			{title: "ZONE", cell: func(p client.Site) string { return p.Zone }},
			{title: "NETWORKS", cell: func(p client.Site) string { return strings.Join(p.Networks, " ") }},
			{title: "URL", cell: func(p client.Site) string { return p.URL }},
		}, s.ListSites)
	})
}

func siteShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show SITE", Short: "Show one site, by id or name", Example: `  phoneacs site show berlin`,
		Args: count(1, 1), ValidArgsFunction: complete(1, siteWords),
	}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		p, err := s.GetSite(ctx, args[0])
		if err != nil {
			return err
		}
		return s.show(p, func() error { return s.site(p) })
	})
}

// site prints what is known of one.
func (o *output) site(p client.Site) error {
	return o.facts([]fact{{"site", p.ID}, {"name", p.Name}, {"zone", p.Zone}, {"networks", strings.Join(p.Networks, " ")}, {"url", p.URL}, {"ways", strings.Join(p.Ways, " ")}})
}

func siteAddCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add a site",
		Example: `  phoneacs site add berlin --zone Europe/Berlin --network 10.1.0.0/16`,
		Args:    count(1, 1),
	}
	cmd.Flags().String("zone", "", "IANA `zone`, as in Europe/Berlin; not given: the server's")
	cmd.Flags().StringSlice("network", nil, "`networks` (CIDR) of its phones")
	cmd.Flags().String("url", "", "scheme and host that its `phones` reach the server by; not given: the server's")
	cmd.Flags().StringSlice("ways", nil, waysUsage)
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		ways, err := cmd.Flags().GetStringSlice("ways")
		if err != nil {
			return err
		}
		networks, err := cmd.Flags().GetStringSlice("network")
		if err != nil {
			return err
		}
		p, err := s.CreateSite(ctx, client.Site{Name: args[0], Zone: s.flag("zone"), Networks: networks, URL: s.flag("url"), Ways: ways})
		if err != nil {
			return err
		}
		return s.show(p, func() error { return s.site(p) })
	})
}
