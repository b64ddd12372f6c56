package db

import (
	"context"
	"time"

	"phoneacs/db/filter"
)

// Causes of failure: stable tokens beside the sentence in Task.Why.
const (
	CauseFault   = "fault"           // the phone answered with a CWMP fault
	CauseVersion = "wrong-version"   // firmware went in, another version is reported
	CauseValue   = "wrong-value"     // the phone took a value, and shows another
	CauseUnknown = "unknown-outcome" // nothing shows whether the attempt took effect

	CauseLines = "lines-lost" // the effect was shown, and lines did not register again after it

	CauseUnfinished = "unfinished" // a reading came to no end within its bounds
)

// An Outcome is how an attempt ended.
type Outcome string

// The outcomes.
const (
	OutcomeDone    Outcome = "done"
	OutcomeFault   Outcome = "fault"
	OutcomeRefuted Outcome = "refuted"
	OutcomeUnknown Outcome = "unknown"
	OutcomeDropped Outcome = "dropped" // the phone gave back what it was handed over, as it was told to
)

// An Attempt is one try of a task. Its RPC leaves at most once.
type Attempt struct {
	N        int       `json:"n"`
	Key      string    `json:"key"` // CommandKey
	Sent     time.Time `json:"sent"`
	Accepted time.Time `json:"accepted,omitzero"` // the phone's response
	Complete time.Time `json:"complete,omitzero"` // TransferComplete without fault
	Deadline time.Time `json:"deadline"`
	Before   string    `json:"before,omitempty"` // software version when it was sent
	Ended    time.Time `json:"ended,omitzero"`
	Outcome  Outcome   `json:"outcome,omitempty"`
	Fault    int       `json:"fault,omitempty"` // CWMP fault code
	Lead     bool      `json:"lead,omitempty"`  // its RPC is a config that names the file
	Led      time.Time `json:"led,omitzero"`    // the config that names the file went out whole
	Moved    time.Time `json:"moved,omitzero"`  // the file itself went out whole, or came in whole
	BytesOut int64     `json:"bytes_out,omitempty"`
	BytesIn  int64     `json:"bytes_in,omitempty"` // of the upload that is kept
	Fetches  []Fetch   `json:"fetches,omitempty"`  // at most MaxFetches: the first, then the newest
	Count    int       `json:"fetch_count,omitempty"`
	Lines    *LineWait `json:"lines,omitempty"` // nil: no line was registered when it was sent, or none is expected back
	// Handover, if set, says that the phone has its window with its RPC.
	Handover *Handover `json:"handover,omitempty"`
}

// Bounds of what a task keeps.
const (
	MaxFetches  = 8
	MaxEvidence = 32
)

// Evidence is something that was seen and speaks for or against a task.
type Evidence struct {
	Time    time.Time `json:"time"`
	Attempt int       `json:"attempt,omitempty"`
	What    string    `json:"what"`
}

