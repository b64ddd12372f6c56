package main

import (
	"fmt"
	"strconv"
)

// A target is what a figure should be.
type target struct {
	relation relation
	bound    float64
	unit     string  // " MiB"; "" for a plain number
	aim      float64 // better than bound, and what is hoped for; 0 for none
}

type relation int

const (
	atMost  relation = iota
	below            // less than, not equal to
	atLeast          // the other way round
)

// The targets of the project. Memory is in MiB, times in seconds.
var (
	sessionTarget    = target{atMost, 2.8, " × floor", 2}
	lostTarget       = target{atMost, 0, "", 0}
	memoryTarget     = target{atMost, 64, " MiB", 0}
	crowdTarget      = target{atMost, 100, " MiB", 0}
	waitingTarget    = target{below, 100, " MiB", 0}
	phonesTarget     = target{atMost, 1.3, " × few", 0}
	parametersTarget = target{atMost, 1.15, " × without", 0}
	acceptedTarget   = target{atMost, 1, " s", 0}
	expandedTarget   = target{atMost, 10, " s", 0}
	drainedTarget    = target{atLeast, 1000, " /s", 0}

	// A phone that finds nobody tries again after 5 to 10 s, and then after 10 to
	// 20 more (TR-069 3.2.1.1): who starts within 5 s has kept none waiting for
	// longer than its first wait, who starts within 15 none for longer than its
	// second, which is enough after a start of the machine.
	startTarget = target{atMost, 5, " s", 0}
	coldTarget  = target{atMost, 15, " s", 0}
	// Nothing is kept in memory of a phone that does not speak; what is left for
	// chance is how much the collector has not taken yet.
	startMemoryTarget = target{atMost, 1.3, " × few", 0}

	// The store, 1 GB at most, is copied, copied again without secrets, looked
	// through and packed. Each is 20 s where packing does 50 MB a second, and as
	// much again is left to sessions.
	backupTarget = target{atMost, 120, " s", 0}
	// One core of two packs; half of the other is that of the phones played here.
	backupPaceTarget = target{atLeast, 0.33, " × without", 0}
	// A phone waits 30 s for an answer, but an operator not more than one.
	backupLatencyTarget = target{atMost, 1, " s", 0}

	// As for phones that are only known: a waiting task is looked up by its phone.
	waitingCostTarget = target{atMost, 1.3, " × without", 0}
	// A tick asks for the first entry of each kind that is due, some 10 µs each;
	// half a hundredth of a core leaves room for all else that is done each second.
	idleTarget = target{atMost, 5, " ms", 0}

	// A commit of 1,000 records takes 13 ms where the design measured, of which
	// 10,000 phones with their index entries need ten: a quarter of a second, and
	// a second leaves as much again for reading the list and for sessions.
	importTarget = target{atMost, 1, " s", 0}
	// A page of 1,000 is that many records decoded and encoded, 30 µs each.
	pageTarget = target{atMost, 0.1, " s", 0}
	walkTarget = target{atMost, 1, " s", 0}
	// As much as walking all pages; the lines are shorter.
	exportTarget = target{atMost, 1, " s", 0}
)

func (t target) String() string {
	s := map[relation]string{atMost: "≤ ", below: "< ", atLeast: "≥ "}[t.relation] + number(t.bound) + t.unit
	if t.aim != 0 {
		s += ", aim " + number(t.aim)
	}
	return s
}

func (t target) met(got float64) bool {
	switch t.relation {
	case below:
		return got < t.bound
	case atLeast:
		return got >= t.bound
	}
	return got <= t.bound
}

// verdict says whether got meets the target, or by how much it does not.
func (t target) verdict(got float64) string {
	if !t.met(got) {
		return "**missed by " + distance(got, t.bound) + "**"
	}
	aim := target{relation: t.relation, bound: t.aim}
	switch {
	case t.aim == 0:
		return "met"
	case aim.met(got):
		return "met, the aim too"
	}
	return "met, the aim missed by " + distance(got, t.aim)
}

// distance says how far got is from the bound, in percent where that means
// something.
func distance(got, bound float64) string {
	d := max(got-bound, bound-got)
	if bound == 0 {
		return number(d)
	}
	return fmt.Sprintf("%.1f %%", 100*d/bound)
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
