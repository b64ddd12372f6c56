package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func windowCommand() *cobra.Command {
	return noun("window", "Say when phones are served, and see what that means",
		windowListCommand(), windowShowCommand(), windowCreateCommand(), windowEditCommand(), windowDeleteCommand(), windowPreviewCommand())
}

func windowListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List windows", Example: `  phoneacs window list`, Args: count(0, 0)}
	return verb(listFlags(cmd, ""), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, []column[client.Window]{
			{title: "ID", cell: func(w client.Window) string { return w.ID }},
			{title: "NAME", cell: func(w client.Window) string { return w.Name }},
			{title: "OPENS", cell: opens},
			{title: "FROM", cell: func(w client.Window) string { return dials(w) }},
			{title: "ZONE", cell: func(w client.Window) string { return w.Zone }},
			{title: "NOTES", cell: func(w client.Window) string { return strings.Join(w.Notes, "; ") }},
		}, s.ListWindows)
	})
}

// opens says on which days.
func opens(w client.Window) string {
	switch {
	case w.Flexible != nil && w.Flexible.Interval == 1:
		return "each day"
	case w.Flexible != nil:
		return fmt.Sprintf("one day of %d", w.Flexible.Interval)
	case w.Weekly == nil:
		return ""
	}
	text := strings.Join(w.Weekly.Days, ",")
	if w.Weekly.Every > 1 {
		text += fmt.Sprintf(" of each %d weeks", w.Weekly.Every)
	}
	return text
}

// dials says from when to when.
func dials(w client.Window) string {
	begin, end := "", ""
	switch {
	case w.Weekly != nil:
		begin, end = w.Weekly.Begin, w.Weekly.End
	case w.Flexible != nil:
		begin, end = w.Flexible.Begin, w.Flexible.End
	}
	switch {
	case end == "" || end == begin:
		return begin + " exactly"
	case end < begin:
		return begin + " to " + end + " next day"
	}
	return begin + " to " + end
}

func windowShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show WINDOW", Short: "Show one window, by id or name", Example: `  phoneacs window show night`,
		Args: count(1, 1), ValidArgsFunction: complete(1, windowWords),
	}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		w, err := s.GetWindow(ctx, args[0])
		if err != nil {
			return err
		}
		return s.show(w, func() error { return s.window(w) })
	})
}

// window prints what is known of one, and its notes beside it.
func (o *output) window(w client.Window) error {
	inactivity := ""
	if w.Weekly != nil && w.Weekly.Inactivity > 0 {
		inactivity = many(w.Weekly.Inactivity, "minute")
	}
	var black []string
	for _, b := range w.BlackOut {
		black = append(black, b.First+"/"+b.Last)
	}
	valid := w.ValidFrom
	if w.ValidTo != "" {
		valid = strings.TrimSpace(valid + " up to " + w.ValidTo)
	}
	err := o.facts([]fact{
		{"window", w.ID}, {"name", w.Name}, {"opens", opens(w)}, {"from", dials(w)}, {"inactivity", inactivity}, {"zone", w.Zone},
		{"valid", valid}, {"black-out", strings.Join(black, " ")}, {"edition", number(w.Edition)}, {"changed", o.both(w.Changed)}, {"by", w.By},
	})
	for _, n := range w.Notes {
		o.note("note: %s", n)
	}
	return err
}

func windowDeleteCommand() *cobra.Command {
	cmd := goneCommand("delete WINDOW", "Take a window away that no job waits for", "window delete night", (*client.Client).DeleteWindow)
	cmd.ValidArgsFunction = complete(1, windowWords)
	return cmd
}

// windowWords are names and ids of windows.
var windowWords = func(ctx context.Context, c *client.Client) (all []cobra.Completion, err error) {
	page, err := c.ListWindows(ctx, client.Query{Limit: maxPage})
	for _, w := range page.Items {
		all = append(all, word(w.Name, opens(w), dials(w)), word(w.ID, w.Name))
	}
	return all, err
}