// A Task is one phone's share of a job.
type Task struct {
	ID       TaskID     `json:"id"`
	State    TaskState  `json:"state"`
	Due      time.Time  `json:"due,omitzero"`   // while waiting
	Opens    time.Time  `json:"opens,omitzero"` // with a window, while waiting or ready: see [Place]
	Closes   time.Time  `json:"closes,omitzero"`
	Idle     bool       `json:"idle,omitempty"` // while waiting: see [Place]
	Why      string     `json:"why"`            // a sentence: why it waits, why it failed
	Cause    string     `json:"cause,omitempty"`
	Attempts []Attempt  `json:"attempts,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	Created  time.Time  `json:"created"`
	Ended    time.Time  `json:"ended,omitzero"`
	// Busy says that the phone was found in a call, while the task is ready.
	Busy *Busy `json:"busy,omitempty"`
	// Tries counts attempts since the order or the operator's last retry.
	Tries int `json:"tries,omitempty"`
}

// Last returns the newest attempt, or nil.
func (t *Task) Last() *Attempt {
	if len(t.Attempts) == 0 {
		return nil
	}
	return &t.Attempts[len(t.Attempts)-1]
}

// TaskFields are the fields that a filter over tasks may name.
var TaskFields = filter.Schema{
	"state": filter.String, "phone": filter.String, "job": filter.String,
	"cause": filter.String, "why": filter.String, "due": filter.Time, "created": filter.Time,
}

// Field returns the value of a field of [TaskFields], for a filter.
func (t *Task) Field(name string) filter.Value {
	switch name {
	case "state":
		return filter.Value{Text: string(t.State)}
	case "phone":
		return filter.Value{Text: t.ID.Phone.String()}
	case "job":
		return filter.Value{Text: t.ID.Job.String()}
	case "cause":
		return filter.Value{Text: t.Cause}
	case "why":
		return filter.Value{Text: t.Why}
	case "due":
		return filter.Value{Time: t.Due}
	case "created":
		return filter.Value{Time: t.Created}
	}
	return filter.Value{}
}

// A ReadyTask is a task that its phone's session may take.
type ReadyTask struct {
	Task Task
	Job  Job
}

// A Send is the intent to send a task's RPC.
type Send struct {
	Task     TaskID
	Session  SessionToken
	Now      time.Time
	Deadline time.Time
	Before   string
	Link     *Link // its Attempt is filled in by the store; nil: none
	Lead     *Link // to the config that names Link; nil: none
	// Exclusive is set for kinds that transfer or restart: at most one such
	// attempt of a phone is open.
	Exclusive bool
	// Changes is set for kinds that change or restart: a hold stops them.
	Changes bool
	// Until, if set, is when it is too late to send (ErrStale): what was found
	// out of the phone before is then too old.
	Until    time.Time
	Lines    []string // names of MaxLines lines at most that are registered, and expected to be so again
	Evidence []string // what was seen before
	// Round is that of a [Filing], for a job with a window: ErrConflict if it is
	// another by now. Not read with Handover.
	Round int
	// Handover is set for what leaves before its slot, with the window in it: the
	// task waits for just that slot, whose window has not closed.
	Handover *Handover
}

// A Verdict is what became of an attempt, or of a task before its first.
type Verdict struct {
	Task    TaskID
	Attempt int // 0: the task itself, for EventSkip
	// Session, if set, must still own the phone (ErrSuperseded).
	Session  SessionToken
	Event    TaskEvent // EventAccept … EventAgain, EventSkip
	Outcome  Outcome   // of the attempt; empty while it stays open (EventAccept)
	Now      time.Time
	Due      time.Time // for EventAgain
	Opens    time.Time // for EventAgain of a job with a window: see [Place]
	Closes   time.Time
	Round    int  // by which these were found, see [Filing]; ErrConflict if it is another by now
	Complete bool // the phone reported the transfer complete
	Fault    int
	Cause    string
	Why      string
	Evidence []string
	// Lines, if set, takes the place of what the attempt has, for EventAccept.
	// With it Deadline, if set, is the attempt's new one, and the phone is woken
	// at Lines.Wake, if that is set.
	Lines    *LineWait
	Deadline time.Time
	Unspent  bool // the attempt does not count in Task.Tries, for EventAgain
}

// Tasks moves tasks through their life.
type Tasks interface {
	// Task returns one, or ErrNotFound.
	Task(ctx context.Context, id TaskID) (Task, error)
	// JobTasks lists a job's tasks by phone id.
	JobTasks(ctx context.Context, job JobID, q Query) (Page[Task], error)
	// PhoneTasks lists a phone's tasks, newest job first.
	PhoneTasks(ctx context.Context, phone PhoneID, q Query) (Page[Task], error)
	// ReadyTasks returns up to n tasks that wait for the phone's session,
	// highest priority and oldest job first, without those of paused, expired
	// or swept jobs, and with those that wait for their slot in a window that is
	// open for them; none for a phone that is not approved.
	ReadyTasks(ctx context.Context, phone PhoneID, now time.Time, n int) ([]ReadyTask, error)
	// WaitingTasks returns up to n tasks that wait for a slot of the phone that is
	// to come, the nearest first, without those of paused, expired or swept jobs;
	// none for a phone that is not approved. Of a phone for which very many wait
	// it looks at a part.
	WaitingTasks(ctx context.Context, phone PhoneID, now time.Time, n int) ([]ReadyTask, error)
	// NoteBusy keeps that the phone of a ready task is in a call, in the place
	// of what was kept, with a DueWake entry for Busy.Wake, if that is set.
	// ErrSuperseded if the session does not own the phone, ErrConflict if the
	// task is not ready.
	NoteBusy(ctx context.Context, id TaskID, s SessionToken, b Busy, evidence ...string) error
	// MarkSent makes a ready task sent, with a new attempt, its deadline entry
	// and its link, if: it is not past Until (ErrStale); the session owns the phone (ErrSuperseded); the phone
	// is approved; no hold covers it (ErrHeld, with Changes); its job is not
	// paused, past expiry or swept, no other exclusive attempt of the phone is open, and
	// the task is still ready, or waits for its slot, and in a window is open
	// ([Task.Open]; all ErrConflict). With Handover the window need not be open
	// yet, if the task waits for that slot. It returns the attempt with
	// its CommandKey. After nil the caller must send the RPC at most once.
	MarkSent(ctx context.Context, s Send) (Attempt, error)
	// Judge applies a verdict. ErrConflict if the life of a task knows no such
	// step or the attempt has its outcome; a late proof of an attempt whose
	// outcome is unknown is accepted unless a newer attempt was sent, and is
	// then only noted as evidence.
	Judge(ctx context.Context, v Verdict) (Task, error)
	// NoteRecall puts r in the place of what is kept of having an open attempt
	// dropped. ErrSuperseded if the session does not own the phone, ErrConflict
	// if the phone does not hold the attempt ([Attempt.WithPhone]).
	NoteRecall(ctx context.Context, id AttemptID, s SessionToken, now time.Time, r Recall, evidence ...string) error
	// OpenAttempts returns the phone's attempts without an outcome, oldest first.
	OpenAttempts(ctx context.Context, phone PhoneID) ([]OpenAttempt, error)
	// NoteEvidence adds what was seen to a task without moving it.
	NoteEvidence(ctx context.Context, id TaskID, attempt int, now time.Time, what ...string) error
	// NoteRepeated adds what was seen of a kind, with which its text begins, that
	// is seen over and over: of each kind the first is kept, and the newest. It
	// does nothing to a task that has ended.
	NoteRepeated(ctx context.Context, id TaskID, now time.Time, kind, what string) error
	// StoreTag ends every CommandKey of this store: 4 letters or digits.
	StoreTag() string
}
