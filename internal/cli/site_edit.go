package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// waysUsage is what flags for the ways of a site say.
const waysUsage = "`ways` in which its phones are made to speak, in this order: http, udp, schedule-inform, periodic-inform, schedule-download; " +
	"empty: the first four"

func siteEditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "edit SITE",
		Short: "Change name, zone, networks, URL and ways of a site",
		Long: `Change what flags say of a site, and leave the rest. An empty value takes away
what was said. Its zone decides when windows without a zone of their own open
for its phones.`,
		Example: `  phoneacs site edit berlin --zone Europe/Berlin
  phoneacs site edit s2 --name 'Berlin Mitte' --network 10.1.0.0/16,10.2.0.0/16`,
		Args: count(1, 1), ValidArgsFunction: complete(1, siteWords),
	}
	f := cmd.Flags()
	f.String("name", "", "`name`")
	f.String("zone", "", "IANA `zone`; empty: the server's")
	f.StringSlice("network", nil, "`networks` (CIDR) of its phones, in place of those it has")
	f.String("url", "", "scheme and host that its `phones` reach the server by; empty: the server's")
	f.StringSlice("ways", nil, waysUsage)
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		var p client.SitePatch
		for name, field := range map[string]**string{"name": &p.Name, "zone": &p.Zone, "url": &p.URL} {
			if f.Changed(name) {
				v := s.flag(name)
				*field = &v
			}
		}
		for name, field := range map[string]**[]string{"network": &p.Networks, "ways": &p.Ways} {
			if f.Changed(name) {
				words, err := f.GetStringSlice(name)
				if err != nil {
					return err
				}
				words = append([]string{}, words...)
				*field = &words
			}
		}
		if p == (client.SitePatch{}) {
			return usage("say what is to be changed; see `%s --help`", cmd.CommandPath())
		}
		site, err := s.UpdateSite(ctx, args[0], p)
		if err != nil {
			return err
		}
		return s.show(site, func() error { return s.site(site) })
	})
}

func siteDeleteCommand() *cobra.Command {
	cmd := goneCommand("delete SITE", "Take a site away that nothing is of any more", "site delete berlin", (*client.Client).DeleteSite)
	cmd.ValidArgsFunction = complete(1, siteWords)
	return cmd
}
