package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func backupListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the backups that the server keeps, newest first", Example: "  phoneacs backup list", Args: count(0, 0)}
	return verb(cmd, func(ctx context.Context, s *session, _ []string) error {
		page, err := s.ListBackups(ctx)
		if err != nil {
			return err
		}
		if s.json {
			for _, b := range page.Items {
				if err := s.line(b); err != nil {
					return err
				}
			}
			return nil
		}
		if len(page.Items) == 0 {
			s.note("none")
			return nil
		}
		return newTable(s.output, []column[client.Backup]{
			{title: "BACKUP", cell: func(b client.Backup) string { return b.ID }},
			{title: "STATE", state: true, cell: func(b client.Backup) string { return b.State }},
			{title: "MADE", cell: func(b client.Backup) string { return s.ago(b.Made) }},
			{title: "BY", cell: func(b client.Backup) string { return b.By }},
			{title: "SIZE", right: true, cell: func(b client.Backup) string { return howLarge(b) }},
			{title: "PHONES", right: true, cell: func(b client.Backup) string { return number(b.Counts.Phones) }},
			{title: "SECRETS", cell: func(b client.Backup) string { return yes(b.Secrets) }},
			{title: "WHY", cell: func(b client.Backup) string { return b.Why }},
		}).page(page.Items)
	})
}

// howLarge is the size of an archive, or how much has gone into one that is
// being made.
func howLarge(b client.Backup) string {
	switch {
	case b.Total > 0:
		return size(b.Done) + " of " + size(b.Total)
	case b.Size > 0:
		return size(b.Size)
	}
	return ""
}

func yes(is bool) string {
	if is {
		return "sealed"
	}
	return "left out"
}

func backupFetchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fetch BACKUP --output FILE",
		Short: "Fetch a backup that the server keeps",
		Long: `Fetch a backup that the server keeps. The file has its name only once it is
whole and its digest is as the server says.`,
		Example: "  phoneacs backup fetch b20260517-080000000 --output phoneacs.tar.gz",
		Args:    count(1, 1), ValidArgsFunction: completeThing,
	}
	cmd.Flags().String("output", "", "`file` to write, which must not exist")
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		output := s.flag("output")
		if output == "" || output == "-" {
			return usage("--output: needs a file")
		}
		b, err := s.Backup(ctx, args[0])
		if err != nil {
			return err
		}
		if b.State != client.BackupReady {
			return &advised{usage("backup %s is %s: %s", b.ID, b.State, b.Why), "see how far it is with `phoneacs backup list`"}
		}
		into, err := newDownload(output)
		if err != nil {
			return err
		}
		defer into.discard()
		if err := s.fetch(ctx, b, into); err != nil {
			return err
		}
		return s.made(b, output)
	})
}

func backupDeleteCommand() *cobra.Command {
	return goneCommand("delete BACKUP", "Take a backup away from the server, or forget one that failed",
		"backup delete b20260517-080000000", (*client.Client).DeleteBackup)
}
