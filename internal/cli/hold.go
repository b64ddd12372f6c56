package cli

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func holdCommand() *cobra.Command {
	return noun("hold", "Stop every change and restart, and go on", holdListCommand(), holdSetCommand(), holdClearCommand())
}

func holdListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the holds in force",
		Example: `  phoneacs hold list`,
		Args:    count(0, 0),
	}
	return verb(listFlags(cmd, ""), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, []column[client.Hold]{
			{title: "OVER", cell: func(h client.Hold) string { return over(h.Scope) }},
			{title: "SINCE", cell: func(h client.Hold) string { return s.ago(h.Since) }},
			{title: "BY", cell: func(h client.Hold) string { return h.By }},
			{title: "REASON", cell: func(h client.Hold) string { return h.Reason }},
		}, s.ListHolds)
	})
}

// over is a scope in words.
func over(s client.Scope) string {
	switch {
	case s.All:
		return "all phones"
	case s.Site != "":
		return "site " + s.Site
	}
	return "phone " + cmp.Or(s.Phone, "?")
}

// scopeFlags declares what a hold is over.
func scopeFlags(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().Bool("all", false, "all phones")
	cmd.Flags().String("site", "", "the phones of a `site`, by id or name")
	cmd.Flags().String("phone", "", "one `phone`, by id, MAC or serial")
	offerSites(cmd)
	if err := cmd.RegisterFlagCompletionFunc("phone", complete(-1, phoneWords)); err != nil {
		panic(err) // the flag is not there, or completed twice
	}
	return cmd
}

func (s *session) scope() (client.Scope, error) {
	sc := client.Scope{Site: s.flag("site"), Phone: s.flag("phone"), All: s.isSet("all")}
	said := 0
	for _, is := range []bool{sc.Site != "", sc.Phone != "", sc.All} {
		if is {
			said++
		}
	}
	if said != 1 {
		return sc, usage("say what it is over: --all, --site SITE or --phone PHONE")
	}
	return sc, nil
}

func holdSetCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "set {--all | --site SITE | --phone PHONE}",
		Short: "Stop every change and restart from now on",
		Long:  "Stop every RPC that changes or restarts a phone, from when this returns on and over restarts of the server.",
		Example: `  phoneacs hold set --all --reason 'calls drop since noon'
  phoneacs hold set --site berlin`,
		Args: count(0, 0),
	}
	cmd.Flags().String("reason", "", "`why`, for whoever finds it")
	return verb(scopeFlags(cmd), func(ctx context.Context, s *session, _ []string) error {
		sc, err := s.scope()
		if err != nil {
			return err
		}
		h, err := s.SetHold(ctx, sc, s.flag("reason"))
		if err != nil {
			return err
		}
		return s.show(h, func() error { return s.say("%s: nothing is changed or restarted", over(h.Scope)) })
	})
}

func holdClearCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "clear {--all | --site SITE | --phone PHONE}",
		Short:   "Take a hold away",
		Long:    "Take a hold away; --all takes away the one over all phones, not all holds.",
		Example: `  phoneacs hold clear --site berlin`,
		Args:    count(0, 0),
	}
	return verb(scopeFlags(cmd), func(ctx context.Context, s *session, _ []string) error {
		sc, err := s.scope()
		if err != nil {
			return err
		}
		if err := s.ClearHold(ctx, sc); err != nil {
			return err
		}
		return s.show(map[string]client.Scope{"cleared": sc}, func() error { return s.say("the hold over %s is gone", over(sc)) })
	})
}
