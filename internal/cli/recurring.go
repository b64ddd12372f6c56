package cli

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func recurringCommand() *cobra.Command {
	return noun("recurring", "Order jobs again and again: a nightly phonebook, a weekly backup",
		recurringListCommand(),
		oneCommand("show ID", "Show one recurring job", "recurring show c2", (*client.Client).GetRecurringJob),
		recurringAddCommand(), recurringReplaceCommand(),
		goneCommand("delete ID", "Take a recurring job away; the jobs that it made stay", "recurring delete c2", (*client.Client).DeleteRecurringJob),
		scheduleCommand())
}

func recurringListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List recurring jobs, with their last and next run", Example: `  phoneacs recurring list`, Args: count(0, 0)}
	return verb(listFlags(cmd, ""), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, recurringColumns(), s.ListRecurringJobs)
	})
}

func recurringColumns() []column[client.RecurringJob] {
	return []column[client.RecurringJob]{
		{title: "ID", cell: func(r client.RecurringJob) string { return r.ID }},
		{title: "NAME", cell: func(r client.RecurringJob) string { return r.Name }},
		{title: "STATE", state: true, cell: func(r client.RecurringJob) string {
			if r.Paused {
				return "paused"
			}
			return "active"
		}},
		{title: "KIND", cell: func(r client.RecurringJob) string { return r.Kind }},
		{title: "WHEN", cell: recurringWhen},
		{title: "LAST", cell: func(r client.RecurringJob) string { return runTime(r.Last) }},
		{title: "JOB", cell: func(r client.RecurringJob) string { return cmp.Or(r.Job, r.Why, "-") }},
		{title: "NEXT", cell: func(r client.RecurringJob) string { return runTime(r.Next) }},
	}
}

// recurringWhen is when one runs: by cron, in a window, or once a period of it.
func recurringWhen(r client.RecurringJob) string {
	when := strings.TrimSpace(r.Cron + " " + r.Zone)
	switch {
	case r.Window == "":
		return when
	case r.Cron == "":
		return "each period of " + r.Window
	}
	return when + " in " + r.Window
}

// runTime is when something ran or will, in the zone of who looks.
func runTime(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

const recurringForm = `The file, or standard input where it is named -, holds it in JSON, as the API
takes it: an order, and the minute, hour, day, month and day of the week at
which it is made again ("cron"), a window that it waits for ("window"), or both.
By a window alone it is made once for each period of the window.`

const recurringExample = `'{"name": "reboot on Sundays", "kind": "reboot", "selection": {"all": true},
    "cron": "30 3 * * sun", "zone": "Europe/Berlin"}'`

func recurringAddCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "add FILE", Short: "Add a recurring job", Long: "Add a recurring job.\n\n" + recurringForm,
		Example: "  echo " + recurringExample + " | phoneacs recurring add -", Args: count(1, 1),
	}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		var n client.NewRecurringJob
		if err := s.readJSON(args[0], &n); err != nil {
			return err
		}
		r, err := s.CreateRecurringJob(ctx, n)
		if err != nil {
			return err
		}
		return s.show(r, func() error { return newTable(s.output, recurringColumns()).page([]client.RecurringJob{r}) })
	})
}

func recurringReplaceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "replace ID FILE", Short: "Put a recurring job in the place of another", Long: "Put a recurring job in the place of another; its runs go on. What is secret must be\ngiven again.\n\n" + recurringForm,
		Example: "  phoneacs recurring replace c2 nightly.json", Args: count(2, 2),
	}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		var n client.NewRecurringJob
		if err := s.readJSON(args[1], &n); err != nil {
			return err
		}
		r, err := s.ReplaceRecurringJob(ctx, args[0], n)
		if err != nil {
			return err
		}
		return s.show(r, func() error { return newTable(s.output, recurringColumns()).page([]client.RecurringJob{r}) })
	})
}

func scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "schedule", Short: "List what the server does by itself over and over", Example: `  phoneacs recurring schedule`, Args: count(0, 0)}
	return verb(cmd, func(ctx context.Context, s *session, _ []string) error {
		page, err := s.GetSchedule(ctx)
		if err != nil {
			return err
		}
		return s.show(page, func() error {
			return newTable(s.output, []column[client.Work]{
				{title: "WORK", cell: func(w client.Work) string { return w.Name }},
				{title: "EVERY", cell: func(w client.Work) string { return w.Every }},
				{title: "LAST", cell: func(w client.Work) string { return runTime(w.Last) }},
				{title: "NEXT", cell: func(w client.Work) string { return runTime(w.Next) }},
				{title: "FAILS", cell: func(w client.Work) string { return cmp.Or(w.Error, "-") }},
			}).page(page.Items)
		})
	})
}
