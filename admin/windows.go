package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// windowView is a named window as version 1 shows it.
type windowView struct {
	ID   db.WindowID `json:"id"`
	Name string      `json:"name"`
	window.Window
	Edition int       `json:"edition"`
	Created time.Time `json:"created"`
	By      string    `json:"by,omitempty"`
	Changed time.Time `json:"changed"`
	Jobs    *int      `json:"jobs,omitempty"`  // that wait for it, up to maxWindowJobs; of one window alone
	Notes   []string  `json:"notes,omitempty"` // sentences that whoever orders in it should know
}

func (a *API) viewWindow(w *db.Window) windowView {
	return windowView{
		ID: w.ID, Name: w.Name, Window: w.Window, Edition: w.Edition, Created: w.Created, By: w.By, Changed: w.Changed,
		Notes: a.windowNotes(&w.Window, a.clock.Now()),
	}
}

// windowNotes are sentences about what a window does that may not be meant.
func (a *API) windowNotes(w *window.Window, at time.Time) (notes []string) {
	if !w.Spread() {
		notes = append(notes, "nothing is spread: it has no end after its begin, so all phones are due at the begin itself")
	}
	if idle := w.Inactivity(); idle > 0 {
		notes = append(notes, fmt.Sprintf("times are of slots, at which phones are looked at first: each is served when it has been idle for %d minutes from its slot on, or in a later period", int(idle.Minutes())))
	}
	if why := w.Over(a.zone, at); why != "" {
		notes = append(notes, "it does not open any more: "+why)
	}
	return notes
}

// filedAnew says what an edit sets off.
const filedAnew = "what waits for it is filed anew in the background"

// listWindows serves GET /api/v1/windows.
func (a *API) listWindows(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, nil)
	if err != nil {
		return err
	}
	page, err := a.store.ListWindows(r.Context(), q)
	if err != nil {
		return about(err, "windows")
	}
	return writePage(w, page, a.viewWindow)
}

// createWindow serves POST /api/v1/windows.
func (a *API) createWindow(w http.ResponseWriter, r *http.Request) error {
	in, err := readWindow(w, r)
	if err != nil {
		return err
	}
	in.Created, in.By = a.clock.Now().UTC(), caller(r).Name
	made, err := a.store.CreateWindow(r.Context(), in)
	if err != nil {
		return about(err, "window %q", in.Name)
	}
	return writeCreated(w, v1+"/windows/"+made.ID.String(), a.viewWindow(&made))
}

// readWindow reads the body of a window that is to be stored.
func readWindow(w http.ResponseWriter, r *http.Request) (out db.Window, err error) {
	var in newWindow
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return out, err
	}
	if in.Name == "" {
		return out, invalid("name", "want 1 to %d characters", maxSiteName)
	}
	if err := checkText("name", in.Name, maxSiteName); err != nil {
		return out, err
	}
	out.Name = in.Name
	out.Window, err = in.read("")
	return out, err
}

// getWindow serves GET /api/v1/windows/{id}.
func (a *API) getWindow(w http.ResponseWriter, r *http.Request) error {
	found, err := a.pathWindow(r)
	if err != nil {
		return err
	}
	v := a.viewWindow(&found)
	n, err := a.store.WindowJobs(r.Context(), found.ID, maxWindowJobs)
	if err != nil {
		return about(err, "jobs of window %s", found.ID)
	}
	v.Jobs = &n
	return writeJSON(w, http.StatusOK, v)
}

// maxWindowJobs is how many jobs of a window are counted.
const maxWindowJobs = 1000

// pathWindow returns the window that the {id} of the path names.
func (a *API) pathWindow(r *http.Request) (out db.Window, err error) {
	ref, err := pathRef(r)
	if err != nil {
		return out, err
	}
	return a.windowOf(r.Context(), ref)
}

func (a *API) windowOf(ctx context.Context, ref string) (out db.Window, err error) {
	id, err := a.store.FindWindow(ctx, ref)
	if err == nil {
		out, err = a.store.Window(ctx, id)
	}
	return out, about(err, "window %q", ref)
}

// replaceWindow serves PUT /api/v1/windows/{id}.
func (a *API) replaceWindow(w http.ResponseWriter, r *http.Request) error {
	old, err := a.pathWindow(r)
	if err != nil {
		return err
	}
	in, err := readWindow(w, r)
	if err != nil {
		return err
	}
	in.ID = old.ID
	made, err := a.store.UpdateWindow(r.Context(), in, a.clock.Now().UTC())
	if err != nil {
		return about(err, "window %s", in.ID)
	}
	v := a.viewWindow(&made)
	if made.Edition != old.Edition {
		v.Notes = append(v.Notes, filedAnew)
	}
	return writeJSON(w, http.StatusOK, v)
}

// deleteWindow serves DELETE /api/v1/windows/{id}.
func (a *API) deleteWindow(w http.ResponseWriter, r *http.Request) error {
	old, err := a.pathWindow(r)
	if err != nil {
		return err
	}
	if err := a.store.DeleteWindow(r.Context(), old.ID); err != nil {
		return needed(err, fmt.Sprintf("window %s", old.ID))
	}
	return writeGone(w)
}

// needed answers a deletion of what something else needs, and names that.
func needed(err error, what string) error {
	var use *db.InUseError
	if errors.As(err, &use) {
		return newProblem(kindInUse, "%s: %s needs it", what, use.By).because(err)
	}
	return about(err, "%s", what)
}
