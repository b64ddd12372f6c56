package e2e

import (
	"errors"
	"strings"
	"testing"
	"time"

	"phoneacs/admin/client"
)

// useWindows makes each request about windows once.
func useWindows(t *testing.T, c *client.Client, phone string) {
	t.Helper()
	ctx := t.Context()
	span := client.FlexibleSpan{Interval: 1, Begin: "02:00", End: "04:00"}
	w, err := c.CreateWindow(ctx, client.NewWindow{Name: "night", Flexible: &span, Zone: "Europe/Berlin", BlackOut: []client.BlackOut{{First: "2099-12-24", Last: "2099-12-26"}}})
	if err != nil || w.Edition != 1 || w.By == "" {
		t.Fatalf("createWindow: %+v, %v", w, err)
	}
	next := w.New()
	next.Name, next.Flexible.End = "nights", "05:00"
	if w, err = c.ReplaceWindow(ctx, "night", next); err != nil || w.Edition != 2 || len(w.Notes) != 1 {
		t.Fatalf("replaceWindow: %+v, %v", w, err)
	}
	if got, err := c.GetWindow(ctx, "NIGHTS"); err != nil || got.ID != w.ID || got.Jobs == nil || *got.Jobs != 0 {
		t.Fatalf("getWindow: %+v, %v", got, err)
	}
	if page, err := c.ListWindows(ctx, client.Query{}); err != nil || len(page.Items) != 1 {
		t.Fatalf("listWindows: %+v, %v", page, err)
	}
	slots, err := c.ListWindowSlots(ctx, w.ID, phone, 3)
	if err != nil || len(slots.Slots) != 3 || slots.Zone != "Europe/Berlin" {
		t.Fatalf("listWindowSlots: %+v, %v", slots, err)
	}
	at := slots.Slots[0].At.Add(-time.Second).Format(time.RFC3339)
	p, err := c.PreviewWindow(ctx, client.NewPreview{Window: w.ID, Selection: client.Selection{All: true}, At: at})
	if err != nil || p.Phones != 1 || !p.First.Equal(slots.Slots[0].At) || p.Busiest.Phones != 1 || !p.Exact {
		t.Fatalf("previewWindow: %+v, %v; slots %+v", p, err, slots)
	}
	all := client.NewRecurringJob{Name: "each period", Kind: "reboot", Selection: client.Selection{All: true}, Window: w.Name}
	again, err := c.CreateRecurringJob(ctx, all)
	if err != nil || again.Window != w.ID || again.Cron != "" || again.Next.Before(time.Now()) {
		t.Fatalf("createRecurringJob by a window: %+v, %v", again, err)
	}
	var refused *client.Problem
	if err := c.DeleteWindow(ctx, w.ID); !errors.As(err, &refused) || !strings.Contains(refused.Detail, again.ID) {
		t.Fatalf("deleteWindow of one that %s needs: %v", again.ID, err)
	}
	if err := c.DeleteRecurringJob(ctx, again.ID); err != nil {
		t.Fatalf("deleteRecurringJob: %v", err)
	}
	if err := c.DeleteWindow(ctx, w.ID); err != nil {
		t.Fatalf("deleteWindow: %v", err)
	}
}
