package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func phoneUploadsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "uploads PHONE",
		Short:   "List what a phone has sent by jobs of kind upload",
		Example: `  phoneacs phone uploads p17`,
	}
	return verb(aPhone(listFlags(cmd, "id, job, kind, sha256 and created")), func(ctx context.Context, s *session, args []string) error {
		return list(ctx, s, []column[client.Upload]{
			{title: "ID", cell: func(u client.Upload) string { return u.ID }},
			{title: "KIND", cell: func(u client.Upload) string { return u.Kind }},
			{title: "SIZE", right: true, cell: func(u client.Upload) string { return size(u.Size) }},
			{title: "JOB", cell: func(u client.Upload) string { return u.Job }},
			{title: "CAME", cell: func(u client.Upload) string { return s.ago(u.Created) }},
			{title: "SHA256", cell: func(u client.Upload) string { return u.SHA256 }},
		}, func(ctx context.Context, q client.Query) (client.Page[client.Upload], error) {
			return s.ListPhoneUploads(ctx, args[0], q)
		})
	})
}
