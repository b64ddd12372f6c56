package cli

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

const windowForm = `A weekly window opens on some days of the week: each phone has one of them. A
flexible one opens every day: each phone has one day of the interval. Within the
span each phone has a second of its own, drawn by its MAC address. An end before
the begin is on the next day; without one, all phones are due at the begin.`

// windowFlags declares what a window may be said to be.
func windowFlags(cmd *cobra.Command) *cobra.Command {
	f := cmd.Flags()
	f.StringSlice("weekly", nil, "opens on these `days` of the week: mon,tue,wed,thu,fri,sat,sun")
	f.Int("flexible", 0, "each phone has one day of so many `days`, 1 to 1000")
	f.String("begin", "", "opens at this `time`, 00:00 to 23:59")
	f.String("end", "", "closes at this `time`; before the begin: on the next day")
	f.Int("every", 0, "of a weekly one: only each of so many `weeks`, 1 to 12")
	f.Int("inactivity", 0, "of a weekly one: so many `minutes` idle first, 0 to 120")
	f.String("zone", "", "IANA `zone`, as in Europe/Berlin; not given: that of each phone's site")
	f.String("valid-from", "", "first `day` on which it may begin, as in 2026-12-24")
	f.String("valid-to", "", "last `day` on which it may begin")
	f.StringSlice("black-out", nil, "`days` on which it does not begin, as in 2026-12-24/2027-01-02; may be given again")
	return cmd
}

func windowCreateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Add a window", Long: "Add a window.\n\n" + windowForm,
		Example: `  phoneacs window create weekend --weekly sat,sun --begin 02:00 --end 04:30 --every 2 --inactivity 10 --zone Europe/Berlin
  phoneacs window create monthly --flexible 30 --begin 22:00 --end 05:00 --black-out 2026-12-24/2027-01-02`,
		Args: count(1, 1),
	}
	return verb(windowFlags(cmd), func(ctx context.Context, s *session, args []string) error {
		w := client.NewWindow{Name: args[0]}
		if err := s.windowSaid(&w); err != nil {
			return err
		}
		made, err := s.CreateWindow(ctx, w)
		if err != nil {
			return err
		}
		return s.show(made, func() error { return s.window(made) })
	})
}

func windowEditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "edit WINDOW", Short: "Change a window",
		Long:    "Change what flags say of a window, and leave the rest; an empty value takes away\nwhat was said. What waits for it is filed anew in the background.\n\n" + windowForm,
		Example: "  phoneacs window edit night --end 05:00\n  phoneacs window edit w3 --name nights --black-out 2026-12-24/2027-01-02",
		Args:    count(1, 1), ValidArgsFunction: complete(1, windowWords),
	}
	windowFlags(cmd).Flags().String("name", "", "`name`")
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		old, err := s.GetWindow(ctx, args[0])
		if err != nil {
			return err
		}
		w := old.New()
		if cmd.Flags().Changed("name") {
			w.Name = s.flag("name")
		} else if !s.saysWindow() {
			return usage("say what is to be changed; see `%s --help`", cmd.CommandPath())
		}
		if err := s.windowSaid(&w); err != nil {
			return err
		}
		made, err := s.ReplaceWindow(ctx, old.ID, w)
		if err != nil {
			return err
		}
		return s.show(made, func() error { return s.window(made) })
	})
}

// saysWindow reports whether any flag says what a window is.
func (s *session) saysWindow() bool {
	return slices.ContainsFunc([]string{
		"weekly", "flexible", "begin", "end", "every", "inactivity", "zone", "valid-from", "valid-to", "black-out",
	}, s.cmd.Flags().Changed)
}

// windowSaid puts what flags say into a window. --weekly and --flexible turn
// the one into the other.
func (s *session) windowSaid(w *client.NewWindow) error {
	f := s.cmd.Flags()
	given := f.Changed
	begin, end := s.flag("begin"), s.flag("end")
	switch {
	case given("weekly") && given("flexible"):
		return usage("--weekly or --flexible, not both")
	case given("weekly"):
		days, _ := f.GetStringSlice("weekly")
		next := client.WeeklySpan{Days: days}
		if w.Weekly != nil {
			next.Begin, next.End, next.Every, next.Inactivity = w.Weekly.Begin, w.Weekly.End, w.Weekly.Every, w.Weekly.Inactivity
		} else if w.Flexible != nil {
			next.Begin, next.End = w.Flexible.Begin, w.Flexible.End
		}
		w.Weekly, w.Flexible = &next, nil
	case given("flexible"):
		days, _ := f.GetInt("flexible")
		next := client.FlexibleSpan{Interval: days}
		if w.Flexible != nil {
			next.Begin, next.End = w.Flexible.Begin, w.Flexible.End
		} else if w.Weekly != nil {
			next.Begin, next.End = w.Weekly.Begin, w.Weekly.End
		}
		w.Flexible, w.Weekly = &next, nil
	case w.Weekly == nil && w.Flexible == nil:
		return usage("say on which days: --weekly DAYS or --flexible N; see `%s --help`", s.cmd.CommandPath())
	}
	if w.Weekly == nil && (given("every") || given("inactivity")) {
		return usage("--every and --inactivity are of weekly windows")
	}
	set := func(name, v string, weekly, flexible func() *string) {
		switch {
		case !given(name):
		case w.Weekly != nil:
			*weekly() = v
		default:
			*flexible() = v
		}
	}
	set("begin", begin, func() *string { return &w.Weekly.Begin }, func() *string { return &w.Flexible.Begin })
	set("end", end, func() *string { return &w.Weekly.End }, func() *string { return &w.Flexible.End })
	if given("every") {
		w.Weekly.Every, _ = f.GetInt("every")
	}
	if given("inactivity") {
		w.Weekly.Inactivity, _ = f.GetInt("inactivity")
	}
	for name, field := range map[string]*string{"zone": &w.Zone, "valid-from": &w.ValidFrom, "valid-to": &w.ValidTo} {
		if given(name) {
			*field = s.flag(name)
		}
	}
	if !given("black-out") {
		return nil
	}
	spans, _ := f.GetStringSlice("black-out")
	var err error
	w.BlackOut, err = blackOuts(spans)
	return err
}

// blackOuts reads FIRST/LAST, or one day.
func blackOuts(spans []string) (out []client.BlackOut, err error) {
	for i, span := range spans {
		first, last, two := strings.Cut(span, "/")
		if !two {
			last = first
		}
		if first == "" || last == "" {
			return nil, usage("--black-out %s: want days as in 2026-12-24/2027-01-02", strconv.Quote(spans[i]))
		}
		out = append(out, client.BlackOut{First: first, Last: last})
	}
	return out, nil
}
