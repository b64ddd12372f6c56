package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/internal/app"
	"phoneacs/internal/cli"
	"phoneacs/internal/simcli"
)

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "phoneacs",
		Short: "Manage a fleet of IP phones over TR-069",
		Long: `phoneacs takes a fleet of IP phones from the box to managed and keeps it there:
phones inform over TR-069 (CWMP), operators order jobs, and a job counts as
done when the phone shows it.

Alone, it says how things stand at the server. Where the server is, and what
proves who asks, is taken from --server and --token, else from ` + cli.ServerVariable + `
and ` + cli.TokenVariable + `, else it is the server of this machine.

` + strings.TrimSuffix(statusHelp(), "\n"),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		Example: `  phoneacs
  phoneacs serve
  phoneacs phone list --filter 'state = "pending"'
  phoneacs job reboot --filter 'tags:lobby' --watch`,
		// Those that cobra adds are not held to the exit statuses.
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w; see `%s --help`", err, cmd.CommandPath())}
	})
	cmd.SetHelpCommand(helpCommand())
	cmd.DisableAutoGenTag = true
	cmd.AddCommand(serveCommand(), simcli.Command("sim", true), backupCommand(), restoreCommand(), checkCommand(), compactCommand(), versionCommand(), completionCommand(), manCommand())
	cmd.AddCommand(withoutServer(cli.Commands())...)
	cli.Status(cmd)
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
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version and, where a server is named, the server's",
		Example: `  phoneacs version
  phoneacs version --server acs.example.net:8080`,
		Args: noArgs,
	}
	cli.Version(cmd, app.Version)
	return cmd
}
