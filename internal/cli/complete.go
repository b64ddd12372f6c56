package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// completeTime bounds how long a shell waits for words.
const completeTime = 2 * time.Second

// completion is what cobra asks for words that may follow.
type completion = func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective)

// complete offers what a server lists, as words with a description, for the
// first n arguments; n < 0: for any. Without a server it offers nothing.
func complete(n int, words func(context.Context, *client.Client) ([]cobra.Completion, error)) completion {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if n >= 0 && len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		s, err := open(cmd)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completeTime)
		defer cancel()
		all, err := words(ctx, s.Client)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var fit []cobra.Completion
		for _, w := range all {
			if strings.HasPrefix(w, begun) {
				fit = append(fit, w)
			}
		}
		return fit, cobra.ShellCompDirectiveNoFileComp
	}
}

// word is an offer; what describes it is made harmless.
func word(text string, about ...string) cobra.Completion {
	return cobra.CompletionWithDesc(plain(text), plain(strings.Join(strings.Fields(strings.Join(about, " ")), " ")))
}

// Offers of a page each.
var (
	phoneWords = func(ctx context.Context, c *client.Client) (all []cobra.Completion, err error) {
		page, err := c.ListPhones(ctx, client.Query{Limit: maxPage})
		for _, p := range page.Items {
			all = append(all, word(p.ID, p.Model, p.Name, p.MAC))
			if p.MAC != "" {
				all = append(all, word(p.MAC, p.Model, p.Name))
			}
		}
		return all, err
	}
	jobWords = func(ctx context.Context, c *client.Client) (all []cobra.Completion, err error) {
		page, err := c.ListJobs(ctx, client.Query{Limit: 100})
		for _, j := range page.Items {
			all = append(all, word(j.ID, j.Kind, j.State))
		}
		return all, err
	}
	fileWords = func(ctx context.Context, c *client.Client) (all []cobra.Completion, err error) {
		page, err := c.ListFiles(ctx, client.Query{Limit: maxPage})
		for _, f := range page.Items {
			all = append(all, word(f.ID, f.Name, f.Version), word(f.Name, f.Kind, f.Version))
		}
		return all, err
	}
	siteWords = func(ctx context.Context, c *client.Client) (all []cobra.Completion, err error) {
		page, err := c.ListSites(ctx, client.Query{Limit: maxPage})
		for _, s := range page.Items {
			all = append(all, word(s.ID, s.Name), word(s.Name, s.ID))
		}
		return all, err
	}
)
