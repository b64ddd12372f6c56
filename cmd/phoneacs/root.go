package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/internal/app"
	"phoneacs/internal/simcli"
)

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "phoneacs",
		Short: "Manage a fleet of IP phones over TR-069",
		Long: `phoneacs takes a fleet of IP phones from the box to managed and keeps it there:
phones inform over TR-069 (CWMP), operators order jobs, and a job counts as
done when the phone shows it.

` + strings.TrimSuffix(statusHelp(), "\n"),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		// Those that cobra adds are not held to the exit statuses.
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w; see `%s --help`", err, cmd.CommandPath())}
	})
	cmd.SetHelpCommand(helpCommand())
	cmd.DisableAutoGenTag = true
	cmd.AddCommand(serveCommand(), simcli.Command("sim", true), versionCommand(), completionCommand(), manCommand())
	return cmd
}

// noArgs refuses arguments, a misspelt command among them.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{fmt.Errorf("%q is not understood; see `%s --help`", args[0], cmd.CommandPath())}
	}
	return nil
}

func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Print what a command does and takes",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return noArgs(cmd.Root(), args)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "phoneacs", app.Version)
			return err
		},
	}
}
