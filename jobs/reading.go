package jobs

import (
	"fmt"
	"slices"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// Bounds of reading. What is beyond those of a session goes on in the next one;
// what is beyond the others ends the attempt, with what was read kept.
const (
	maxStepsSession = 200       // RPCs of one attempt in a session
	maxSteps        = 2000      // RPCs of one attempt
	maxWalkBytes    = 256 << 10 // names that are still to be asked for
	firstBatch      = 64        // names found by listing that are asked for at once
	maxLost         = 2         // sessions that may break off over one request before it is made smaller
)

// What a reading asks for.
type readMode int

const (
	readValues readMode = iota
	readAttributes
	readNames
)

// A reading asks a phone for names and paths in as many RPCs as the phone needs
// it to be: first for all at once; where that is too much, in halves, and where
// a path is, for its children, which the phone is asked to list level by level.
// Names that the phone does not know are found by halving, too, and left out,
// since fault 9005 does not say which it was. All of it is one attempt: nothing
// is changed by it. It is kept in memory: a server that restarts meanwhile
// begins it anew.
type reading struct {
	mode   readMode
	keep   bool   // values and traits are collected
	root   string // asked for when the phone knows no empty path; "": not known
	levels bool   // the phone lists one level at a time only
	walks  bool   // and its quirks said so
	whole  bool   // the phone lists no single level, only all that is below
	most   int    // names that one request may have
	paths  pathBatch

	queue []ask // what is still to be asked, last first
	out   *ask  // what waits for its answer
	bytes int   // of names in queue

	model     string // of the phone, see lesson
	session   db.SessionToken
	steps     int // RPCs in all
	inSession int // and in this session
	batch     int

	told, masked, gone int
	values             []db.Parameter
	traits             []db.Trait
	left               []string        // what was left out, the first few
	leftCount          int             //
	fault              cwmp.FaultCode  // why the first of these was
	text               string          // and what the phone said
	stopped            bool            // by a fault that says no to all
	cut                string          // why it ended early
	big                map[string]bool // paths that were too much at once
}

// An ask is one request.
type ask struct {
	names []string
	list  bool // for the next level below the one name
	found bool // by listing: what is gone since is no error
	alone bool // and not to be asked for with others
	lost  int  // sessions that ended without its answer
}

// newReading plans to read names.
func newReading(mode readMode, names []string) *reading {
	r := &reading{mode: mode, batch: firstBatch, most: firstBatch}
	names = slices.Clone(names)
	if mode == readNames {
		for _, name := range slices.Backward(names) {
			r.push(ask{names: []string{name}})
		}
		return r
	}
	r.push(ask{names: names})
	return r
}

func (r *reading) clone() *reading {
	c := *r
	c.queue, c.values, c.traits, c.left = slices.Clone(r.queue), slices.Clip(r.values), slices.Clip(r.traits), slices.Clip(r.left)
	if r.out != nil {
		out := *r.out
		c.out = &out
	}
	return &c
}

func (r *reading) push(a ask) {
	for _, name := range a.names {
		r.bytes += len(name) + 16
	}
	r.queue = append(r.queue, a)
}

func (r *reading) pop() ask {
	a := r.queue[len(r.queue)-1]
	r.queue = r.queue[:len(r.queue)-1]
	for _, name := range a.names {
		r.bytes -= len(name) + 16
	}
	return a
}

// done says that nothing is left to be asked, or may be.
func (r *reading) done() bool {
	if len(r.queue) > 0 && r.steps >= maxSteps && r.cut == "" {
		r.cut = fmt.Sprintf("%d requests were not enough", maxSteps)
	}
	return len(r.queue) == 0 || r.stopped || r.cut != ""
}

// next takes the next request out; nil if the session has had enough of them.
func (r *reading) next(session db.SessionToken) cwmp.Message {
	if r.session != session {
		r.session, r.inSession = session, 0
		r.again()
	}
	if r.out != nil || r.done() || r.inSession >= maxStepsSession {
		return nil
	}
	a := r.merge(r.pop())
	r.out = &a
	r.steps++
	r.inSession++
	switch {
	case a.list:
		return &cwmp.GetParameterNames{ParameterPath: a.names[0], NextLevel: !r.whole}
	case r.mode == readNames:
		return &cwmp.GetParameterNames{ParameterPath: a.names[0], NextLevel: r.levels && partial(a.names[0])}
	case r.mode == readAttributes:
		return &cwmp.GetParameterAttributes{Names: a.names}
	}
	return &cwmp.GetParameterValues{Names: a.names}
}

// again puts back what an earlier session did not answer. Where that happens
// over and over it was too much for the phone.
func (r *reading) again() {
	if r.out == nil {
		return
	}
	r.out.lost++
	if r.out.lost >= maxLost {
		r.refused(cwmp.FaultResourcesExceeded, "the session broke off")
		return
	}
	r.push(*r.out)
	r.out = nil
}

func partial(name string) bool { return name == "" || strings.HasSuffix(name, ".") }

// took takes an answer in. values and traits are what is to be kept of it; ok
// is false if it answers something else.
func (r *reading) took(answer cwmp.Message) (values []db.Parameter, traits []db.Trait, ok bool) {
	if r.out == nil {
		return nil, nil, false
	}
	a := *r.out
	switch m := answer.(type) {
	case *cwmp.GetParameterValuesResponse:
		if ok = !a.list && r.mode == readValues; ok {
			values = told(m.Parameters)
		}
	case *cwmp.GetParameterAttributesResponse:
		if ok = !a.list && r.mode == readAttributes; ok {
			traits = attributesTold(m.Parameters)
		}
	case *cwmp.GetParameterNamesResponse:
		switch {
		case r.mode == readNames:
			ok, traits = true, namesTold(m.Parameters)
			if r.levels && partial(a.names[0]) {
				r.descend(a.names[0], m.Parameters)
			}
		case a.list:
			ok = true
			r.descend(a.names[0], m.Parameters)
		}
	}
	if !ok {
		return nil, nil, false
	}
	r.out = nil
	if !a.found && !a.list {
		r.notTold(a.names, values, traits)
	}
	r.bore(&a, len(values)+len(traits))
	r.untold(&a, namesOf(values, traits))
	r.told += len(values) + len(traits)
	for i := range values {
		if values[i].Type == db.TypeMasked {
			r.masked++
		}
	}
	if r.keep {
		r.values, r.traits = append(r.values, values...), append(r.traits, traits...)
	}
	return values, traits, true
}

// notTold notes the parameters that an answer left out without a word.
func (r *reading) notTold(names []string, values []db.Parameter, traits []db.Trait) {
	has := make(map[string]bool, len(values)+len(traits))
	for i := range values {
		has[values[i].Name] = true
	}
	for i := range traits {
		has[traits[i].Name] = true
	}
	for _, name := range names {
		if !partial(name) && !has[name] {
			r.leave(ask{names: []string{name}}, 0, "")
		}
	}
}

// refused takes a fault in.
func (r *reading) refused(code cwmp.FaultCode, text string) {
	if r.out == nil {
		return
	}
	a := *r.out
	r.out = nil
	tooMuch := code == cwmp.FaultInternalError || code == cwmp.FaultResourcesExceeded
	odd := tooMuch || code == cwmp.FaultInvalidArguments || code == cwmp.FaultInvalidParameterName
	name := a.names[0]
	switch {
	case !odd:
		r.stopped = true
		r.leave(a, code, text)
	case len(a.names) > 1:
		half := len(a.names) / 2
		switch {
		case tooMuch && a.paths():
			r.tooMany(&a)
		case tooMuch:
			r.batch = max(1, min(r.batch, half))
		}
		r.push(ask{names: a.names[half:], found: a.found, alone: true})
		r.push(ask{names: a.names[:half], found: a.found, alone: true})
	case r.unrooted(a, code):
	case r.other(a, code):
	case a.list:
		r.leave(a, code, text)
	case r.mode == readNames && partial(name) && !r.levels && !r.whole && code != cwmp.FaultInvalidParameterName:
		r.levels = true
		r.remember(name)
		r.push(a)
	case r.mode != readNames && partial(name) && code != cwmp.FaultInvalidParameterName:
		r.remember(name)
		r.push(ask{names: a.names, list: true, found: a.found})
	case a.found && code == cwmp.FaultInvalidParameterName && !partial(name):
		// Some phones list objects without their dot.
		r.push(ask{names: []string{name + "."}, found: true})
	case a.found && code == cwmp.FaultInvalidParameterName:
		r.gone++
	default:
		r.leave(a, code, text)
	}
}

func (r *reading) remember(path string) {
	big := map[string]bool{path: true}
	for p := range r.big {
		big[p] = true
	}
	r.big = big
}

// maxLeft is how many of the names that were left out are remembered.
const maxLeft = maxListed + 1

func (r *reading) leave(a ask, code cwmp.FaultCode, text string) {
	if r.fault == 0 {
		r.fault, r.text = code, text
	}
	r.leftCount += len(a.names)
	for _, name := range a.names {
		if len(r.left) < maxLeft {
			r.left = append(r.left, clip(name))
		}
	}
}
