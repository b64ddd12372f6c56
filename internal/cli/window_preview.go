package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func windowPreviewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "preview {WINDOW | --weekly DAYS … | --flexible DAYS …} {--phone PHONE | PHONE… | --filter FILTER | --all}",
		Short: "Show when phones would be served, and how many at once",
		Long: `Show when phones would be served in a window if it were ordered now: how many
begin in which minutes, what that draws, who cannot be woken then and who is left
out. With --phone, show the next slots of that one. In the place of a window flags
can say what one would be: the load is then as it would be, the minutes of single
phones are others once it is stored.`,
		Example: `  phoneacs window preview weekend --phone p17
  phoneacs window preview weekend --filter 'model = "X6U"' --file x6u.z --takes 5m --rate 50
  phoneacs window preview --flexible 30 --begin 22:00 --end 05:00 --all`,
		Args: count(0, -1), ValidArgsFunction: completeWindow,
	}
	f := selectionFlags(windowFlags(cmd)).Flags()
	f.String("phone", "", "the next slots of this `phone`")
	f.Int("slots", 5, "with --phone: how many, 1 to 100")
	f.String("file", "", "the `file` that each would download, by id or name")
	f.String("takes", "", "how `long` one download takes, as in 5m: for how many are at it at once")
	f.Int("rate", 0, "so many `phones` may begin in a minute at most")
	f.String("at", "", "what if it were ordered then: a `time` such as 2026-12-01T22:00:00+01:00, or from now, such as 12h")
	f.String("after", "", "name only phones after this `id`")
	f.Int("listed", 20, "how many `phones` to name that cannot be woken, or are left out; 0 to 1000")
	if err := cmd.RegisterFlagCompletionFunc("phone", complete(-1, phoneWords)); err != nil {
		panic(err) // the flag is not there, or completed twice
	}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		var p client.NewPreview
		if s.saysWindow() {
			p.Draft = new(client.NewWindow)
			if err := s.windowSaid(p.Draft); err != nil {
				return err
			}
		} else if len(args) == 0 {
			return usage("say which window; see `%s --help`", cmd.CommandPath())
		} else {
			p.Window, args = args[0], args[1:]
		}
		if phone := s.flag("phone"); phone != "" {
			if p.Draft != nil || len(args) > 0 || s.flag("filter") != "" || s.isSet("all") {
				return usage("--phone goes with a window that is stored, and no other phones")
			}
			return s.slots(ctx, p.Window, phone)
		}
		var err error
		if p.Selection, err = s.selection(args); err != nil {
			return err
		}
		if err := s.previewSaid(ctx, &p); err != nil {
			return err
		}
		v, err := s.PreviewWindow(ctx, p)
		if err != nil {
			return err
		}
		return s.show(v, func() error { return s.preview(v) })
	})
}

// completeWindow offers windows first, then phones.
func completeWindow(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return complete(1, windowWords)(cmd, args, begun)
	}
	return complete(-1, phoneWords)(cmd, args, begun)
}

// previewSaid reads the flags beside window and phones.
func (s *session) previewSaid(ctx context.Context, p *client.NewPreview) (err error) {
	f := s.cmd.Flags()
	if ref := s.flag("file"); ref != "" {
		if p.File, err = s.fileID(ctx, ref); err != nil {
			return err
		}
	}
	p.Takes, p.After = s.flag("takes"), s.flag("after")
	if f.Changed("rate") {
		n, _ := f.GetInt("rate")
		p.Rate = &n
	}
	n, _ := f.GetInt("listed")
	p.Limit = &n
	if text := s.flag("at"); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if d, bad := time.ParseDuration(text); err != nil && bad == nil && d >= 0 {
			at, err = s.now().Add(d), nil
		}
		if err != nil {
			return usage("--at: want a time as in 2026-12-01T22:00:00+01:00, or from now, as in 12h")
		}
		p.At = at.UTC().Format(time.RFC3339)
	}
	return nil
}

// slots prints the next slots of a phone.
func (s *session) slots(ctx context.Context, window, phone string) error {
	n, err := s.cmd.Flags().GetInt("slots")
	if err != nil {
		return err
	}
	if n < 1 {
		return usage("--slots: needs 1 to 100")
	}
	v, err := s.ListWindowSlots(ctx, window, phone, n)
	if err != nil {
		return err
	}
	return s.show(v, func() error {
		for _, n := range v.Notes {
			s.note("note: %s", n)
		}
		if v.Open != nil {
			s.note("%s is open for %s until %s", v.Name, v.Phone, localClock(v.Open.LocalCloses))
		}
		return newTable(s.output, []column[client.WindowSlot]{
			{title: "SLOT (" + v.Zone + ")", cell: func(w client.WindowSlot) string { return localClock(w.LocalAt) }},
			{title: "OPENS", cell: func(w client.WindowSlot) string { return localClock(w.LocalOpens) }},
			{title: "CLOSES", cell: func(w client.WindowSlot) string { return localClock(w.LocalCloses) }},
			{title: "UTC", cell: func(w client.WindowSlot) string { return w.At.Format(time.DateTime) }},
			{title: "IN", cell: func(w client.WindowSlot) string { return s.ago(w.At) }},
		}).page(v.Slots)
	})
}

// localClock lays out a time that says its own offset.
func localClock(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return t.Format("Mon 2006-01-02 15:04:05 -0700")
}

// preview prints what a window would mean.
func (o *output) preview(v client.WindowPreview) error {
	zone, zoneName := chartZone(v)
	clock := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format("Mon 2006-01-02 15:04:05 -0700")
	}
	load := func(l *client.WindowLoad) string {
		if l == nil {
			return ""
		}
		text := many(l.Phones, "phone") + " in the minute of " + l.At.In(zone).Format("Mon 2006-01-02 15:04")
		if l.BytesPerSecond != nil {
			text += ", " + size(*l.BytesPerSecond) + "/s"
		}
		return text
	}
	facts := []fact{
		{"window", v.Name}, {"ordered", clock(v.At)},
		{"phones", fmt.Sprintf("%d of %d have a slot", v.Phones, v.Looked)},
		{"first", clock(v.First)}, {"last", clock(v.Last)}, {"busiest", load(v.Busiest)}, {"at once", load(v.AtOnce)},
	}
	if v.File != nil {
		facts = append(facts, fact{"file", v.File.Name + ", " + size(v.File.Size)})
	}
	if v.Rate != nil {
		text := fmt.Sprintf("%d a minute: the last begins %s", v.Rate.PerMinute, clock(v.Rate.Last))
		if v.Rate.LeftOver > 0 {
			text += fmt.Sprintf("; %s late: their window closes before their turn", many(v.Rate.LeftOver, "phone"))
		}
		facts = append(facts, fact{"rate", text})
	}
	for _, z := range v.Zones {
		facts = append(facts, fact{"zone", fmt.Sprintf("%s: %s", z.Zone, many(z.Phones, "phone"))})
	}
	if err := o.facts(facts); err != nil {
		return err
	}
	if err := o.chart(v, zone, zoneName); err != nil {
		return err
	}
	if err := o.unwakeable(v.Unwakeable, clock); err != nil {
		return err
	}
	if err := o.odd("left out", v.LeftOut, nil); err != nil {
		return err
	}
	for _, n := range v.Notes {
		o.note("note: %s", n)
	}
	return nil
}
