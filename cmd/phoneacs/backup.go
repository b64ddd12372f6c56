package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"phoneacs/internal/app"
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

func backupCommand() *cobra.Command {
	var data, output string
	var secrets bool
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Write a backup of a data directory that no server has open",
		Long: `Write a backup of a data directory that no server has open: the store, and the
files and uploads that it refers to, in one archive (tar, packed by gzip) with a
manifest of their digests. A store of an older layout is migrated first.

Passwords and other sealed secrets are left out. Phones are then issued new
logins after a restore, jobs that were to send a secret end, and standing orders
with one are paused. With --with-secrets they stay in, sealed; the key that opens
them never is in a backup: keep the file key of the data directory apart from it.
Files and uploads are in it as they are, with what passwords they have.

A running server makes backups by POST /api/v1/backups.`,
		Example: `  phoneacs backup --data /var/lib/phoneacs --output phoneacs.tar.gz`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output == "" {
				return &usageError{errors.New("--output: needs a file")}
			}
			b, err := app.OfflineBackup(cmd.Context(), data, output, secrets, os.Getenv(app.KeyVariable))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes, sha256 %s\n%d phones, %d jobs, %d files, %d uploads; %s\n", output,
				b.Size, b.SHA256, b.Counts.Phones, b.Counts.Jobs, b.Counts.Files, b.Counts.Uploads, secretsWords(b.Secrets))
			return err
		},
	}
	offline(cmd, &data)
	cmd.Flags().StringVar(&output, "output", "", "`file` to write, which must not exist")
	cmd.Flags().BoolVar(&secrets, "with-secrets", false, "leave sealed secrets in; the key is never in it")
	return cmd
}

func secretsWords(in bool) string {
	if in {
		return "sealed secrets are in it, their key is not"
	}
	return "secrets were left out"
}
