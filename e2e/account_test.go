package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"phoneacs/internal/sim"
)

// An account sets what the server says it did beside what the phones say was
// done to them. It is taken when every job has ended.
type account struct {
	jobs    map[string]job
	tasks   map[string]task
	keys    map[string]sent // by CommandKey
	ledgers map[string]sim.Ledger
	conduct func(phone string) sim.Behaviour
	totals
}

// totals are what an account adds up to.
type totals struct {
	states   map[string]int // tasks by state
	attempts int            // marked sent
	received int            // of these, RPCs that a phone received
	unknown  int            // attempts that were given up as unknown
	late     int            // of these, reported after the next attempt had been sent
	applied  int            // files that took effect
	repeated int            // of these, by a second attempt of their task
	reboots  int            // Reboot RPCs received
}

// sent is an attempt with its task.
type sent struct {
	task    task
	attempt attempt
}

// takeAccount asks the server and the phones. The server must know all of them.
func takeAccount(t *testing.T, s *server, fleet *sim.Fleet) *account {
	t.Helper()
	a := &account{
		jobs: map[string]job{}, tasks: map[string]task{}, keys: map[string]sent{}, ledgers: map[string]sim.Ledger{},
		totals: totals{states: map[string]int{}},
	}
	for _, j := range list[job](t, s, "/api/v1/jobs") {
		a.jobs[j.ID] = j
		for _, k := range list[task](t, s, "/api/v1/jobs/"+j.ID+"/tasks") {
			a.tasks[k.ID] = k
			a.states[k.State]++
			for _, at := range k.Attempts {
				if _, twice := a.keys[at.Key]; twice {
					t.Errorf("key %s was given twice", at.Key)
				}
				a.keys[at.Key] = sent{k, at}
				a.attempts++
				if at.Outcome == "unknown" {
					a.unknown++
				}
			}
		}
	}
	byMAC := map[string]*sim.Phone{}
	for i := range fleet.Len() {
		byMAC[fleet.Phone(i).MAC().String()] = fleet.Phone(i)
	}
	for _, p := range list[phone](t, s, "/api/v1/phones") {
		sp := byMAC[p.MAC]
		if sp == nil {
			t.Errorf("phone %s with MAC %s is known twice, or none of ours", p.ID, p.MAC)
			continue
		}
		delete(byMAC, p.MAC)
		a.ledgers[p.ID] = sp.Ledger()
	}
	for mac := range byMAC {
		t.Errorf("phone with MAC %s is not known", mac)
	}
	return a
}

