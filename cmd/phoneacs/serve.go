package main

import (
	"fmt"
	"os"
	"time"

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
are the names of the flags.`,
		Example: `  phoneacs serve
  phoneacs serve --data /var/lib/phoneacs --public-url http://acs.example.com:7547
  PHONEACS_ENROL=open phoneacs serve --cwmp 127.0.0.1:7547
  phoneacs serve --config /etc/phoneacs.yaml --check`,
		Args: noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if cfg.From, err = fillSettings(cmd.Flags(), os.LookupEnv); err != nil {
				return err
			}
			cfg.AdminToken = os.Getenv("PHONEACS_ADMIN_TOKEN")
			cfg.From["admin-token"] = "PHONEACS_ADMIN_TOKEN"
			return cfg.Validate()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if check {
				fmt.Fprintln(cmd.OutOrStdout(), "the configuration can be used")
				return nil
			}
			return serve(cmd, cfg)
		},
	}
	settings(cmd.Flags(), &cfg)
	cmd.Flags().BoolVar(&check, "check", false, "check the configuration and end")
	return cmd
}

func serve(cmd *cobra.Command, cfg app.Config) error {
	terminal := term.IsTerminal(int(os.Stdout.Fd()))
	a, err := app.New(cmd.Context(), cfg, cmd.ErrOrStderr(), terminal)
	if err != nil {
		return err
	}
	fmt.Fprint(cmd.OutOrStdout(), a.Banner())
	return a.Run(cmd.Context())
}

// settings declares what can be told to serve: the one table of it.
func settings(f *pflag.FlagSet, c *app.Config) {
	f.StringVar(&c.Data, "data", "phoneacs-data", "`directory` of the store")
	f.StringVar(&c.CWMP, "cwmp", ":7547", "`address` for phones: CWMP at /acs and /, files at /files/")
	f.StringVar(&c.Admin, "admin", "127.0.0.1:8080", "`address` of the admin API")
	f.StringVar(&c.PublicURL, "public-url", "", "scheme and host that phones reach this server by; not given: as each phone's own request says")
	f.StringVar(&c.Enrol, "enrol", "approve", "what happens to unknown phones: approve (an operator approves them), list (only imported ones) or open (all are let in)")
	f.StringSliceVar(&c.Networks, "phone-networks", nil, "`networks` (CIDR) where phones may be woken besides the address they informed from; loopback only if named here")
	f.StringSliceVar(&c.Proxies, "trusted-proxies", nil, "`networks` (CIDR) of proxies whose X-Forwarded-For is believed")
	f.StringSliceVar(&c.Hosts, "admin-hosts", nil, "`names` under which the admin API is reached, besides addresses and localhost")
	f.DurationVar(&c.Drain, "drain", 20*time.Second, "how long open sessions may go on when the server stops")
	f.StringVar(&c.Pprof, "pprof", "", "`address` that serves the runtime's profiles; not given: none")
	f.StringVar(&c.LogLevel, "log-level", "info", "debug, info, warn or error")
	f.StringVar(&c.LogFormat, "log-format", "text", "text or json")
	f.String("config", "", "YAML `file` with settings")
	f.SortFlags = false
	f.VisitAll(func(fl *pflag.Flag) { fl.Usage += " (" + envName(fl.Name) + ")" })
}
