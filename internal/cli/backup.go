package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// Offline is how a backup is made of a data directory that no server has open.
// It needs the store, which this package does not know.
type Offline struct {
	// Has reports whether there is a store in a directory.
	Has func(data string) bool
	// Write writes a backup to a file that must not exist; told hears how many
	// bytes have gone in, of how many.
	Write func(ctx context.Context, data, output string, secrets bool, told func(done, total int64)) (client.Backup, error)
	// Held reports whether an error of Write says that a server has the directory.
	Held func(error) bool
}

// Backup makes the command that makes backups, of a server at work and of a
// data directory alike, and those that look at what a server keeps.
func Backup(off Offline) *cobra.Command {
	cmd := noun("backup", "Make a backup, of a server at work or of a data directory",
		backupListCommand(), backupFetchCommand(), backupDeleteCommand())
	cmd.Long = `Make a backup: the store, and the files and uploads that it refers to, in one
archive (tar, packed by gzip) with a manifest of their digests.

With --server, or ` + ServerVariable + `, it is made by that server, which goes on working,
and then fetched. Else it is made of the data directory (--data); where a server
has that open, by the server of this machine. A data directory without a server
is opened, and a store of an older layout is migrated first.

The archive has the name --output only once it is whole and its digest is as the
server said. Without --output it stays at the server, which keeps the last few.

Passwords and other sealed secrets are left out. Phones are then issued new
logins after a restore, jobs that were to send a secret end, and standing orders
with one are paused. With --with-secrets they stay in, sealed; the key that opens
them never is in a backup: keep the file key of the data directory apart from it.
Files and uploads are in it as they are, with what passwords they have.`
	cmd.Example = `  phoneacs backup --output phoneacs.tar.gz
  phoneacs backup --server acs.example.net:8080 --output phoneacs.tar.gz
  phoneacs backup --data /var/lib/phoneacs --output phoneacs.tar.gz`
	cmd.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("%q is not understood; see `phoneacs backup --help`", args[0])
		}
		return nil
	}
	cmd.Flags().String("output", "", "`file` to write, which must not exist; not given: the server keeps it")
	cmd.Flags().Bool("with-secrets", false, "leave sealed secrets in; the key is never in it")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := open(cmd)
		if err != nil {
			return err
		}
		return advise(cmd, s.backup(cmd.Context(), off))
	}
	return cmd
}

// backup makes a backup where it is to be made.
func (s *session) backup(ctx context.Context, off Offline) error {
	output := s.flag("output")
	if output == "-" || strings.HasSuffix(output, "/") {
		return usage("--output %s: want a file: an archive is given its name once it is whole", output)
	}
	data, named := s.directory()
	if data == "" || !off.Has(data) {
		if named {
			return &advised{usage("there is no store in %s", data), "name the data directory with --data, or a server with --server"}
		}
		return s.backupOnline(ctx, output)
	}
	if output == "" {
		return &advised{usage("--output: needs a file"), "without one a backup is made by a server alone: name it with --server"}
	}
	draw, done := s.gauge(output)
	b, err := off.Write(ctx, data, output, s.isSet("with-secrets"), draw)
	done()
	switch {
	case off.Held(err):
		if online := s.backupOnline(ctx, output); online != nil {
			var away *client.Unreachable
			if !errors.As(online, &away) {
				return online
			}
			return &advised{
				fmt.Errorf("%w; and no server answers at %s", err, s.Server()),
				"say where the server is that has the directory, with --server or " + ServerVariable,
			}
		}
		return nil
	case errors.Is(err, context.Canceled):
		return &advised{fmt.Errorf("interrupted, and nothing is left of %s: %w", output, err), "begin again with the same command"}
	case err != nil:
		return err
	}
	return s.made(b, output)
}

// directory is the data directory that is to be looked at before a server is
// asked, and whether it was named; "": a server was.
func (s *session) directory() (data string, named bool) {
	data = setting(s.cmd, "data", dataVariable, defaultData)
	switch {
	case s.flag("server") != "":
		return "", false
	case s.flag("data") != "":
		return data, true
	case os.Getenv(ServerVariable) != "":
		return "", false
	}
	return data, os.Getenv(dataVariable) != ""
}

// made tells of a backup that is there.
func (s *session) made(b client.Backup, output string) error {
	return s.show(b, func() error {
		where := output
		if where == "" {
			where = b.ID
		}
		secrets := "secrets were left out"
		if b.Secrets {
			secrets = "sealed secrets are in it, their key is not"
		}
		if err := s.say("%s: %d bytes, sha256 %s", where, b.Size, b.SHA256); err != nil {
			return err
		}
		if err := s.say("%d phones, %d jobs, %d files, %d uploads; %s", b.Counts.Phones, b.Counts.Jobs, b.Counts.Files, b.Counts.Uploads, secrets); err != nil {
			return err
		}
		if output == "" {
			s.note("it is kept at %s; fetch it with `phoneacs backup fetch %s --output FILE`", s.Server(), b.ID)
		}
		return nil
	})
}
