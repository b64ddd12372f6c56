package cli

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func tokenCommand() *cobra.Command {
	return noun("token", "Say who may use the API, and see who changed what",
		tokenListCommand(), tokenCreateCommand(), tokenAuditCommand(),
		goneCommand("revoke TOKEN", "Revoke a token: it opens nothing from now on", "token revoke t3", (*client.Client).RevokeToken))
}

func tokenListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List tokens, without their secrets", Example: "  phoneacs token list", Args: count(0, 0)}
	return verb(listFlags(cmd, ""), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, []column[client.Token]{
			{title: "TOKEN", cell: func(t client.Token) string { return t.ID }},
			{title: "NAME", cell: func(t client.Token) string { return t.Name }},
			{title: "ROLE", cell: func(t client.Token) string { return t.Role }},
			{title: "CREATED", cell: func(t client.Token) string { return s.ago(t.Created) }},
			{title: "EXPIRES", cell: func(t client.Token) string { return expiry(t) }},
			{title: "BY", cell: func(t client.Token) string { return t.By }},
		}, s.ListTokens)
	})
}

func expiry(t client.Token) string {
	switch {
	case t.Expires.IsZero():
		return "never"
	case t.Expired:
		return "expired"
	}
	return t.Expires.Local().Format("2006-01-02 15:04")
}

func tokenCreateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create --name NAME --role ROLE",
		Short: "Make a token; its secret is shown this once",
		Long: `Make a token; its secret is shown this once.

A viewer reads, an operator orders and edits phones, sites, files and holds, an
admin may do everything.`,
		Example: `  phoneacs token create --name wallboard --role viewer
  phoneacs token create --name contractor --role operator --expires-in 72h
  phoneacs token create --data /var/lib/phoneacs --name me --role admin`,
		Args: count(0, 0),
	}
	cmd.Flags().String("name", "", "whose changes are shown to be of it")
	cmd.Flags().String("role", "", "viewer, operator or admin")
	cmd.Flags().Duration("expires-in", 0, "from when on it opens nothing; 0: never")
	return verb(cmd, func(ctx context.Context, s *session, _ []string) error {
		in := client.NewToken{Name: s.flag("name"), Role: s.flag("role")}
		after, _ := s.cmd.Flags().GetDuration("expires-in")
		if after < 0 {
			return usage("--expires-in %v: want a time to come", after)
		} else if after > 0 {
			in.Expires = time.Now().Add(after).UTC().Truncate(time.Second)
		}
		t, err := s.CreateToken(ctx, in)
		if err != nil {
			return err
		}
		return s.show(t, func() error { return s.say("%s", t.Secret) })
	})
}

func tokenAuditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "audit", Short: "List who asked for which change, newest first",
		Example: `  phoneacs token audit --filter 'name = "contractor"'`, Args: count(0, 0),
	}
	return verb(listFlags(cmd, "time, token, name, method, route, object, address"), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, []column[client.AuditEntry]{
			{title: "TIME", cell: func(e client.AuditEntry) string { return s.ago(e.Time) }},
			{title: "BY", cell: func(e client.AuditEntry) string { return e.Name }},
			{title: "FROM", cell: func(e client.AuditEntry) string { return e.Address }},
			{title: "WHAT", cell: func(e client.AuditEntry) string { return e.Route }},
			{title: "OF", cell: func(e client.AuditEntry) string { return e.Object }},
			{title: "ANSWER", cell: func(e client.AuditEntry) string { return strconv.Itoa(e.Status) }},
		}, s.ListAudit)
	})
}
