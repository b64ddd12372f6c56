// Package simcli is the command line of simulated phones: `phonesim`, for tests
// of a server, and `phoneacs sim`, for an operator's own rehearsal.
//
// It knows flags, files and output and refuses to know anything about phones:
// those live in package sim, which shares nothing with the server.
package simcli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/internal/sim"
)

const long = `phonesim runs simulated IP phones in one process. Each opens real sessions over
real sockets, keeps its own parameters, fetches what it is told to fetch,
restarts when it is told to, and takes connection requests.

It runs until --duration is over or it is interrupted, and then writes an
account of the sessions: as text, or with --json as one JSON object on standard
output. While standard error is a terminal, a line there tells how it goes.

Exit status: 0 the run ended as asked, 1 it could not be carried out, 2 the
flags make no sense; with --strict, when a session failed or the server broke a
rule of TR-069, 3 of phonesim and 9 of phoneacs, which has others between.`

const examples = `  # a hundred phones of two models, an inform every 30 seconds
  phonesim --acs http://127.0.0.1:7547/ --phones 100 --models X6,V65 --interval 30s

  # two thousand phones lose their power each minute; retries come a hundred times sooner
  phonesim --acs http://127.0.0.1:7547/ --phones 2000 --spread 20s --power-cut-every 1m --retry-scale 0.01

  # one phone in ten drops its connection before it answers; stop after five minutes, for a script
  PHONESIM_PASSWORD=secret phonesim --acs https://acs.example.net/ --phones 50 --behave drop=before-answer --behave-share 0.1 --duration 5m --json --strict

  # a phone that packs its bodies, and whose connection requests are answered with folded headers
  phonesim --acs http://127.0.0.1:7547/ --dialect gzip,cr-folded

  # a firmware image that simulated X6 phones flash
  phonesim image --models X6,X6U --to 2.12.1 --size 4194304 --output x6.z`

// Variables that stand for flags which would show a secret in the list of processes.
const (
	passwordVariable   = "PHONESIM_PASSWORD"
	crPasswordVariable = "PHONESIM_CR_PASSWORD"
)

// flags are the command line of a run.
type flags struct {
	o             sim.Options
	startMAC      string
	behave        string
	dialects      []string
	behaveShare   float64
	powerCutEvery time.Duration
	duration      time.Duration
	insecure      bool
	ca            string
	json          bool
	strict        bool
	like          string
	powerCutAt    time.Duration
	guarded, test bool
	phonesTold    bool
}

// Command returns the command line that runs phones, by the name of its program
// or command, with all of its subcommands. Guarded, it first asks whether the
// server can be of real phones.
func Command(name string, guarded bool) *cobra.Command {
	f := flags{guarded: guarded}
	cmd := &cobra.Command{
		Use:           name,
		Short:         "Run simulated IP phones against a TR-069 server",
		Long:          named(name, long),
		Example:       named(name, examples),
		Args:          noArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd, &f) },
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", ErrUsage, err) })
	f.add(cmd)
	subs := []*cobra.Command{newImage(), newDialects(), newReplay()}
	for _, sub := range subs {
		sub.Long, sub.Example = named(name, sub.Long), named(name, sub.Example)
	}
	cmd.AddCommand(subs...)
	if guarded {
		cmd.Long += guardHelp
		cmd.Example = strings.ReplaceAll(cmd.Example, "sim --acs", "sim --"+guardFlag+" --acs")
		cmd.Flags().BoolVar(&f.test, guardFlag, false, "the server has no real phones, and may be filled with simulated ones")
	}
	return cmd
}

// named puts the name by which the program is called for that of phonesim.
func named(name, text string) string {
	switch name {
	case "phonesim":
		return text
	default:
		return strings.ReplaceAll(text, "phonesim", "phoneacs "+name)
	}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%w: %q is not understood; see %s --help", ErrUsage, args[0], cmd.CommandPath())
	}
	return nil
}

