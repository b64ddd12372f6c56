package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"phoneacs/internal/app"
)

func serveCommand() *cobra.Command {
	var cfg app.Config
	var check bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve phones and operators",
		Long: `Serve phones (CWMP and files) and operators (the admin API).

Each setting is taken from its flag, else from its environment variable, else
from the configuration file, else from its default. The file is YAML; its keys
are the names of the flags. ` + app.TokenVariable + ` is the first admin token of a
store that has none; without it, one is made. ` + app.KeyVariable + ` is the key that seals
secrets in the store; without it, it is in the file key of the data directory.

SIGHUP has the settings read again from the same places. The log level, and the
files of certificates and quirks, change at once; of other settings that have
changed the log says that they need a restart. If anything cannot be used,
nothing changes.`,
		Example: `  phoneacs serve
  phoneacs serve --data /var/lib/phoneacs --public-url http://acs.example.com:7547
  phoneacs serve --cwmp-tls :7548 --tls-cert chain.pem --tls-key key.pem
  PHONEACS_ENROL=open phoneacs serve --cwmp 127.0.0.1:7547
  phoneacs serve --demo 50
  phoneacs serve --config /etc/phoneacs.yaml --check`,
		Args: noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := gather(&cfg, cmd.Flags()); err != nil {
				return err
			}
			return cfg.Validate()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if check {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "the configuration can be used")
				return err
			}
			again := func() (app.Config, error) { return settingsAgain(cmd.Flags()) }
			return serve(cmd.Context(), cfg, again, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	settings(cmd.Flags(), &cfg)
	cmd.Flags().BoolVar(&check, "check", false, "check the configuration and end")
	return cmd
}

// demoDefaults leaves out what nobody has told and a demo does otherwise: where
// its data are, and that it listens on loopback.
func demoDefaults(cfg *app.Config, flags *pflag.FlagSet) {
	told := func(name string) bool { return flags.Changed(name) || cfg.From[name] != "" }
	if cfg.Demo == 0 {
		return
	}
	if !told("data") {
		cfg.Data = ""
	}
	if !told("cwmp") {
		cfg.CWMP = "127.0.0.1:7547"
	}
}

func serve(ctx context.Context, cfg app.Config, again func() (app.Config, error), stdout, stderr io.Writer) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // from now on it ends nothing
	defer signal.Stop(hangups)
	var terminal io.Writer
	if f, ok := stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		terminal = f
	}
	a, err := app.New(ctx, cfg, stderr, terminal)
	switch {
	case errors.Is(err, context.Canceled) && exitStatus(err) == exitFailed:
		return nil // asked to end while it started, and it has
	case err != nil:
		return err
	}
	_, _ = fmt.Fprint(stdout, a.Banner()) // that nobody can read it is no reason not to serve
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go reloadAt(ctx, hangups, a, again)
	return a.Run(ctx)
}
