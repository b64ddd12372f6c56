package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"phoneacs/internal/app"
)

// gather fills in a configuration whose flags have been read: from the
// environment, the file, and what is never a flag.
func gather(cfg *app.Config, flags *pflag.FlagSet) (err error) {
	if cfg.From, err = fillSettings(flags, os.LookupEnv); err != nil {
		return err
	}
	cfg.AdminToken, cfg.Key = os.Getenv(app.TokenVariable), os.Getenv(app.KeyVariable)
	cfg.EnrolPassword = os.Getenv(app.EnrolPasswordVariable)
	demoDefaults(cfg, flags)
	return nil
}

// settingsAgain reads all settings anew, as they were when the program started
// where it was the command line that said them.
func settingsAgain(was *pflag.FlagSet) (cfg app.Config, err error) {
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	settings(flags, &cfg)
	flags.VisitAll(func(f *pflag.Flag) {
		old := was.Lookup(f.Name)
		if !old.Changed || err != nil {
			return
		}
		f.Changed = true
		if list, ok := old.Value.(pflag.SliceValue); ok {
			err = f.Value.(pflag.SliceValue).Replace(list.GetSlice())
		} else {
			err = f.Value.Set(old.Value.String())
		}
	})
	if err != nil {
		return cfg, fmt.Errorf("flags: %w", err)
	}
	return cfg, gather(&cfg, flags)
}

// reloadAt reads the settings again at each signal, until ctx ends.
func reloadAt(ctx context.Context, signals <-chan os.Signal, a *app.App, again func() (app.Config, error)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
		}
		if cfg, err := again(); err != nil {
			a.ReloadFailed(ctx, err)
		} else {
			_ = a.Reload(ctx, cfg) // which has logged it
		}
	}
}
