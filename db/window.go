package db

import (
	"context"
	"time"

	"phoneacs/jobs/window"
)

// WindowID names a window: "w3". It is part of what slots are drawn from.
type WindowID uint64

func (id WindowID) String() string { return formatID('w', uint64(id)) }

// MarshalText writes the form of [WindowID.String].
func (id WindowID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the form of [WindowID.String].
func (id *WindowID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseWindowID(string(b))
	return
}

// ParseWindowID reads the form that [WindowID.String] writes.
func ParseWindowID(s string) (WindowID, error) { return parseID[WindowID]('w', s) }

// MaxWindows is how many named windows there may be.
const MaxWindows = 10_000

// A Window is a maintenance window that jobs may wait for.
type Window struct {
	ID      WindowID      `json:"id"`
	Name    string        `json:"name"` // unique but for case, 1 to 64 characters
	Window  window.Window `json:"window"`
	Edition int           `json:"edition"` // counts the changes of Window, from 1
	Created time.Time     `json:"created"`
	By      string        `json:"by,omitempty"`
	Changed time.Time     `json:"changed"`
}

// Windows keeps named windows.
type Windows interface {
	// CreateWindow adds a window and gives it its id and its first edition;
	// ErrExists if the name is taken, ErrTooMany beyond MaxWindows, a
	// *FieldError for a window that cannot be.
	CreateWindow(ctx context.Context, w Window) (Window, error)
	// Window returns one, or ErrNotFound.
	Window(ctx context.Context, id WindowID) (Window, error)
	// FindWindow resolves an id or a name, or returns ErrNotFound.
	FindWindow(ctx context.Context, ref string) (WindowID, error)
	// WindowJobs counts the jobs that wait for a window and have not ended, up
	// to a number; 0 for a window that there is not.
	WindowJobs(ctx context.Context, id WindowID, most int) (int, error)
	// ListWindows returns windows in the order of their ids; no filter.
	ListWindows(ctx context.Context, q Query) (Page[Window], error)
	// UpdateWindow replaces name and window; another window is the next
	// edition, by which what waits for it is filed anew, and the next runs of
	// recurring jobs are found anew. ErrNotFound; else as CreateWindow.
	UpdateWindow(ctx context.Context, w Window, now time.Time) (Window, error)
	// DeleteWindow takes a window away; ErrNotFound; ErrInUse, as an
	// *InUseError, while something needs it.
	DeleteWindow(ctx context.Context, id WindowID) error
}
