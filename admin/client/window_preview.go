package client

import (
	"context"
	"time"
)

// previewTime is a little more than the server takes at the most.
const previewTime = 6 * time.Minute

// A NewPreview asks what a window would mean. Exactly one of Window and Draft is set.
type NewPreview struct {
	Window    string     `json:"window,omitempty"`
	Draft     *NewWindow `json:"draft,omitempty"`
	Selection Selection  `json:"selection"`
	File      string     `json:"file,omitempty"`
	Takes     string     `json:"takes,omitempty"` // a duration
	Rate      *int       `json:"rate_per_minute,omitempty"`
	At        string     `json:"at,omitempty"` // RFC 3339
	Limit     *int       `json:"limit,omitempty"`
	After     string     `json:"after,omitempty"` // id of a phone
}

// A WindowPreview is what it would mean.
type WindowPreview struct {
	Window     string         `json:"window,omitempty"`
	Name       string         `json:"name,omitempty"`
	Exact      bool           `json:"exact"`
	At         time.Time      `json:"at"`
	Looked     int            `json:"looked_at"`
	Phones     int            `json:"phones"`
	First      time.Time      `json:"first,omitzero"`
	Last       time.Time      `json:"last,omitzero"`
	Busiest    *WindowLoad    `json:"busiest,omitempty"`
	Step       string         `json:"step"`
	Curve      []WindowBucket `json:"curve"`
	File       *WindowFile    `json:"file,omitempty"`
	AtOnce     *WindowLoad    `json:"at_once,omitempty"`
	Rate       *WindowRate    `json:"rate,omitempty"`
	Zones      []WindowPlace  `json:"zones"`
	Sites      []WindowPlace  `json:"sites"`
	MoreSites  int            `json:"more_sites,omitempty"`
	Unwakeable Unwakeable     `json:"unwakeable"`
	LeftOut    LeftOut        `json:"left_out"`
	Notes      []string       `json:"notes,omitempty"`
}

// A WindowBucket is how many slots are in a stretch of a curve.
type WindowBucket struct {
	At     time.Time `json:"at"`
	Phones int       `json:"phones"`
}

// A WindowLoad is how many phones are served in a minute.
type WindowLoad struct {
	At             time.Time `json:"at"`
	Phones         int       `json:"phones"`
	BytesPerSecond *int64    `json:"bytes_per_second,omitempty"`
}

// A WindowFile is what each phone would download.
type WindowFile struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// A WindowRate is what a bound on phones per minute makes of the curve.
type WindowRate struct {
	PerMinute int       `json:"per_minute"`
	Last      time.Time `json:"last,omitzero"`
	LeftOver  int       `json:"left_over"`
}

// A WindowPlace is the share of a zone, or of a site.
type WindowPlace struct {
	Site   string    `json:"site,omitempty"`
	Name   string    `json:"name,omitempty"`
	Zone   string    `json:"zone"`
	Phones int       `json:"phones"`
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`
}

// LeftOut are phones without a slot.
type LeftOut struct {
	Count   int            `json:"count"`
	Reasons []WindowReason `json:"reasons"`
	Phones  []OddPhone     `json:"phones"`
	Next    string         `json:"next,omitempty"`
}

// Unwakeable are phones that cannot be woken in their slot.
type Unwakeable struct {
	LeftOut
	Speaks struct {
		Inside  int `json:"inside"`
		Outside int `json:"outside"`
		Unknown int `json:"unknown"`
	} `json:"speaks"`
}

// A WindowReason is how many phones have one.
type WindowReason struct {
	Reason string `json:"reason"`
	Phones int    `json:"phones"`
}

// An OddPhone is one of those, and why.
type OddPhone struct {
	ID         string    `json:"id"`
	MAC        string    `json:"mac,omitempty"`
	Name       string    `json:"name,omitempty"`
	Site       string    `json:"site"`
	Reason     string    `json:"reason"`
	Why        string    `json:"why"`
	Slot       time.Time `json:"slot,omitzero"`
	LastInform time.Time `json:"last_inform,omitzero"`
	Interval   int       `json:"interval_seconds,omitempty"`
	Speaks     string    `json:"speaks,omitempty"`
	Expected   time.Time `json:"expected,omitzero"`
}

// PreviewWindow looks at all phones of a selection, which takes a while where
// there are many.
func (c *Client) PreviewWindow(ctx context.Context, p NewPreview) (WindowPreview, error) {
	return get[WindowPreview](ctx, c, "previewWindow", call{body: p, wait: previewTime})
}
