package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/internal/app"
)

func restoreCommand() *cobra.Command {
	var r app.Restore
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a data directory of a backup",
		Long: `Make a data directory of a backup. The archive is unpacked beside the directory
(DIRECTORY.restore-tmp) and held against its manifest; its store is opened and
proven sound. Only then does it take the directory's name. A directory with
anything but the file key in it is replaced only with --replace, and is kept as
DIRECTORY.before-restore-TIME; its key and its certificate authority are taken
over.

What phones were told after the backup was made is not known any more: a job that
was waiting then runs again. With --hold nothing that changes or restarts a phone
is sent until somebody has looked and cleared the hold.`,
		Example: `  phoneacs restore phoneacs.tar.gz --data /var/lib/phoneacs --replace --hold`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{fmt.Errorf("needs the file of a backup; see `%s --help`", cmd.CommandPath())}
			}
			return noArgs(cmd, args[1:])
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			r.File, r.Key, r.Now = args[0], os.Getenv(app.KeyVariable), time.Now()
			done, err := r.Run(cmd.Context())
			if err != nil {
				return err
			}
			return tellRestored(cmd.OutOrStdout(), &r, &done)
		},
	}
	offline(cmd, &r.Data)
	cmd.Flags().BoolVar(&r.Replace, "replace", false, "replace a directory that is not empty; the old one is kept beside it")
	cmd.Flags().BoolVar(&r.Hold, "hold", false, "hold the fleet until somebody has looked")
	return cmd
}

func tellRestored(w io.Writer, r *app.Restore, done *app.Restored) error {
	m := &done.Manifest
	text := fmt.Sprintf("%s is now as it was at %s: %d phones, %d jobs, %d files, %d uploads\n", r.Data,
		m.Made.Format(time.RFC3339), m.Counts.Phones, m.Counts.Jobs, m.Counts.Files, m.Counts.Uploads)
	if !m.Secrets {
		text += fmt.Sprintf("Secrets were left out of this backup: %d phones are issued new logins at their next session. "+
			"Until then they are admitted as the server admits phones without a login; with --enrol-user a phone that has only its lost login must be reset.\n", m.Counts.WithoutLogins)
		if n := m.Counts.EndedJobs; n > 0 {
			text += fmt.Sprintf("%d jobs were to send a secret and expire: order them again.\n", n)
		}
		if n := m.Counts.PausedOrders; n > 0 {
			text += fmt.Sprintf("%d standing orders have lost a secret and are paused: give it to them again.\n", n)
		}
	}
	if done.Old != "" {
		text += fmt.Sprintf("What was there before is in %s\n", done.Old)
	}
	if r.Hold {
		text += "The fleet is held: once somebody has looked, `phoneacs hold clear --all` lets it go on.\n"
	}
	_, err := io.WriteString(w, text)
	return err
}