// verify holds what is promised of every job that has ended:
//
//   - each task is final, a failed one says why, and each job has all its tasks;
//   - an RPC with a CommandKey arrived at most once, and only after its attempt
//     was on record;
//   - each attempt took effect at most once, and so did each task, but where
//     its first attempt was given up as unknown before the phone could show it;
//   - a reboot is never tried twice;
//   - what a phone was told to forget is on record;
//   - nothing is called a success that did not happen.
func (a *account) verify(t *testing.T) {
	t.Helper()
	for _, id := range slices.Sorted(maps.Keys(a.jobs)) {
		j := a.jobs[id]
		if j.State != "ended" || j.Expanded != j.Selected || j.tasks() != j.Selected {
			t.Errorf("%s is %s with %d of %d tasks made: %v", id, j.State, j.Expanded, j.Selected, j.Counts)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(a.tasks)) {
		a.verifyTask(t, a.tasks[id])
	}
	for _, id := range slices.Sorted(maps.Keys(a.ledgers)) {
		a.verifyPhone(t, id, a.ledgers[id])
	}
}

func (a *account) verifyTask(t *testing.T, k task) {
	t.Helper()
	l := a.ledgers[k.Phone]
	reboot := a.jobs[k.Job].Kind == "reboot"
	switch {
	case !k.final():
		t.Errorf("%s is %s", k.ID, k.State)
	case k.State == "failed" && (k.Cause == "" || k.Why == ""):
		t.Errorf("%s failed with cause %q, why %q", k.ID, k.Cause, k.Why)
	case reboot && len(k.Attempts) > 1:
		t.Errorf("%s: the reboot was tried %d times", k.ID, len(k.Attempts))
	}
	happened, done := 0, false
	var first attempt // that took effect
	for _, at := range k.Attempts {
		n := a.effects(k, at)
		done = done || at.Outcome == "done"
		if at.Outcome == "" {
			t.Errorf("%s: attempt %d has no outcome", k.ID, at.N)
		}
		if at.Outcome == "done" && l.Count(rpcOf(reboot), at.Key) != 1 {
			t.Errorf("%s: attempt %d is done and never arrived", k.ID, at.N)
		}
		switch {
		case n > 1:
			t.Errorf("%s: attempt %d took effect %d times", k.ID, at.N, n)
		case n == 1 && happened > 0:
			a.repeated++
			if why := a.mustNotRepeat(k, first, at); why != "" {
				t.Errorf("%s: attempt %d took effect after attempt %d: %s", k.ID, at.N, first.N, why)
			}
		}
		if happened += n; happened == 1 && n == 1 {
			first = at
		}
	}
	if k.State == "succeeded" && (happened == 0 || !done) {
		t.Errorf("%s succeeded, and nothing took effect: %+v", k.ID, k.Attempts)
	}
}

// effects counts how often an attempt took effect at its phone.
func (a *account) effects(k task, at attempt) (n int) {
	l := a.ledgers[k.Phone]
	if a.jobs[k.Job].Kind == "reboot" {
		return l.Count("Reboot", at.Key)
	}
	for _, f := range l.Applied {
		if f.CommandKey == at.Key {
			n++
		}
	}
	return n
}

// mustNotRepeat says why a second attempt of a task must not have taken effect
// after the first, or nothing when it may: the first had been given up as
// unknown, and its report came after the second was sent, or never, as from
// phones that fetch before they answer and whose answer was lost.
func (a *account) mustNotRepeat(k task, first, second attempt) string {
	switch {
	case first.Outcome != "unknown":
		return "the first was " + first.Outcome
	case !first.Ended.Before(second.Sent):
		return "the first was still open"
	case lateWord(k, first.N):
		a.late++
		return ""
	case a.conduct != nil && a.conduct(k.Phone).DownloadNow:
		return ""
	}
	return "the phone had reported the first"
}

// lateWord reports whether a phone told of an attempt when it was too late.
func lateWord(k task, n int) bool {
	for _, e := range k.Evidence {
		if e.Attempt == n && strings.HasPrefix(e.What, "late: ") {
			return true
		}
	}
	return false
}

func rpcOf(reboot bool) string {
	if reboot {
		return "Reboot"
	}
	return "Download"
}

func (a *account) verifyPhone(t *testing.T, id string, l sim.Ledger) {
	t.Helper()
	if l.Overflow > 0 || len(l.Pending) > 0 {
		t.Errorf("%s: %d entries did not fit its ledger, transfers %v are not reported", id, l.Overflow, l.Pending)
	}
	for _, b := range l.Breaches {
		t.Errorf("%s: the server broke a rule: %v", id, b)
	}
	for _, c := range l.Calls {
		switch {
		case c.RPC == "GetRPCMethods":
			continue // asked for the server's own sake, once for each firmware
		case c.CommandKey == "" && (c.RPC == "GetParameterNames" || c.RPC == "GetParameterValues"):
			continue // its lines, before and after what restarts it, or may
		}
		s, known := a.keys[c.CommandKey]
		switch {
		case c.CommandKey == "":
			t.Errorf("%s received %d %s without a key", id, c.Count, c.RPC)
		case !known || s.task.Phone != id:
			t.Errorf("%s received a %s with key %s, which is not on record", id, c.RPC, c.CommandKey)
		case c.Count != 1:
			t.Errorf("%s received the %s with key %s %d times", id, c.RPC, c.CommandKey, c.Count)
		}
		a.received++
		if c.RPC == "Reboot" {
			a.reboots++
		}
	}
	for _, r := range l.Reports {
		s, known := a.keys[r.CommandKey]
		switch {
		case !known:
			t.Errorf("%s: a report on %s was accepted, which is not on record", id, r.CommandKey)
		case r.Fault == 0 && s.attempt.Complete.IsZero() && s.attempt.Outcome != "done" && !lateWord(s.task, s.attempt.N):
			t.Errorf("%s: the good report on %s was accepted and is not on record: %+v", id, r.CommandKey, s.attempt)
		case r.Fault != 0 && s.attempt.Fault != r.Fault && s.attempt.Outcome != "unknown":
			t.Errorf("%s: the report of fault %d on %s was accepted and is not on record: %+v", id, r.Fault, r.CommandKey, s.attempt)
		}
	}
	a.applied += len(l.Applied)
	restarts := l.Total("Reboot") + len(l.Firmware())
	if a.conduct != nil && a.conduct(id).RestartOnConfig {
		restarts += len(l.Configs())
	}
	if l.Reboots > restarts {
		t.Errorf("%s restarted %d times, and was given reason for %d", id, l.Reboots, restarts)
	}
}
