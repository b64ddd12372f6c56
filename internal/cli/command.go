package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// Commands are all that ask a server.
func Commands() []*cobra.Command {
	return []*cobra.Command{
		phoneCommand(), siteCommand(), windowCommand(), tagCommand(), fileCommand(), jobCommand(), taskCommand(), holdCommand(),
		ruleCommand(), standingCommand(), recurringCommand(), quirkCommand(), recordingCommand(), unreadableCommand(), eventCommand(),
		certificateCommand(), tokenCommand(), exportCommand(), importCommand(),
	}
}

// A UsageError reports a command line that cannot be understood.
type UsageError struct{ error }

func (e *UsageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// ErrFailures is what a job's watch ends with when some of its tasks did not succeed.
var ErrFailures = errors.New("not all tasks succeeded")

// A session is one run of a command: who it asks, and where it tells.
type session struct {
	*client.Client
	*output
	cmd *cobra.Command
}

// flag is the text of a flag, "" if there is none of that name.
func (s *session) flag(name string) string {
	v, _ := s.cmd.Flags().GetString(name)
	return v
}

// isSet says so of a flag that is true or false.
func (s *session) isSet(name string) bool {
	v, _ := s.cmd.Flags().GetBool(name)
	return v
}

// noun makes a command that stands before others. They have the flags by which
// a server is found.
func noun(use, short string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: count(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	connectionFlags(cmd.PersistentFlags())
	cmd.AddCommand(subs...)
	return cmd
}

// verb makes c a command that asks the server. Its errors say what to try next.
func verb(c *cobra.Command, run func(ctx context.Context, s *session, args []string) error) *cobra.Command {
	c.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := open(cmd)
		if err != nil {
			return err
		}
		return advise(cmd, run(cmd.Context(), s, args))
	}
	return c
}

// count refuses fewer than low arguments, and more than high unless that is negative.
func count(low, high int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < low:
			return usage("%s needs %s; see `%s --help`", cmd.CommandPath(), wants(cmd), cmd.CommandPath())
		case high >= 0 && len(args) > high:
			return usage("%q is not understood; see `%s --help`", args[high], cmd.CommandPath())
		}
		return nil
	}
}

// wants is what stands behind the name of a command in its usage.
func wants(cmd *cobra.Command) string {
	_, after, _ := strings.Cut(cmd.Use, " ")
	return after
}

// An advised error says in a line of its own what to try next.
type advised struct {
	error
	next string
}

func (e *advised) Unwrap() error { return e.error }
func (e *advised) Error() string { return e.error.Error() + "\n" + e.next }

// advise adds to an error what to try next, where that is known.
func advise(cmd *cobra.Command, err error) error {
	var p *client.Problem
	var away *client.Unreachable
	var told *advised
	switch {
	case err == nil, errors.As(err, &told):
		return err
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted: %w", err)
	case errors.As(err, &away):
		return &advised{err, reach(err)}
	case !errors.As(err, &p):
		return err
	}
	next := ""
	switch p.Kind() {
	case "":
		next = "--server, or " + ServerVariable + ", wants the address of the admin API; with TLS it begins with https://"
	case "unauthorized":
		next = "give a token with " + TokenVariable + " or --token; the first one of a server is in the file admin-token of its data directory (--data), or was shown when it started first"
	case "forbidden":
		next = "the token's role does not allow this: use another token, by --token or " + TokenVariable
	case "misdirected":
		next = "use the server's address, or start it with --admin-hosts"
	case "not-found":
		if name := under(cmd); name != "" {
			next = "see what there is with `phoneacs " + name + " list`"
		}
	case "invalid-filter":
		next = "a filter looks like: 'model = \"X6U\" AND tags:lobby'; what it may name is in the command's --help"
	case "in-use":
		next = inUse[under(cmd)]
	case "held":
		next = "see the holds with `phoneacs hold list`, and take one away with `phoneacs hold clear`"
	case "busy", "unavailable", "timeout", "in-flight":
		next = "try again in a moment"
	}
	if next == "" {
		return err
	}
	return &advised{err, next}
}

// inUse says where to see what needs a thing, by the command that is about such
// things.
var inUse = map[string]string{
	"file":   "see what is under way with `phoneacs job list`",
	"job":    "see what is under way with `phoneacs job list`",
	"window": "see what waits for it with `phoneacs job list` and `phoneacs recurring list`",
	"site":   "give its phones another one: `phoneacs phone edit --site SITE --filter FILTER`",
	"token":  "make another with `phoneacs token create --role admin`",
}

// reach says what helps where no server answered.
func reach(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return "name what its certificate is checked against with --ca or " + CAVariable
	case errors.As(err, &name):
		return "name the server with --server as its certificate does"
	case errors.As(err, &record), strings.Contains(err.Error(), "HTTP response to HTTPS client"):
		return "it speaks no TLS there: --server http://HOST:PORT"
	}
	return startOne
}

const startOne = "start a server with `phoneacs serve`, or name one with --server or " + ServerVariable

// under is the first command of the path of cmd that has a list.
func under(cmd *cobra.Command) string {
	for c := cmd; c.HasParent(); c = c.Parent() {
		for _, sub := range c.Commands() {
			if sub.Name() == "list" {
				return c.Name()
			}
		}
	}
	return ""
}
