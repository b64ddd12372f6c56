package db

import (
	"context"
	"time"
)

// A Deed is what a job does to a phone, as far as windows care: the kind of the
// job, for a download or an upload with the kind of what is carried,
// "download/config". What a raw RPC does is not known: it is no deed.
type Deed string

// DeedOf is the deed of jobs of a kind. carries is the kind of the file that a
// download or an upload is for, and of other jobs not read. It is "" for a raw
// RPC, and for a download whose file is not known any more.
func DeedOf(kind, carries string) Deed {
	switch kind {
	case KindRaw:
		return ""
	case KindDownload, KindUpload:
		if carries == "" {
			return ""
		}
		return Deed(kind + "/" + carries)
	}
	return Deed(kind)
}

// A Run is when a phone last had a deed done by other means than a slot of a
// flexible window: by an order for now or for a time, or in a weekly window.
// Flexible periods of that deed begin anew on the day after.
type Run struct {
	Deed Deed
	// At is when the attempt was sent, or later by the delay that was asked
	// for. It is kept as an instant: which day that was is for the zone to say
	// in which the days of a window are counted.
	At time.Time
}

// aheadLeast is by how much a clock is taken to have been wrong.
const aheadLeast = 24 * time.Hour

// Ahead reports whether a run lies so far ahead of an instant that the clock
// must have been wrong when it was kept: it counts for nothing.
func (r Run) Ahead(now time.Time) bool { return r.At.After(now.Add(aheadLeast)) }

// Runs keeps the last run of each deed of each phone. What is kept of a phone
// goes with it; another in its place has its own.
//
// They are written by [Tasks].Judge, in the commit that makes a task
// TaskSucceeded, and never go back in time, but from one that is [Run.Ahead]. With a run, what waits for that
// phone in a flexible window by the same deed has yet to be filed, see [Filings].
type Runs interface {
	// Runs returns the last runs of a phone, by deed; none for one that is not
	// known.
	Runs(ctx context.Context, phone PhoneID) ([]Run, error)
}
