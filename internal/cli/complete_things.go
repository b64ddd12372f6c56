package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// things are offers for commands that take one of what their list lists, by the
// command that has the list.
var things = map[string]func(context.Context, *client.Client) ([]cobra.Completion, error){
	"backup": func(ctx context.Context, c *client.Client) ([]cobra.Completion, error) {
		page, err := c.ListBackups(ctx)
		return words(page, func(b client.Backup) cobra.Completion { return word(b.ID, b.State) }), err
	},
	"recurring": func(ctx context.Context, c *client.Client) ([]cobra.Completion, error) {
		page, err := c.ListRecurringJobs(ctx, client.Query{Limit: maxPage})
		return words(page, func(r client.RecurringJob) cobra.Completion { return word(r.ID, r.Name, r.Kind) }), err
	},
	"rule": func(ctx context.Context, c *client.Client) ([]cobra.Completion, error) {
		page, err := c.ListEnrolmentRules(ctx, client.Query{Limit: maxPage})
		return words(page, func(r client.EnrolmentRule) cobra.Completion { return word(r.ID, r.Action, r.Note) }), err
	},
	"standing": func(ctx context.Context, c *client.Client) ([]cobra.Completion, error) {
		page, err := c.ListStandingOrders(ctx, client.Query{Limit: maxPage})
		return words(page, func(o client.StandingOrder) cobra.Completion { return word(o.ID, o.Name) }), err
	},
	"token": func(ctx context.Context, c *client.Client) ([]cobra.Completion, error) {
		page, err := c.ListTokens(ctx, client.Query{Limit: maxPage})
		return words(page, func(t client.Token) cobra.Completion { return word(t.ID, t.Name, t.Role) }), err
	},
}

func words[T any](page client.Page[T], of func(T) cobra.Completion) (all []cobra.Completion) {
	for _, t := range page.Items {
		all = append(all, of(t))
	}
	return all
}

// completeThing offers one of things.
func completeThing(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	offer, ok := things[under(cmd)]
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return complete(1, offer)(cmd, args, begun)
}
