package admin

import (
	"context"
	"encoding/json"
	"errors"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// exportedWindow says in which window a job waits, so that another server can be
// given it: the members of POST /windows.
type exportedWindow struct {
	Name string `json:"name"`
	window.Window
}

// exportWhen names the window that a job waits for, since ids are of one store,
// and tells it whole.
func (a *API) exportWhen(ctx context.Context, out *exportedJob, w *db.When) error {
	if w.Window == 0 {
		return nil
	}
	found, err := a.store.Window(ctx, w.Window)
	if errors.Is(err, db.ErrNotFound) {
		return nil // of a job that has ended it may be gone
	} else if err != nil {
		return about(err, "window %s", w.Window)
	}
	out.When.Window, out.Window = found.Name, &exportedWindow{found.Name, found.Window}
	return nil
}

// importedWhen is when an exported job is due: when an order is, and for which
// days a recurring job ordered.
type importedWhen struct {
	Now    *bool           `json:"now"`
	At     *string         `json:"at"`
	Window json.RawMessage `json:"window"`
	Missed *string         `json:"missed"`
	From   string          `json:"from"`
	Until  string          `json:"until"`
}

// when reads when an exported job is due. Its window is found by name.
func (im *jobImport) when(ctx context.Context, in importedWhen) (w db.When, err error) {
	var name string
	if json.Unmarshal(in.Window, &name) == nil {
		if _, err := db.ParseWindowID(name); err == nil {
			return w, invalid("when.window", "%s is the id of a window where the job comes from; name it by its name", name)
		}
		if _, err := im.api.store.FindWindow(ctx, name); errors.Is(err, db.ErrNotFound) {
			return w, invalid("when.window", "there is no window %q here; add it first, by POST %s/windows or `phoneacs window create`, as the line's member window tells it", shorten(name), v1)
		}
	}
	if w, err = im.api.readWhen(ctx, newWhen{in.Now, in.At, in.Window, in.Missed}, im.o.Now); err != nil {
		return w, err
	}
	texts := textReader{at: "when."}
	w.From, w.Until = texts.date("from", in.From), texts.date("until", in.Until)
	switch {
	case texts.err != nil:
		return w, texts.err
	case (w.From == nil) != (w.Until == nil) || w.From != nil && *w.Until < *w.From:
		return w, invalid("when.until", "want from and until, the first day first, or neither")
	case w.From != nil && w.Window == 0:
		return w, invalid("when.from", "needs a named window")
	}
	return w, nil
}
