package cli

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func quirkCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List what is known to be odd about phones", Example: `  phoneacs quirk list`, Args: count(0, 0)}
	verb(listFlags(cmd, ""), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, []column[client.QuirkEntry]{
			{title: "VENDOR", cell: func(q client.QuirkEntry) string { return cmp.Or(q.Vendor, q.Manufacturer) }},
			{title: "MODELS", cell: func(q client.QuirkEntry) string { return strings.Join(q.Models, " ") }},
			{title: "FIRMWARE", cell: func(q client.QuirkEntry) string { return q.Firmware }},
			{title: "FILE", cell: func(q client.QuirkEntry) string { return q.File + ":" + number(q.Line) }},
			{title: "WHY", cell: func(q client.QuirkEntry) string { return q.Why }},
		}, s.ListQuirks)
	})
	return noun("quirk", "Look at what is odd about phones", cmd)
}

func recordingCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the recorded sessions of all phones, newest first", Args: count(0, 0),
		Example: "  phoneacs recording list --failed",
	}
	cmd.Flags().Bool("failed", false, "only those that did not end in order")
	verb(listFlags(cmd, recordingFilter), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, recordingColumns(s.output), func(ctx context.Context, q client.Query) (client.Page[client.Recording], error) {
			return s.ListRecordings(ctx, s.isSet("failed"), q)
		})
	})
	return noun("recording", "Look at sessions as they were spoken", cmd)
}

func unreadableCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List messages that were not understood, newest first", Args: count(0, 0),
		Example: "  phoneacs unreadable list\n  phoneacs unreadable list --limit 1 --json",
	}
	verb(listFlags(cmd, "rule, address, phone, agent, first and last"), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, []column[client.Unreadable]{
			{title: "LAST", cell: func(u client.Unreadable) string { return s.ago(u.Last) }},
			{title: "TIMES", right: true, cell: func(u client.Unreadable) string { return number(u.Count) }},
			{title: "ADDRESS", cell: func(u client.Unreadable) string { return u.Address }},
			{title: "PHONE", cell: func(u client.Unreadable) string { return u.Phone }},
			{title: "RULE", cell: func(u client.Unreadable) string { return u.Rule }},
			{title: "MEANS", cell: func(u client.Unreadable) string { return u.Means }},
			{title: "DETAIL", cell: func(u client.Unreadable) string { return u.Detail }},
		}, s.ListUnreadable)
	})
	return noun("unreadable", "Look at messages that were not understood", cmd)
}
