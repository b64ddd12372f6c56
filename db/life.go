package db

import "fmt"

// TaskState is the state of a task.
type TaskState string

// The states of a task. The last five are final, until an operator retries.
const (
	TaskWaiting   TaskState = "waiting"   // for its time: the order's, or a back-off's
	TaskReady     TaskState = "ready"     // for its phone's next session
	TaskSent      TaskState = "sent"      // an attempt is marked sent; its RPC leaves, or has left, once
	TaskProving   TaskState = "proving"   // the phone accepted; the proof is awaited
	TaskSucceeded TaskState = "succeeded" // the phone has shown it
	TaskFailed    TaskState = "failed"
	TaskExpired   TaskState = "expired"
	TaskCancelled TaskState = "cancelled"
	TaskSkipped   TaskState = "skipped" // it already is so, or the phone cannot
)

// TaskStates are all states, in the order of a task's life.
var TaskStates = []TaskState{
	TaskWaiting, TaskReady, TaskSent, TaskProving,
	TaskSucceeded, TaskFailed, TaskExpired, TaskCancelled, TaskSkipped,
}

// Final reports whether nothing more happens to a task by itself.
func (s TaskState) Final() bool {
	switch s {
	case TaskSucceeded, TaskFailed, TaskExpired, TaskCancelled, TaskSkipped:
		return true
	}
	return false
}

// Open reports whether a task has an attempt without an outcome.
func (s TaskState) Open() bool { return s == TaskSent || s == TaskProving }

// TaskEvent is what can happen to a task.
type TaskEvent string

// The events in a task's life.
const (
	EventDue     TaskEvent = "due"     // its time has come
	EventSend    TaskEvent = "send"    // a session takes it; the attempt is recorded
	EventAccept  TaskEvent = "accept"  // the phone answered that it will
	EventProof   TaskEvent = "proof"   // the phone showed the effect
	EventFault   TaskEvent = "fault"   // the phone refused or could not, and it is final
	EventRefute  TaskEvent = "refute"  // the phone showed that the effect is another
	EventUnknown TaskEvent = "unknown" // no proof by the deadline, and no repeating
	EventAgain   TaskEvent = "again"   // the attempt ended without success; another may follow
	EventSkip    TaskEvent = "skip"    // it already is so, or the phone cannot
	EventExpire  TaskEvent = "expire"  // the order's expiry has passed
	EventCancel  TaskEvent = "cancel"  // the operator took the order back
	EventRetry   TaskEvent = "retry"   // the operator asks once more
	EventDefer   TaskEvent = "defer"   // its slot is another, or its window has closed
)

// A Transition is one row of the life of a task.
type Transition struct {
	From  TaskState
	Event TaskEvent
	To    TaskState
	Note  string
}

// Life is the life of a task, whole: what is not in it cannot happen.
var Life = []Transition{
	{TaskWaiting, EventDue, TaskReady, "the time of the order, its slot in a window, or the end of a back-off; also when the phone comes by itself while its window is open"},
	{TaskWaiting, EventDefer, TaskWaiting, "its slot in its window is another: the window was changed, or nobody served then"},
	{TaskWaiting, EventProof, TaskSucceeded, "a late proof of an attempt thought lost"},
	{TaskWaiting, EventSkip, TaskSkipped, "found to be so already"},
	{TaskWaiting, EventExpire, TaskExpired, ""},
	{TaskWaiting, EventCancel, TaskCancelled, ""},

	{TaskReady, EventSend, TaskSent, "attempt, deadline and link are committed before the RPC leaves"},
	{TaskReady, EventDefer, TaskWaiting, "its window has closed; it waits for its slot in the next period"},
	{TaskReady, EventProof, TaskSucceeded, "a late proof of an attempt thought lost"},
	{TaskReady, EventSkip, TaskSkipped, "found to be so already, or not possible, just before sending"},
	{TaskReady, EventExpire, TaskExpired, ""},
	{TaskReady, EventCancel, TaskCancelled, ""},

	{TaskSent, EventAccept, TaskProving, "a response that is not yet the proof"},
	{TaskSent, EventProof, TaskSucceeded, "the response is the proof, or the next session shows it"},
	{TaskSent, EventFault, TaskFailed, ""},
	{TaskSent, EventRefute, TaskFailed, ""},
	{TaskSent, EventUnknown, TaskFailed, "cause unknown-outcome: the RPC may have arrived"},
	{TaskSent, EventAgain, TaskWaiting, "only kinds that bear repetition, within the retry limit"},

	{TaskProving, EventAccept, TaskProving, "part of the proof: the transfer is complete, the version not yet shown; the phone is back, its lines not yet registered"},
	{TaskProving, EventProof, TaskSucceeded, ""},
	{TaskProving, EventFault, TaskFailed, ""},
	{TaskProving, EventRefute, TaskFailed, "the phone shows something else than was ordered, or its lines do not register again"},
	{TaskProving, EventUnknown, TaskFailed, "cause unknown-outcome: no proof by the deadline"},
	{TaskProving, EventAgain, TaskWaiting, "only kinds that bear repetition, within the retry limit"},

	{TaskFailed, EventProof, TaskSucceeded, "a late proof of an attempt given up as unknown"},
	{TaskFailed, EventRetry, TaskReady, ""},
	{TaskExpired, EventRetry, TaskReady, ""},
	{TaskCancelled, EventRetry, TaskReady, ""},
}

// Next returns the state that an event leads to, or an error wrapping
// ErrConflict if the event cannot happen in the state.
func Next(from TaskState, e TaskEvent) (TaskState, error) {
	for _, t := range Life {
		if t.From == from && t.Event == e {
			return t.To, nil
		}
	}
	return "", fmt.Errorf("task is %s: no %s: %w", from, e, ErrConflict)
}
