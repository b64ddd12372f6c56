package client

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// A Window is a named maintenance window.
type Window struct {
	ID        string        `json:"id"`
	Name      string        `json:"name"`
	Weekly    *WeeklySpan   `json:"weekly,omitempty"`
	Flexible  *FlexibleSpan `json:"flexible,omitempty"`
	Zone      string        `json:"zone,omitempty"`
	ValidFrom string        `json:"valid_from,omitempty"`
	ValidTo   string        `json:"valid_to,omitempty"`
	BlackOut  []BlackOut    `json:"black_out,omitempty"`
	Edition   int           `json:"edition"`
	Created   time.Time     `json:"created"`
	By        string        `json:"by,omitempty"`
	Changed   time.Time     `json:"changed"`
	Jobs      *int          `json:"jobs,omitempty"` // that wait for it, counted up to 1,000; of GetWindow alone
	Notes     []string      `json:"notes,omitempty"`
}

// A NewWindow is one to be stored, or a draft, which needs no name. Exactly one
// of Weekly and Flexible is set.
type NewWindow struct {
	Name      string        `json:"name,omitempty"`
	Weekly    *WeeklySpan   `json:"weekly,omitempty"`
	Flexible  *FlexibleSpan `json:"flexible,omitempty"`
	Zone      string        `json:"zone,omitempty"`
	ValidFrom string        `json:"valid_from,omitempty"`
	ValidTo   string        `json:"valid_to,omitempty"`
	BlackOut  []BlackOut    `json:"black_out,omitempty"`
}

// New is the window as it would be given to replace it.
func (w *Window) New() NewWindow {
	return NewWindow{w.Name, w.Weekly, w.Flexible, w.Zone, w.ValidFrom, w.ValidTo, w.BlackOut}
}

// A WeeklySpan opens on some days of each week, or of each Nth.
type WeeklySpan struct {
	Days       []string `json:"days"` // "mon" to "sun"
	Begin      string   `json:"begin"`
	End        string   `json:"end,omitempty"`
	Every      int      `json:"every,omitempty"`
	Inactivity int      `json:"inactivity_minutes,omitempty"`
}

// A FlexibleSpan opens every day; each phone has one day of an interval.
type FlexibleSpan struct {
	Interval int    `json:"interval_days"`
	Begin    string `json:"begin"`
	End      string `json:"end,omitempty"`
}

// A BlackOut is days on which a window does not begin, both included.
type BlackOut struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

// A WindowSlot is an instant in a span: in UTC, and as local clocks show it.
type WindowSlot struct {
	At          time.Time `json:"at"`
	Opens       time.Time `json:"opens"`
	Closes      time.Time `json:"closes"`
	LocalAt     string    `json:"local_at"`
	LocalOpens  string    `json:"local_opens"`
	LocalCloses string    `json:"local_closes"`
	Day         string    `json:"day"`
}

// WindowSlots are the next slots of a phone.
type WindowSlots struct {
	Window string       `json:"window"`
	Name   string       `json:"name"`
	Phone  string       `json:"phone"`
	Zone   string       `json:"zone"`
	Open   *WindowSlot  `json:"open,omitempty"`
	Slots  []WindowSlot `json:"slots"`
	Notes  []string     `json:"notes,omitempty"`
}

// ListWindows returns windows in the order of their ids.
func (c *Client) ListWindows(ctx context.Context, q Query) (Page[Window], error) {
	return get[Page[Window]](ctx, c, "listWindows", call{query: q.values()})
}

// CreateWindow adds a window.
func (c *Client) CreateWindow(ctx context.Context, w NewWindow) (Window, error) {
	return get[Window](ctx, c, "createWindow", call{body: w})
}

// GetWindow takes an id or a name.
func (c *Client) GetWindow(ctx context.Context, ref string) (Window, error) {
	return get[Window](ctx, c, "getWindow", call{path: []string{ref}})
}

// ReplaceWindow takes an id or a name; what waits for it is filed anew.
func (c *Client) ReplaceWindow(ctx context.Context, ref string, w NewWindow) (Window, error) {
	return get[Window](ctx, c, "replaceWindow", call{path: []string{ref}, body: w})
}

// DeleteWindow takes an id or a name.
func (c *Client) DeleteWindow(ctx context.Context, ref string) error {
	return c.do(ctx, "deleteWindow", call{path: []string{ref}}, nil)
}

// ListWindowSlots returns at most n of a phone's next slots; 0: as the server has it.
func (c *Client) ListWindowSlots(ctx context.Context, ref, phone string, n int) (WindowSlots, error) {
	q := url.Values{"phone": {phone}}
	if n > 0 {
		q.Set("n", strconv.Itoa(n))
	}
	return get[WindowSlots](ctx, c, "listWindowSlots", call{path: []string{ref}, query: q})
}
