package simcli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/internal/sim"
)

// ErrStrict reports a run that --strict does not let pass.
var ErrStrict = errors.New("the server did not do well")

func run(cmd *cobra.Command, f *flags) error {
	f.phonesTold = cmd.Flags().Changed("phones")
	f.fromEnvironment(cmd)
	fleet, err := f.fleet(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	if f.guarded && !f.test {
		if err := f.guard(cmd.Context()); err != nil {
			return err
		}
	}
	if f.guarded {
		first, last := fleet.Phone(0).MAC(), fleet.Phone(fleet.Len()-1).MAC()
		fmt.Fprintf(cmd.ErrOrStderr(), "%d simulated phones, MAC %s to %s, enrol at %s\n", fleet.Len(), first, last, f.o.ACS)
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	if f.duration > 0 {
		ctx, cancel = context.WithTimeout(ctx, f.duration)
		defer cancel()
	}
	ended := make(chan error, 1)
	go func() { ended <- fleet.Run(ctx) }()
	if err := f.watch(fleet, ended, newProgress(cmd.ErrOrStderr())); err != nil {
		return err
	}
	s := fleet.Stats()
	if err := report(cmd.OutOrStdout(), s, f.json); err != nil {
		return err
	}
	if f.strict && (s.Failed > 0 || s.Breaches > 0) {
		return fmt.Errorf("%w: %d sessions failed, %d rules broken", ErrStrict, s.Failed, s.Breaches)
	}
	return nil
}

// fromEnvironment takes the passwords that no flag tells.
func (f *flags) fromEnvironment(cmd *cobra.Command) {
	for _, p := range []struct {
		flag, variable string
		to             *string
	}{{"password", passwordVariable, &f.o.Password}, {"cr-password", crPasswordVariable, &f.o.ConnReqPassword}} {
		if v, ok := os.LookupEnv(p.variable); ok && !cmd.Flags().Changed(p.flag) {
			*p.to = v
		}
	}
}

// watch cuts the power and shows the progress until the fleet has ended.
func (f *flags) watch(fleet *sim.Fleet, ended <-chan error, p *progress) error {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	var cut <-chan time.Time
	if f.powerCutEvery > 0 {
		t := time.NewTicker(f.powerCutEvery)
		defer t.Stop()
		cut = t.C
	}
	var once <-chan time.Time
	if f.powerCutAt > 0 {
		t := time.NewTimer(f.powerCutAt)
		defer t.Stop()
		once = t.C
	}
	for {
		select {
		case err := <-ended:
			p.clear()
			return err
		case <-second.C:
			p.show(fleet.Stats())
		case <-cut:
			fleet.PowerCut()
		case <-once:
			fleet.PowerCut()
		}
	}
}

// fleet makes the phones that the flags describe.
func (f *flags) fleet(said io.Writer) (*sim.Fleet, error) {
	if f.o.ACS == "" {
		return nil, fmt.Errorf("%w: --acs is missing; see --help", ErrUsage)
	}
	if f.o.CallEvery == 0 {
		f.o.CallFor = 0
	}
	if f.powerCutEvery < 0 || f.powerCutAt < 0 || f.duration < 0 || f.behaveShare < 0 || f.behaveShare > 1 {
		return nil, fmt.Errorf("%w: --power-cut-every, --power-cut-at and --duration are never negative, --behave-share is 0 to 1", ErrUsage)
	}
	var err error
	if f.o.Start, err = sim.ParseMAC(f.startMAC); err != nil {
		return nil, fmt.Errorf("%w: --start-mac: %w", ErrUsage, err)
	}
	behaviour, err := sim.ParseBehaviour(f.behave)
	if err != nil {
		return nil, fmt.Errorf("%w: --behave: %w", ErrUsage, err)
	}
	behaviour.Dialects = append(behaviour.Dialects, f.dialects...)
	if err := behaviour.Check(); err != nil {
		return nil, fmt.Errorf("%w: --dialect: %w", ErrUsage, err)
	}
	if f.o.TLS, err = f.tls(); err != nil {
		return nil, err
	}
	deliver, err := f.alike(said)
	if err != nil {
		return nil, err
	}
	fleet := sim.New(f.o)
	if err := fleet.Check(); err != nil {
		return nil, err
	}
	for i := range fleet.Len() {
		if deliver != nil {
			fleet.Phone(i).Deliver(deliver[i])
		}
		// The ones that misbehave lie evenly among the others.
		if int(float64(i+1)*f.behaveShare) > int(float64(i)*f.behaveShare) {
			fleet.Phone(i).Set(behaviour)
		}
	}
	return fleet, nil
}

func (f *flags) tls() (*tls.Config, error) {
	cfg := &tls.Config{InsecureSkipVerify: f.insecure, ClientSessionCache: tls.NewLRUClientSessionCache(0)}
	if f.ca == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(f.ca)
	if err != nil {
		return nil, fmt.Errorf("read authority: %w", err)
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read authority: no certificate in %s", f.ca)
	}
	return cfg, nil
}
