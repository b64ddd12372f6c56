package cli

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func standingCommand() *cobra.Command {
	return noun("standing", "Say what each phone is ordered when it is let in",
		standingListCommand(),
		oneCommand("show ID", "Show one standing order", "standing show o4", (*client.Client).GetStandingOrder),
		standingAddCommand(), standingReplaceCommand(),
		goneCommand("delete ID", "Take a standing order away; the jobs that it made stay", "standing delete o4", (*client.Client).DeleteStandingOrder))
}

func standingListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List standing orders", Example: `  phoneacs standing list`, Args: count(0, 0)}
	return verb(listFlags(cmd, ""), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, standingColumns(), s.ListStandingOrders)
	})
}

func standingColumns() []column[client.StandingOrder] {
	return []column[client.StandingOrder]{
		{title: "ID", cell: func(o client.StandingOrder) string { return o.ID }},
		{title: "NAME", cell: func(o client.StandingOrder) string { return o.Name }},
		{title: "STATE", state: true, cell: func(o client.StandingOrder) string {
			if o.Paused {
				return "paused"
			}
			return "active"
		}},
		{title: "FOR", cell: func(o client.StandingOrder) string { return cmp.Or(o.Filter, "all") }},
		{title: "ITEMS", cell: func(o client.StandingOrder) string {
			var kinds []string
			for _, i := range o.Items {
				kinds = append(kinds, i.Kind)
			}
			return strings.Join(kinds, ", ")
		}},
		{title: "APPLIED", right: true, cell: func(o client.StandingOrder) string { return number(o.Applied) }},
	}
}

// standingForm is what a file says of one.
const standingForm = `The file, or standard input where it is named -, holds it in JSON, as the API
takes it.`

const standingExample = `'{"name": "first", "all": true, "items": [{"kind": "reboot"}]}'`

func standingAddCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "add FILE", Short: "Add a standing order", Long: "Add a standing order.\n\n" + standingForm,
		Example: "  echo " + standingExample + " | phoneacs standing add -", Args: count(1, 1),
	}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		var n client.NewStandingOrder
		if err := s.readJSON(args[0], &n); err != nil {
			return err
		}
		o, err := s.CreateStandingOrder(ctx, n)
		if err != nil {
			return err
		}
		return s.show(o, func() error { return newTable(s.output, standingColumns()).page([]client.StandingOrder{o}) })
	})
}

func standingReplaceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "replace ID FILE", Short: "Put a standing order in the place of another", Long: "Put a standing order in the place of another; its counts go on. What is secret must\nbe given again.\n\n" + standingForm,
		Example: "  phoneacs standing replace o4 order.json", Args: count(2, 2),
	}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		var n client.NewStandingOrder
		if err := s.readJSON(args[1], &n); err != nil {
			return err
		}
		o, err := s.ReplaceStandingOrder(ctx, args[0], n)
		if err != nil {
			return err
		}
		return s.show(o, func() error { return newTable(s.output, standingColumns()).page([]client.StandingOrder{o}) })
	})
}
