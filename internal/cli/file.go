package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func fileCommand() *cobra.Command {
	return noun("file", "Look after the catalogue of what phones download",
		fileListCommand(), fileAddCommand(), fileShowCommand(), fileDeleteCommand())
}

// aFile makes a command that takes one file.
func aFile(cmd *cobra.Command) *cobra.Command {
	cmd.Args = count(1, 1)
	cmd.ValidArgsFunction = complete(1, fileWords)
	return cmd
}

func fileListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List files",
		Example: `  phoneacs file list
  phoneacs file list --filter 'kind = "firmware" AND models:X6U'`,
		Args: count(0, 0),
	}
	return verb(listFlags(cmd, "id, name, kind, vendor, models, version, sha256 and created"), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, []column[client.File]{
			{title: "ID", cell: func(f client.File) string { return f.ID }},
			{title: "NAME", cell: func(f client.File) string { return f.Name }},
			{title: "KIND", cell: func(f client.File) string { return f.Kind }},
			{title: "VENDOR", cell: func(f client.File) string { return f.Vendor }},
			{title: "MODELS", cell: func(f client.File) string { return strings.Join(f.Models, " ") }},
			{title: "VERSION", cell: func(f client.File) string { return f.Version }},
			{title: "SIZE", right: true, cell: func(f client.File) string { return size(f.Size) }},
			{title: "ADDED", cell: func(f client.File) string { return s.ago(f.Created) }},
		}, s.ListFiles)
	})
}

func fileShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show FILE",
		Short:   "Show one file",
		Example: `  phoneacs file show f4`,
	}
	return verb(aFile(cmd), func(ctx context.Context, s *session, args []string) error {
		id, err := s.fileID(ctx, args[0])
		if err != nil {
			return err
		}
		f, err := s.GetFile(ctx, id)
		if err != nil {
			return err
		}
		return s.show(f, func() error { return s.file(f) })
	})
}

// file prints what is known of one.
func (o *output) file(f client.File) error {
	return o.facts([]fact{
		{"file", f.ID}, {"name", f.Name}, {"kind", f.Kind}, {"vendor", f.Vendor}, {"models", strings.Join(f.Models, " ")},
		{"version", f.Version}, {"size", size(f.Size)}, {"sha256", f.SHA256}, {"created", o.both(f.Created)}, {"by", f.By},
	})
}

func fileDeleteCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "delete FILE",
		Short:   "Take a file away",
		Long:    "Take a file away. It is refused while a job that has not ended needs it.",
		Example: `  phoneacs file delete f4`,
	}
	return verb(aFile(cmd), func(ctx context.Context, s *session, args []string) error {
		id, err := s.fileID(ctx, args[0])
		if err != nil {
			return err
		}
		if err := s.DeleteFile(ctx, id); err != nil {
			return err
		}
		return s.gone(id)
	})
}
