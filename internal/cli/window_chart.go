package cli

import (
	"fmt"
	"strings"
	"time"

	"phoneacs/admin/client"
)

const (
	chartRows  = 24 // at most, where days are few enough
	plainWidth = 80 // of a chart that no terminal shows
)

// chartZone is the zone that times are shown in: that of all phones if they
// have one, else UTC.
func chartZone(v client.WindowPreview) (*time.Location, string) {
	if len(v.Zones) == 1 && v.Zones[0].Zone != "Local" {
		if zone, err := time.LoadLocation(v.Zones[0].Zone); err == nil {
			return zone, v.Zones[0].Zone
		}
	}
	return time.UTC, "UTC"
}

// A bar is a row of a chart.
type bar struct {
	at time.Time
	n  int
}

// chartSteps are how long a row may be.
var chartSteps = []time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	7 * 24 * time.Hour, 28 * 24 * time.Hour, 84 * 24 * time.Hour,
}

// bars puts a curve into few rows, which begin at round times of a zone.
func bars(v client.WindowPreview, zone *time.Location) (rows []bar, step time.Duration) {
	least, _ := time.ParseDuration(strings.Replace(v.Step, "1d", "24h", 1))
	for _, step = range chartSteps {
		if step < least {
			continue
		}
		rows = rows[:0]
		for _, b := range v.Curve {
			_, offset := b.At.In(zone).Zone()
			shift := time.Duration(offset) * time.Second
			at := b.At.Add(shift).Truncate(step).Add(-shift)
			if k := len(rows) - 1; k >= 0 && !at.After(rows[k].at) {
				rows[k].n += b.Phones
				continue
			}
			rows = append(rows, bar{at, b.Phones})
		}
		if len(rows) <= chartRows {
			break
		}
	}
	return rows, step
}

// chart draws how many phones begin when. The row with the busiest minute is
// marked; stretches without phones are left out, and shown to be.
func (o *output) chart(v client.WindowPreview, zone *time.Location, zoneName string) error {
	rows, step := bars(v, zone)
	if len(rows) == 0 {
		return nil
	}
	most, mark := 0, -1
	for i, r := range rows {
		most = max(most, r.n)
		if v.Busiest != nil && !r.at.After(v.Busiest.At) {
			mark = i
		}
	}
	layout, block, columns := "Mon 2006-01-02 15:04", "#", plainWidth
	if o.width > 0 {
		block, columns = "█", o.width
	}
	tail := func(i int) string {
		text := " " + number(rows[i].n)
		if i == mark {
			text += fmt.Sprintf(" < busiest: %d at %s", v.Busiest.Phones, v.Busiest.At.In(zone).Format("15:04"))
		}
		return text
	}
	beside := columns - len(layout) - 1
	room := beside // for the longest bar, so that each row fits with what stands behind it
	for i, r := range rows {
		room = min(room, (beside-len(tail(i)))*most/r.n)
	}
	room = max(room, beside/3, 1) // else what stands behind is cut
	if _, err := fmt.Fprintf(o.out, "\n%s\n", o.paint(faint, cut(fmt.Sprintf("phones in each %s, %s", stretch(step), zoneName), columns))); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	for i, r := range rows {
		slack := time.Duration(0)
		if step > time.Hour {
			slack = time.Hour // a change of clocks is no gap
		}
		if i > 0 && r.at.Sub(rows[i-1].at) > step+slack {
			if _, err := fmt.Fprintln(o.out, o.paint(faint, "...")); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		long := max(1, r.n*room/most)
		text := strings.Repeat(block, long)
		color := ""
		if i == mark {
			color = red
		}
		rest := cut(tail(i), columns-len(layout)-1-wide(text))
		if _, err := fmt.Fprintln(o.out, r.at.In(zone).Format(layout)+" "+o.paint(color, text)+rest); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}

// stretch names the length of a row.
func stretch(d time.Duration) string {
	switch {
	case d == time.Minute:
		return "minute"
	case d < time.Hour:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	case d == time.Hour:
		return "hour"
	case d < 24*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d == 24*time.Hour:
		return "day"
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

// unwakeable tells who cannot be woken.
func (o *output) unwakeable(u client.Unwakeable, clock func(time.Time) string) error {
	if u.Count == 0 {
		return nil
	}
	if err := o.odd("cannot be woken", u.LeftOut, clock); err != nil {
		return err
	}
	return o.say("of these inform by themselves while it is open: %d; not: %d; not known: %d", u.Speaks.Inside, u.Speaks.Outside, u.Speaks.Unknown)
}

// odd tells how many phones are so, why, and names some.
func (o *output) odd(what string, l client.LeftOut, clock func(time.Time) string) error {
	if l.Count == 0 {
		return nil
	}
	var why []string
	for _, r := range l.Reasons {
		why = append(why, fmt.Sprintf("%d %s", r.Phones, r.Reason))
	}
	if _, err := fmt.Fprintln(o.out); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := o.say("%s: %s (%s)", what, many(l.Count, "phone"), strings.Join(why, ", ")); err != nil || len(l.Phones) == 0 {
		return err
	}
	columns := []column[client.OddPhone]{
		{title: "ID", cell: func(p client.OddPhone) string { return p.ID }},
		{title: "MAC", cell: func(p client.OddPhone) string { return p.MAC }},
		{title: "SITE", cell: func(p client.OddPhone) string { return p.Site }},
	}
	if clock != nil {
		columns = append(columns,
			column[client.OddPhone]{title: "SEEN", cell: func(p client.OddPhone) string { return o.ago(p.LastInform) }},
			column[client.OddPhone]{title: "SLOT", cell: func(p client.OddPhone) string { return clock(p.Slot) }},
			column[client.OddPhone]{title: "SPEAKS THEN", cell: func(p client.OddPhone) string { return p.Speaks }})
	}
	columns = append(columns, column[client.OddPhone]{title: "WHY", cell: func(p client.OddPhone) string { return p.Why }})
	if err := newTable(o, columns).page(l.Phones); err != nil {
		return err
	}
	if l.Next != "" {
		o.note("there are more: --listed names up to 1000, and --after %s goes on", l.Next)
	}
	return nil
}
