package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// shells are those that completions are written for.
var shells = []struct {
	name, how string
	write     func(root *cobra.Command, w io.Writer) error
}{
	{"bash", "source <(phoneacs completion bash)", func(c *cobra.Command, w io.Writer) error { return c.GenBashCompletionV2(w, true) }},
	{"zsh", `phoneacs completion zsh > "${fpath[1]}/_phoneacs"`, (*cobra.Command).GenZshCompletion},
	{"fish", "phoneacs completion fish | source", func(c *cobra.Command, w io.Writer) error { return c.GenFishCompletion(w, true) }},
}

func completionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "completion",
		Short: "Print a shell's completions",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, shell := range shells {
		cmd.AddCommand(&cobra.Command{
			Use:     shell.name,
			Short:   "Print the completions of " + shell.name,
			Example: "  " + shell.how,
			Args:    noArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				if err := shell.write(cmd.Root(), cmd.OutOrStdout()); err != nil {
					return fmt.Errorf("write completions: %w", err)
				}
				return nil
			},
		})
	}
	return cmd
}