func (f *flags) add(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&f.o.ACS, "acs", "", "URL of the ACS, http or https")
	fs.IntVar(&f.o.Phones, "phones", 1, "how many phones")
	fs.StringSliceVar(&f.o.Models, "models", nil, "models, dealt out in turn: "+strings.Join(sim.Models(), " ")+" (default all)")
	fs.StringVar(&f.like, "like", "", "file with an export of phones (CSV, or JSON as GET /api/v1/phones gives it): the same mix of models and versions")
	fs.StringVar(&f.startMAC, "start-mac", "0c383e000001", "MAC of the first phone; the others count up")
	fs.Int64Var(&f.o.Seed, "seed", 1, "the same seed gives the same phones, waits and phases")
	fs.StringVar(&f.o.Version, "cwmp", "", "CWMP version, 1.0 to 1.4 (default that of the model)")

	fs.StringVar(&f.o.Username, "user", "", "user at the ACS (default OUI-ProductClass-SerialNumber)")
	fs.StringVar(&f.o.Password, "password", "", "password at the ACS; others can see it here, but not in "+passwordVariable)
	fs.StringVar(&f.o.ConnReqUsername, "cr-user", "dps", "user of connection requests")
	fs.StringVar(&f.o.ConnReqPassword, "cr-password", "dps", "password of connection requests; others can see it here, but not in "+crPasswordVariable)
	fs.StringVar(&f.o.ListenCR, "listen-cr", "127.0.0.1:0", "address for connection requests, \"off\" for none")
	fs.BoolVar(&f.o.OwnListeners, "own-listeners", false, "a listener for each phone")
	fs.StringVar(&f.o.STUN, "stun", "", "the phones know STUN, to be woken through a NAT: 3489, 5389 or unpadded (default they do not)")
	fs.StringVar(&f.o.STUNServer, "stun-server", "", "host:port at which they keep a binding (default once the ACS says)")
	fs.DurationVar(&f.o.STUNEvery, "stun-every", 0, "pause between keep-alives (default as the ACS says)")
	fs.StringVar(&f.ca, "ca", "", "PEM file of the authority that signed the ACS's certificate")
	fs.BoolVar(&f.insecure, "insecure", false, "take any certificate")

	fs.DurationVar(&f.o.PeriodicInterval, "interval", time.Hour, "pause between periodic informs, negative for none")
	fs.Float64Var(&f.o.RetryScale, "retry-scale", 1, "factor on the waits of the retry policy")
	fs.DurationVar(&f.o.Spread, "spread", 0, "switch the phones on at random within this time")
	fs.DurationVar(&f.o.BootTime, "boot-time", 0, "a restart takes one to two times this")
	fs.DurationVar(&f.o.Timeout, "timeout", 30*time.Second, "wait for a connection or an answer")
	fs.IntVar(&f.o.Concurrency, "concurrency", 512, "sessions and fetches open at once")
	fs.BoolVar(&f.o.Known, "known", false, "the phones have met this ACS before: no 0 BOOTSTRAP")
	fs.StringSliceVar(&f.o.InformParams, "inform-param", nil, "further parameter of each Inform, without the root")

	fs.StringVar(&f.behave, "behave", "", "how phones misbehave, by commas: "+strings.Join(sim.BehaviourWords(), " "))
	fs.StringSliceVar(&f.dialects, "dialect", nil, "how phones depart from the letter; \"phonesim dialects\" lists them")
	fs.Float64Var(&f.behaveShare, "behave-share", 1, "share of the phones that do either, 0 to 1")
	fs.DurationVar(&f.powerCutEvery, "power-cut-every", 0, "cut the power of all phones at once, again and again")
	fs.DurationVar(&f.powerCutAt, "power-cut-at", 0, "cut the power of all phones once, after this time")
	fs.DurationVar(&f.o.CallEvery, "call-every", 0, "the first line of each phone has a call so often (TR-104 CallState); 0s: none")
	fs.DurationVar(&f.o.CallFor, "call-for", 2*time.Minute, "how long a call of --call-every lasts")
	fs.DurationVar(&f.duration, "duration", 0, "stop after this time (default when interrupted)")
	fs.BoolVar(&f.json, "json", false, "write the account as JSON")
	fs.BoolVar(&f.strict, "strict", false, "exit with 3 when a session failed or the server broke a rule")
}
