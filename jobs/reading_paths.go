package jobs

import (
	"iter"
	"strings"

	"phoneacs/db"
)

// Paths that were found by listing are asked for together. How many at once is
// found out: twice as many after a request that the phone has answered, half as
// many after one that was too much, and more again only after some that went well.
const (
	calmAfter = 4   // full requests that are answered before more is tried again
	calmTold  = 128 // values in an answer of which more is not tried
)

type pathBatch struct {
	n    int // paths that a request has; 0: 1
	most int // and may have, as other readings taught; 0: as many as names
	full int // requests in a row that had as many, and were answered
	wait int // how many of those there are to be; 0: 1
}

// mergeable says that a request is for a path, and may be for others as well.
func (a *ask) mergeable() bool {
	return a.found && !a.list && !a.alone && a.lost == 0 && len(a.names) == 1 && partial(a.names[0])
}

// merge takes what else is to be asked for into a request for a path.
func (r *reading) merge(a ask) ask {
	if r.mode == readNames || !a.mergeable() {
		return a
	}
	a.names = append([]string(nil), a.names...)
	for len(a.names) < r.paths.n && len(r.queue) > 0 && r.queue[len(r.queue)-1].mergeable() {
		a.names = append(a.names, r.pop().names...)
	}
	return a
}

// bore notes that a request for paths was answered, with so many values.
func (r *reading) bore(a *ask, values int) {
	if p := &r.paths; a.paths() && len(a.names) >= p.n && values <= calmTold {
		if p.full++; p.full >= p.wait {
			p.n, p.full = min(2*max(1, p.n), r.most), 0
			if p.most > 0 {
				p.n = min(p.n, p.most)
			}
		}
	}
}

// tooMany notes that a request for several paths was too much.
func (r *reading) tooMany(a *ask) {
	r.paths.n, r.paths.full, r.paths.wait = max(1, len(a.names)/2), 0, calmAfter
}

// paths says that a request is for paths that were found.
func (a *ask) paths() bool { return a.found && !a.list && partial(a.names[0]) }

// namesOf goes over the names that an answer told.
func namesOf(values []db.Parameter, traits []db.Trait) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range values {
			if !yield(values[i].Name) {
				return
			}
		}
		for i := range traits {
			if !yield(traits[i].Name) {
				return
			}
		}
	}
}

// untold asks for paths once more, each by itself, of which an answer to several
// told nothing.
func (r *reading) untold(a *ask, told iter.Seq[string]) {
	if !a.paths() || len(a.names) == 1 {
		return
	}
	missing := map[string]bool{}
	for _, path := range a.names {
		missing[path] = true
	}
	for name := range told {
		for at := strings.IndexByte(name, '.'); at >= 0; {
			delete(missing, name[:at+1])
			next := strings.IndexByte(name[at+1:], '.')
			if next < 0 {
				break
			}
			at += 1 + next
		}
	}
	for _, path := range a.names {
		if missing[path] {
			r.push(ask{names: []string{path}, found: true, alone: true})
		}
	}
}
