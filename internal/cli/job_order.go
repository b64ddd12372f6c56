package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// An order is what a kind of job reads from its command line.
type order struct {
	kind   string
	args   *client.Args
	phones []string // references among the arguments
}

// orderCommands are those that order a job, one a kind.
func orderCommands() []*cobra.Command {
	return []*cobra.Command{
		jobRebootCommand(), jobCheckSyncCommand(), jobDownloadCommand(), jobSetCommand(), jobGetCommand(), jobUploadCommand(), jobResetCommand(),
		jobInformCommand(), jobNamesCommand(), jobAttributesCommand(), jobSetAttributesCommand(), jobAddObjectCommand(),
		jobDeleteObjectCommand(), jobRawCommand(), jobCreateCommand(),
	}
}

// selecting is what orders say of how phones are chosen.
const selecting = `
Phones are chosen by reference (id, MAC or serial), by --filter, or all of them
by --all. The job is accepted when this returns; --watch follows it to its end.`

// ordering makes cmd a command that orders what read reads.
func ordering(cmd *cobra.Command, read func(ctx context.Context, s *session, args []string) (order, error)) *cobra.Command {
	cmd.Long += "\n" + selecting
	selectionFlags(cmd)
	orderFlags(cmd)
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		o, err := read(ctx, s, args)
		if err != nil {
			return err
		}
		named, _ := cmd.Flags().GetStringSlice("phone")
		sel, err := s.selection(append(o.phones, named...))
		if err != nil {
			return err
		}
		j := client.NewJob{Kind: o.kind, Args: o.args, Selection: sel}
		if err := s.terms(&j); err != nil {
			return err
		}
		return s.order(ctx, j)
	})
}

// orderFlags declares what holds for all kinds.
func orderFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSlice("phone", nil, "`phones`, by id, MAC or serial")
	f.String("at", "", "`time` when it is due (RFC 3339, or a duration from now as in 2h); not given: now")
	f.String("window", "", "`window`, by name or id, in which each phone is served at its slot")
	f.String("missed", "", "`next or rest`: with --window, what becomes of a slot that nobody served at; not given: next")
	f.String("expires", "", "`time or duration` after which what has not been sent never is; not given: 30d")
	f.String("deadline", "", "`duration` that an attempt may take to be proven; not given: 30m")
	f.Int("retries", 0, "attempts after the first, 0 to 20; not given: 3")
	f.String("backoff", "", "`duration` before the second attempt; it doubles; not given: 1m")
	f.Int("priority", 0, "0 to 9; higher goes first")
	f.String("calls", "", "`rule` for phones that are to be restarted: go-on (not into a call; where a phone does not tell, go on), skip (where it does not tell, skip it) or ignore (into calls, too); not given: go-on")
	f.String("key", "", "`text` by which the same order, sent again within 24 hours, is the same job")
	f.Bool("watch", false, "follow the job until it ends")
	for name, offer := range map[string]completion{"phone": complete(-1, phoneWords), "window": complete(-1, windowWords)} {
		if err := cmd.RegisterFlagCompletionFunc(name, offer); err != nil {
			panic(err) // the flag is not there, or completed twice
		}
	}
}

// terms reads what holds for all kinds.
func (s *session) terms(j *client.NewJob) error {
	f := s.cmd.Flags()
	j.When.Now = true
	if text := s.flag("at"); text != "" {
		due, err := time.Parse(time.RFC3339, text)
		if d, derr := time.ParseDuration(text); err != nil && derr == nil {
			due, err = s.now().Add(d), nil
		}
		if err != nil {
			return usage("--at: %q is neither a time, as in 2026-05-17T22:00:00+02:00, nor a duration, as in 2h", text)
		}
		j.When = client.When{At: due}
	}
	if name := s.flag("window"); name != "" {
		if s.flag("at") != "" {
			return usage("--at and --window: want one of them")
		}
		ref, err := json.Marshal(name)
		if err != nil {
			return fmt.Errorf("name of the window: %w", err)
		}
		j.When = client.When{Window: ref, Missed: s.flag("missed")}
	} else if s.flag("missed") != "" {
		return usage("--missed needs --window")
	}
	j.Expires, j.Deadline = s.flag("expires"), s.flag("deadline")
	j.Priority, _ = f.GetInt("priority")
	j.Calls = s.flag("calls")
	if f.Changed("retries") || f.Changed("backoff") {
		j.Retry = &client.Retry{Backoff: s.flag("backoff")}
		if n, err := f.GetInt("retries"); err == nil && f.Changed("retries") {
			j.Retry.Max = &n
		}
	}
	return nil
}

// order orders a job, tells of it and, if asked to, follows it.
func (s *session) order(ctx context.Context, n client.NewJob) error {
	j, err := s.CreateJob(ctx, n, s.flag("key"))
	if err != nil {
		return err
	}
	if s.isSet("watch") {
		s.note("%s is ordered: %s for %s", j.ID, j.Kind, many(j.Selected, "phone"))
		return s.watch(ctx, j.ID)
	}
	return s.show(j, func() error {
		if err := s.say("%s is ordered: %s for %s", j.ID, j.Kind, many(j.Selected, "phone")); err != nil {
			return err
		}
		s.nextOf(j)
		return nil
	})
}

// fileID finds the file that a name means, where it is not an id already.
func (s *session) fileID(ctx context.Context, ref string) (string, error) {
	if isID('f', ref) {
		return ref, nil
	}
	page, err := s.ListFiles(ctx, client.Query{Filter: "name = " + quote(ref), Limit: 2})
	switch {
	case err != nil:
		return "", err
	case len(page.Items) == 0:
		return "", &client.Problem{Type: "urn:phoneacs:problem:not-found", Status: 404, Detail: fmt.Sprintf("there is no file %q; see `phoneacs file list`", ref)}
	case len(page.Items) > 1 || page.Next != "":
		return "", usage("several files are named %q: use the id of one; see `phoneacs file list --filter 'name = %s'`", ref, quote(ref))
	}
	return page.Items[0].ID, nil
}
