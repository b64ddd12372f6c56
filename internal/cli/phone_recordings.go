package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// recordingFilter is what filters over recordings may name.
const recordingFilter = "id, phone, how, failed, rule, began, ended and address"

func phoneRecordingsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "recordings PHONE",
		Short:   "List the recorded sessions of a phone, newest first",
		Example: `  phoneacs phone recordings p17`,
	}
	return verb(aPhone(listFlags(cmd, recordingFilter)), func(ctx context.Context, s *session, args []string) error {
		return list(ctx, s, recordingColumns(s.output), func(ctx context.Context, q client.Query) (client.Page[client.Recording], error) {
			return s.ListPhoneRecordings(ctx, args[0], q)
		})
	})
}

func recordingColumns(o *output) []column[client.Recording] {
	return []column[client.Recording]{
		{title: "ID", cell: func(r client.Recording) string { return r.ID }},
		{title: "PHONE", cell: func(r client.Recording) string { return r.Phone }},
		{title: "BEGAN", cell: func(r client.Recording) string { return o.ago(r.Began) }},
		{title: "TOOK", right: true, cell: func(r client.Recording) string { return r.Ended.Sub(r.Began).Round(1e6).String() }},
		{title: "ENDED", state: true, cell: func(r client.Recording) string { return r.How }},
		{title: "MESSAGES", right: true, cell: func(r client.Recording) string { return number(r.Messages) }},
		{title: "ADDRESS", cell: func(r client.Recording) string { return r.Address }},
		{title: "RULE", cell: func(r client.Recording) string { return r.Rule }},
	}
}
