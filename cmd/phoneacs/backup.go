package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"phoneacs/admin/client"
	"phoneacs/db"
	"phoneacs/internal/app"
	"phoneacs/internal/cli"
)

// dataFlag declares the data directory of a command that works without a server.
func dataFlag(f *pflag.FlagSet, into *string) {
	f.StringVar(into, "data", "phoneacs-data", "`directory` of the store; no server may have it open ("+envName("data")+")")
	f.SortFlags = false
}

// fillData takes --data from the environment, as serve does.
func fillData(cmd *cobra.Command) error {
	f := cmd.Flags().Lookup("data")
	if v, ok := os.LookupEnv(envName("data")); ok && !f.Changed {
		if err := f.Value.Set(v); err != nil {
			return &usageError{fmt.Errorf("%s=%q: %w", envName("data"), v, err)}
		}
	}
	if f.Value.String() == "" {
		return &usageError{errors.New("--data: needs a directory")}
	}
	return nil
}

// offline gives a command what all on a data directory have.
func offline(cmd *cobra.Command, data *string) *cobra.Command {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error { return fillData(cmd) }
	dataFlag(cmd.Flags(), data)
	return cmd
}

// backupCommand is the one of package cli, which asks a server, with what it
// takes to do without one.
func backupCommand() *cobra.Command {
	return cli.Backup(cli.Offline{
		Has:  app.HasStore,
		Held: func(err error) bool { return errors.Is(err, db.ErrLocked) },
		Write: func(ctx context.Context, data, output string, secrets bool, told func(done, total int64)) (client.Backup, error) {
			b, err := app.OfflineBackup(ctx, data, output, secrets, os.Getenv(app.KeyVariable), told)
			return client.Backup{
				State: string(b.State), Made: b.Made, Version: b.Version, Layout: b.Layout, Secrets: b.Secrets, Size: b.Size, SHA256: b.SHA256,
				Counts: client.BackupCounts(b.Counts),
			}, err
		},
	})
}
