package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func jobCommand() *cobra.Command {
	return noun("job", "Order jobs, follow them and take them back", append(orderCommands(),
		jobListCommand(), jobShowCommand(), jobTasksCommand(), jobWatchCommand(),
		jobActCommand("cancel", "Take back what has not been sent", (*client.Client).CancelJob),
		jobActCommand("pause", "Hold back what has not been sent", (*client.Client).PauseJob),
		jobActCommand("resume", "Go on after a pause", (*client.Client).ResumeJob),
		jobActCommand("retry", "Try the failed, expired and cancelled tasks once more", (*client.Client).RetryJob))...)
}

// aJob makes a command that takes one job.
func aJob(cmd *cobra.Command) *cobra.Command {
	cmd.Args = count(1, 1)
	cmd.ValidArgsFunction = complete(1, jobWords)
	return cmd
}

// jobActCommand is one of those that change a job as a whole.
func jobActCommand(name, short string, act func(*client.Client, context.Context, string) (client.Job, error)) *cobra.Command {
	cmd := &cobra.Command{
		Use:     name + " JOB",
		Short:   short,
		Example: "  phoneacs job " + name + " j17",
	}
	return verb(aJob(cmd), func(ctx context.Context, s *session, args []string) error {
		j, err := act(s.Client, ctx, args[0])
		if err != nil {
			return err
		}
		return s.show(j, func() error { return s.job(j) })
	})
}

// job prints what is known of one.
func (o *output) job(j client.Job) error {
	state := j.State
	switch {
	case j.Cancelled:
		state += ", cancelled"
	case j.Paused && j.State != client.JobPaused:
		state += ", paused"
	}
	if j.Sweep != "" {
		state += ", " + j.Sweep + " under way"
	}
	when := "now"
	if !j.When.At.IsZero() {
		when = o.both(j.When.At)
	}
	if j.When.Window != nil {
		when = "in window " + inWindow(j.When)
	}
	ended := ""
	if j.State == client.JobEnded {
		ended = o.both(j.Ended)
	}
	facts := []fact{
		{"job", j.ID}, {"kind", j.Kind}, {"what", what(j)}, {"state", state}, {"phones", chosen(j.Selection)},
		{"selected", fmt.Sprintf("%d, of which %d have their task", j.Selected, j.Expanded)},
		{"tasks", counts(j.Counts)}, {"due", when}, {"by", j.By}, {"created", o.both(j.Created)}, {"ended", ended},
		{"expires", at(j.Expires)}, {"deadline", j.Deadline}, {"priority", number(j.Priority)}, {"calls", j.Calls},
	}
	for _, h := range j.Held {
		facts = append(facts, fact{"held", o.heldBy(h)})
	}
	return o.facts(facts)
}

// inWindow names the window that a job waits for.
func inWindow(w client.When) string {
	name := "of its own"
	var ref string
	if json.Unmarshal(w.Window, &ref) == nil {
		name = ref
	}
	if w.Missed == "rest" {
		name += "; what misses its slot in the rest of it"
	}
	return name
}

// what is what a job does, in a few words.
func what(j client.Job) string {
	a := j.Args
	var words []string
	for _, p := range a.Parameters {
		words = append(words, p.Name+"="+p.Value)
	}
	words = append(words, a.Names...)
	for _, at := range a.Attributes {
		words = append(words, at.Name)
	}
	switch {
	case a.Raw != nil:
		words = append(words, a.Raw.RPC)
	case a.Upload != nil:
		words = append(words, a.Upload.Kind)
	case a.Reboot:
		words = append(words, "with a restart")
	}
	return cmp.Or(a.File, a.Object, a.Delay, strings.Join(words, " "))
}

// chosen is a selection in a few words.
func chosen(s client.Selection) string {
	switch {
	case s.All:
		return "all"
	case s.Filter != "":
		return "filter " + s.Filter
	case len(s.Phones) > 8:
		return fmt.Sprintf("%s and %d more", strings.Join(s.Phones[:8], " "), len(s.Phones)-8)
	}
	return strings.Join(s.Phones, " ")
}

// counts are those states that tasks are in.
func counts(c client.Counts) string {
	var parts []string
	for _, p := range []struct {
		n    int
		name string
	}{
		{c.Waiting, "waiting"}, {c.Ready, "ready"}, {c.Sent, "sent"}, {c.Proving, "proving"}, {c.Succeeded, "succeeded"},
		{c.Failed, "failed"}, {c.Expired, "expired"}, {c.Cancelled, "cancelled"}, {c.Skipped, "skipped"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.name))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "none yet")
}
