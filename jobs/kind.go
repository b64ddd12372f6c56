package jobs

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones/quirks"
)

// kinds is the table of what can be ordered. A new kind is a file and a row.
var kinds = map[string]kind{
	db.KindDownload:       download{},
	db.KindReboot:         reboot{},
	db.KindSetParameters:  newSetParameters(),
	db.KindGetParameters:  newGetParameters(),
	db.KindFactoryReset:   factoryReset{},
	db.KindScheduleInform: scheduleInform{},
	db.KindAddObject:      newAddObject(),
	db.KindDeleteObject:   newDeleteObject(),
	db.KindSetAttributes:  newSetAttributes(),
	db.KindGetAttributes:  newGetAttributes(),
	db.KindGetNames:       newGetNames(),
	db.KindRaw:            newRaw(),
	db.KindUpload:         upload{},
	db.KindCheckSync:      checkSync{},
}

var errUnknownKind = errors.New("unknown kind of job: want one of " + strings.Join(db.Kinds, ", "))

// kindOf returns the kind of a stored job.
func kindOf(j *db.Job) (kind, error) {
	k, ok := kinds[j.Kind]
	if !ok {
		return nil, fmt.Errorf("%v is of kind %q, which this version does not know", j.ID, j.Kind)
	}
	if v, varies := k.(varied); varies {
		return v.of(&j.Args), nil
	}
	return k, nil
}

// A kind is what sets one kind of job apart from the others. Its methods are
// pure: they look at facts and give rulings, and the service does the rest.
type kind interface {
	traits() traits
	// check says what is wrong with the arguments of an order, as a
	// *db.FieldError. f is the file of the order, nil if it names none.
	check(a db.Args, f *db.File) error
	// pass says why the phone is not given the task. At the expansion a phone
	// may not have told yet what it is; sure is set just before sending, when
	// it has, and no more doubts are in its favour.
	pass(f facts, sure bool) passing
	// request builds the RPC. url is that of the link to the file, if any.
	request(f facts, key, url string) cwmp.Message
	// answered judges the phone's response to the RPC, or to that of readBack;
	// faults do not come here.
	answered(f facts, answer cwmp.Message) ruling
	// refused judges a fault of either.
	refused(f facts, fault *cwmp.Fault) ruling
	// readBack builds the RPC that asks a phone to show what it has accepted;
	// nil: the kind is proven in another way. It changes nothing, belongs to the
	// same attempt, and may leave once in each session until that is decided.
	readBack(f facts) cwmp.Message
	// informed judges an Inform that came while the attempt was open.
	informed(f facts, in *cwmp.Inform) ruling
	// completed judges a TransferComplete of the attempt that reports no fault.
	completed(f facts) ruling
	// moved judges that the attempt's file has gone out, or come in, whole.
	moved(f facts) ruling
	// overdue judges an attempt whose deadline has passed.
	overdue(f facts) ruling
	// awaits names the proof that is still missing, as in "waits for …".
	awaits(f facts) string
}

// A varied kind is another one for each job.
type varied interface {
	of(a *db.Args) kind
}

// traits are what the scheduler needs to know of a kind.
type traits struct {
	takes     string // the argument of db.Args that it takes, as JSON names it; empty: none
	exclusive bool   // transfers or restarts: one at a time for a phone
	changes   bool   // changes or restarts: stopped by a hold
	repeats   bool   // doing it twice does no harm
	transfer  bool   // ends in a TransferComplete
	compares  bool   // its pass looks at what the phone reported
	passes    bool   // goes past a restart or a transfer under way, although it changes
	restarts  bool   // restarts the phone, or may: not sent into a call; see sparing
	returns   bool   // and the lines that were registered are expected to be so again
}

// facts are what a kind decides by. Nothing in them is to be changed.
type facts struct {
	job     *db.Job
	task    *db.Task    // nil at the expansion
	attempt *db.Attempt // nil before the first
	phone   *db.Phone
	file    *db.File       // nil: the kind needs none
	quirks  *quirks.Quirks // of the phone; nil: none
	// reported are the values of the parameters that the order names, as far as
	// the phone reported them; only for kinds that compare, before they are sent.
	reported map[string]db.Parameter
	current  bool        // and none of them is from before its last restart or reset
	reading  *reading    // of kinds that read: its own copy
	methods  *db.Methods // what the phone takes; nil: not looked at
	slots    *slots      // in the window of the job; nil: it has none, or nothing is filed by these
	now      time.Time
}

// A passing is why a phone is passed over. The zero passing is: it is not.
type passing struct {
	why     string // a sentence, see words.go; empty: the phone is given the task
	already bool   // what the order asks for already is so
}

// A ruling is what a kind makes of something that it saw. The zero ruling is:
// nothing.
type ruling struct {
	event    db.TaskEvent // EventAccept, -Proof, -Fault, -Refute, -Unknown; empty: only evidence, if any
	complete bool         // the phone reported the transfer complete
	fault    cwmp.FaultCode
	cause    string // why it is refuted; empty: CauseVersion
	why      string // a sentence, see words.go
	final    string // why a repetition would not help; empty: it may
	unspent  bool   // a fault that does not count against the order's tries
	evidence []string
	values   []db.Parameter // what the phone told; kept before the ruling has its effect
	traits   []db.Trait     // and beside values
	result   *db.Result     // and as the result of the task
}

func noted(evidence ...string) ruling { return ruling{evidence: evidence} }

func accepted(why string, evidence ...string) ruling {
	return ruling{event: db.EventAccept, why: why, evidence: evidence}
}

func proven(why string, evidence ...string) ruling {
	return ruling{event: db.EventProof, why: why, evidence: evidence}
}

// unexpected is the ruling on a response that belongs to another request.
func unexpected(answer cwmp.Message) ruling {
	return noted("the phone answered with " + clip(answer.RPC()) + ", which is no answer to this request")
}

// plain is what holds for a kind that says nothing else; kinds embed it.
type plain struct{}

func (plain) pass(facts, bool) passing              { return passing{} }
func (plain) refused(_ facts, m *cwmp.Fault) ruling { return faulted(m.Code, m.String) }
func (plain) readBack(facts) cwmp.Message           { return nil }
func (plain) completed(facts) ruling                { return ruling{} }
func (plain) moved(facts) ruling                    { return ruling{} }
func (plain) check(db.Args, *db.File) error         { return nil }
