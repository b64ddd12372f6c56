package jobs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones"
)

// maxLineSteps bounds the requests in which a phone's lines are found.
const maxLineSteps = 40

// A lineWalk finds out what lines a phone has: it lists the instances below each
// table of a way to tell of lines, and takes the first way that has any.
type lineWalk struct {
	ways  []phones.Lines
	roots []string
	at    int                 // of ways by roots
	lists map[string][]string // path → instances below it
	out   string              // the path that is being asked for
	steps int
	fault string // the last one that said that there is no such table
}

func newLineWalk(ways []phones.Lines, root string) *lineWalk {
	w := &lineWalk{ways: ways, roots: []string{root}, lists: make(map[string][]string)}
	if root == "" {
		w.roots = []string{"Device.", "InternetGatewayDevice."}
	}
	return w
}

// next returns the next request; nil: found is what there is.
func (w *lineWalk) next() (msg cwmp.Message, found db.Lines) {
	for ; w.at < len(w.ways)*len(w.roots); w.at++ {
		way, root := w.ways[w.at/len(w.roots)], w.roots[w.at%len(w.roots)]
		calls, ask := w.names(root + way.Calls.Name)
		if ask == "" && len(calls) == 0 {
			continue
		}
		registered, askToo := w.names(root + way.Registered.Name)
		if ask == "" {
			ask = askToo
		}
		if ask == "" || w.steps >= maxLineSteps {
			return nil, db.Lines{Calls: calls, Registered: registered}
		}
		w.out = ask
		w.steps++
		return &cwmp.GetParameterNames{ParameterPath: ask, NextLevel: true}, db.Lines{}
	}
	return nil, db.Lines{}
}

// names are those that a pattern stands for, as far as is known; ask is a path
// that is to be listed first.
func (w *lineWalk) names(pattern string) (names []string, ask string) {
	path, rest, more := strings.Cut(pattern, "{i}")
	if !more {
		return []string{pattern}, ""
	}
	numbers, known := w.lists[path]
	if !known {
		return nil, path
	}
	for _, n := range numbers {
		below, askBelow := w.names(path + n + rest)
		names = append(names, below...)
		if ask == "" {
			ask = askBelow
		}
	}
	slices.Sort(names)
	return names[:min(len(names), db.MaxLines)], ask
}

// answered takes the answer to the request that is out. A fault may say that
// there is no such table, or that it cannot be asked for; any other, and no
// answer, says nothing of the lines, but why they are not known.
func (w *lineWalk) answered(answer cwmp.Message) (why string, ok bool) {
	switch m := answer.(type) {
	case *cwmp.GetParameterNamesResponse:
		w.told(m.Parameters)
		return "", true
	case *cwmp.Fault:
		why = refusedBy(m.Code)
		switch m.Code {
		case cwmp.FaultMethodNotSupported, cwmp.FaultInvalidArguments, cwmp.FaultInvalidParameterName:
			w.fault = why
			w.told(nil)
			return "", true
		}
		return why, false
	}
	return "the phone did not answer the question for its lines", false
}

// refusedBy is a fault as the reason why something cannot be read.
func refusedBy(code cwmp.FaultCode) string {
	return fmt.Sprintf("fault %d: %s", code, clause(code.Meaning()))
}

// none says why there are no lines.
func (w *lineWalk) none() string {
	if w.fault == "" {
		return "the phone lists no lines"
	}
	return "the phone lists no lines: " + w.fault
}

// told takes a list below the path that is out.
func (w *lineWalk) told(list []cwmp.ParameterInfo) {
	var numbers []int
	for i := range list {
		rest, below := strings.CutPrefix(list[i].Name, w.out)
		n, _, _ := strings.Cut(rest, ".") // some phones list objects without their dot
		if at, err := strconv.Atoi(n); below && err == nil && at >= 0 && at < 1<<30 {
			numbers = append(numbers, at)
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	texts := make([]string, 0, len(numbers))
	for _, n := range numbers[:min(len(numbers), db.MaxLines)] {
		texts = append(texts, strconv.Itoa(n))
	}
	w.lists[w.out], w.out = texts, ""
}
