package db_test

import (
	"errors"
	"slices"
	"testing"

	"phoneacs/db"
)

var taskEvents = []db.TaskEvent{
	db.EventDue, db.EventSend, db.EventAccept, db.EventProof, db.EventFault, db.EventRefute,
	db.EventUnknown, db.EventAgain, db.EventSkip, db.EventExpire, db.EventCancel, db.EventRetry, db.EventDefer,
}

func TestLifeNamesKnownStatesAndEventsOnce(t *testing.T) {
	type cause struct {
		from  db.TaskState
		event db.TaskEvent
	}
	seen := make(map[cause]bool)
	for _, row := range db.Life {
		if !slices.Contains(db.TaskStates, row.From) || !slices.Contains(db.TaskStates, row.To) {
			t.Errorf("row %v names a state that is not in TaskStates", row)
		}
		if !slices.Contains(taskEvents, row.Event) {
			t.Errorf("row %v names an event that this test does not know", row)
		}
		if c := (cause{row.From, row.Event}); seen[c] {
			t.Errorf("%s has two rows for %s", row.From, row.Event)
		} else {
			seen[c] = true
		}
	}
	for _, e := range taskEvents {
		if !slices.ContainsFunc(db.Life, func(row db.Transition) bool { return row.Event == e }) {
			t.Errorf("no row for event %s", e)
		}
	}
}

func TestNext(t *testing.T) {
	for _, from := range append(slices.Clone(db.TaskStates), "", "lost") {
		for _, e := range append(slices.Clone(taskEvents), "", "wish") {
			i := slices.IndexFunc(db.Life, func(row db.Transition) bool { return row.From == from && row.Event == e })
			to, err := db.Next(from, e)
			switch {
			case i < 0 && (to != "" || !errors.Is(err, db.ErrConflict)):
				t.Errorf("Next(%q, %q) = %q, %v; want ErrConflict", from, e, to, err)
			case i >= 0 && (to != db.Life[i].To || err != nil):
				t.Errorf("Next(%q, %q) = %q, %v; want %q", from, e, to, err, db.Life[i].To)
			}
		}
	}
}

// What the rest of the program builds on, whatever rows are added.
func TestLifeKeepsItsPromises(t *testing.T) {
	for _, row := range db.Life {
		switch {
		case row.To == db.TaskSent && (row.From != db.TaskReady || row.Event != db.EventSend):
			t.Errorf("row %v: a task is sent only from ready, by a session", row)
		case row.From.Final() && row.Event != db.EventRetry && row.Event != db.EventProof:
			t.Errorf("row %v: only an operator's retry or a late proof moves a final task", row)
		case row.From == db.TaskSucceeded || row.From == db.TaskSkipped:
			t.Errorf("row %v: what is done is done", row)
		case row.From.Open() && (row.Event == db.EventCancel || row.Event == db.EventExpire):
			t.Errorf("row %v: an RPC that may have left is not taken back", row)
		case row.Event == db.EventProof && row.To != db.TaskSucceeded:
			t.Errorf("row %v: a proof is success", row)
		case row.Event == db.EventUnknown && row.To != db.TaskFailed:
			t.Errorf("row %v: an unknown outcome is no success", row)
		}
	}
}

// From every state there is a way to an end, so no task can hang for ever.
func TestEveryStateIsReachedAndEnds(t *testing.T) {
	reached := map[db.TaskState]bool{db.TaskWaiting: true}
	ends := make(map[db.TaskState]bool)
	for range db.Life { // more rounds than any path has steps
		for _, row := range db.Life {
			reached[row.To] = reached[row.To] || reached[row.From]
			ends[row.From] = ends[row.From] || row.To.Final() || ends[row.To]
		}
	}
	for _, s := range db.TaskStates {
		if !reached[s] {
			t.Errorf("no way leads from waiting to %s", s)
		}
		if !s.Final() && !ends[s] {
			t.Errorf("no way leads from %s to an end", s)
		}
	}
}

func TestStateSets(t *testing.T) {
	for _, tt := range []struct {
		state       db.TaskState
		final, open bool
	}{
		{db.TaskWaiting, false, false},
		{db.TaskReady, false, false},
		{db.TaskSent, false, true},
		{db.TaskProving, false, true},
		{db.TaskSucceeded, true, false},
		{db.TaskFailed, true, false},
		{db.TaskExpired, true, false},
		{db.TaskCancelled, true, false},
		{db.TaskSkipped, true, false},
	} {
		if tt.state.Final() != tt.final || tt.state.Open() != tt.open {
			t.Errorf("%s: Final %v, Open %v; want %v, %v",
				tt.state, tt.state.Final(), tt.state.Open(), tt.final, tt.open)
		}
	}
}
