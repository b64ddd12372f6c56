package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"phoneacs/db"
)

// Bounds of an import.
const (
	importBatch = db.MaxImport // lines a commit
	maxErrors   = 100          // refused lines that are told one by one in a sum
	maxKnown    = 1000         // sites remembered while one list is read
)

// importResult is what became of a list, in sum.
type importResult struct {
	Created   int          `json:"created"`
	Updated   int          `json:"updated"`
	Unchanged int          `json:"unchanged"`
	Skipped   int          `json:"skipped"`
	Failed    int          `json:"failed"` // refused
	Errors    []*lineError `json:"errors"`
	DryRun    bool         `json:"dry_run,omitempty"`
	// SitesCreated is how many sites were made, where that was asked for.
	SitesCreated int `json:"sites_created,omitempty"`
	// Through is the last line that was read and of which all is committed.
	Through int `json:"through"`
}

func (r *importResult) fail(e *lineError) {
	r.Failed++
	if len(r.Errors) < maxErrors {
		r.Errors = append(r.Errors, e)
	}
}

func (r *importResult) count(f *importFate) {
	switch f.Fate {
	case db.FateCreated:
		r.Created++
	case db.FateUpdated:
		r.Updated++
	case db.FateUnchanged:
		r.Unchanged++
	case db.FateSkipped:
		r.Skipped++
	case db.FateRefused:
		r.fail(&lineError{f.Line, f.Field, f.Detail})
	}
	r.Through = f.Line
}

// importFate is what became of one line.
type importFate struct {
	Line   int     `json:"line"`
	Fate   db.Fate `json:"fate"`
	ID     string  `json:"id,omitempty"`    // of the phone, site or job
	Field  string  `json:"field,omitempty"` // the column that is wrong
	Detail string  `json:"detail,omitempty"`
}

// A list is how lines of one kind are taken in.
type list[L any] struct {
	read  func() (L, int, error) // as phoneReader.next, with the line's number
	batch int                    // lines a commit
	// prepare completes a line; a *lineError refuses it. nil: nothing to do.
	prepare func(context.Context, *L) error
	// commit takes lines in and gives each its fate, without its number.
	commit func(context.Context, []L) ([]importFate, error)
}

// An intake takes one list in.
type intake[L any] struct {
	list[L]
	feed   feed[L]
	tell   *fates
	items  []L          // of the batch, those that are good so far
	lines  []importFate // of the batch, in order; Fate is empty for those of items
	result *importResult
}

// importing serves the import of a list: as a sum when it has ended, or told
// line by line while it goes on.
func importing[L any](w http.ResponseWriter, r *http.Request, body *stream, result *importResult, l list[L]) error {
	result.Errors = []*lineError{}
	in := intake[L]{list: l, feed: direct[L]{l.read}, result: result}
	if !wantsLines(r) {
		if err := in.run(r.Context()); err != nil {
			return in.explain(err)
		}
		return writeJSON(w, http.StatusOK, result)
	}
	duplex(w)
	in.tell = newFates(w)
	in.feed = newPump(body, l.batch, l.read)
	err := in.run(r.Context())
	early := in.feed.stop()
	if err != nil {
		err = in.explain(err)
	}
	in.tell.end(result, err)
	if early {
		// What is left of the list must not be taken for the next request.
		w.(*exchange).err = err
		panic(http.ErrAbortHandler)
	}
	return err
}

// run takes the list in. What has arrived is committed as soon as no more is
// waiting, at most a batch at a time.
func (in *intake[L]) run(ctx context.Context) error {
	for {
		n, arrived := in.feed.next(len(in.lines) == 0)
		if !arrived {
			if err := in.flush(ctx); err != nil {
				return err
			}
			continue
		}
		err := n.err
		if err == nil && in.prepare != nil {
			err = in.prepare(ctx, &n.item)
		}
		var bad *lineError
		switch {
		case errors.Is(err, io.EOF):
			return in.flush(ctx)
		case err == nil:
			in.items = append(in.items, n.item)
			in.lines = append(in.lines, importFate{Line: n.line})
		case errors.As(err, &bad):
			if bad.Line == 0 {
				bad.Line = n.line
			}
			in.lines = append(in.lines, importFate{Line: bad.Line, Fate: db.FateRefused, Field: bad.Field, Detail: bad.Detail})
		default:
			// What came before the end stays: it is told in the order of the list.
			return errors.Join(err, in.flush(ctx))
		}
		if len(in.lines) >= in.batch {
			if err := in.flush(ctx); err != nil {
				return err
			}
		}
	}
}

// flush commits the batch and tells its fates.
func (in *intake[L]) flush(ctx context.Context) error {
	var got []importFate
	if len(in.items) > 0 {
		var err error
		if got, err = in.commit(ctx, in.items); err != nil {
			return about(err, "import")
		}
	}
	for i := range in.lines {
		f := &in.lines[i]
		if f.Fate == "" {
			line := f.Line
			*f, got = got[0], got[1:]
			f.Line = line
		}
		in.result.count(f)
		in.tell.add(f)
	}
	clear(in.items) // lets go of what the lines held
	in.items, in.lines = in.items[:0], in.lines[:0]
	return in.tell.flush()
}

// explain adds to the error that ended an import what has been kept.
func (in *intake[L]) explain(err error) error {
	p := *problemFor(err)
	kept := "nothing was imported"
	switch {
	case in.result.DryRun:
		kept = "nothing was to be imported"
	case in.result.Through > 0:
		kept = fmt.Sprintf("lines up to %d were imported", in.result.Through)
	}
	p.Detail += "; " + kept
	return p.because(err)
}

// refusal says why the store did not take a line.
func refusal(line int, err error) *lineError {
	p := problemFor(err)
	if p.Field == "" && errors.Is(err, db.ErrExists) {
		return &lineError{line, "", "its mac and its serial belong to two different phones"}
	}
	return &lineError{line, p.Field, p.Detail}
}

// fateOf is a fate as it is told.
func fateOf(f db.Imported) importFate {
	out := importFate{Fate: f.Fate}
	switch {
	case f.Err != nil:
		why := refusal(0, f.Err)
		out.Fate, out.Field, out.Detail = db.FateRefused, why.Field, why.Detail
	case f.Phone != 0:
		out.ID = f.Phone.String()
	case f.Site != 0:
		out.ID = f.Site.String()
	}
	return out
}

// fatesOf are all of a commit.
func fatesOf(in []db.Imported, err error) ([]importFate, error) {
	out := make([]importFate, len(in))
	for i := range in {
		out[i] = fateOf(in[i])
	}
	return out, err
}
