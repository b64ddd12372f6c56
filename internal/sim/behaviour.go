package sim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Point names a moment of a session at which a phone may drop its connection.
type Point string

// The points, in the order in which a session passes them.
const (
	Nowhere               Point = ""
	AfterInform           Point = "after-inform"            // Inform sent, its answer not read
	AfterTransferComplete Point = "after-transfer-complete" // TransferComplete sent, its answer not read
	AfterRequest          Point = "after-request"           // a request read and not carried out
	BeforeAnswer          Point = "before-answer"           // a request carried out and not answered
	AfterAnswer           Point = "after-answer"            // answered, what follows not read
)

// Behaviour is how a phone departs from the standard, or strains the server
// within it. The zero Behaviour is a phone as it should be.
type Behaviour struct {
	Delay     time.Duration // pause before each message
	ByteEvery time.Duration // pause before each byte of a request's body

	Drop      Point // where sessions lose their connection
	DropTimes int   // how many sessions do; 0 means all

	// FaultNext answers the next request of that RPC with a CPE fault code,
	// 9000 to 9899, instead of carrying it out; once each.
	FaultNext map[string]int
	// TransferFaultNext makes the next Download fail after its DownloadResponse:
	// nothing is fetched and the TransferComplete carries this code; once.
	TransferFaultNext int

	TakesUpload     bool  // Upload is known; else it gets fault 9000
	TakesSchedule   bool  // ScheduleInform is known; else it gets fault 9000
	TakesWindows    bool  // ScheduleDownload and CancelTransfer are known; else they get fault 9000
	KeepsWindows    bool  // CancelTransfer is not, all the same
	DownloadNow     bool  // Download and Upload work before they answer, with Status 0 and no TransferComplete
	NeverFetch      bool  // Download and Upload are answered with Status 1 and forgotten
	NoAuto          bool  // no file is fetched, or sent, because a configuration names its URL
	CutUpload       int64 // each upload breaks off once after so many bytes; 0 means never
	NeverReport     bool  // no TransferComplete and no event 7, ever
	CutFetch        int64 // each fetch breaks off once after so many bytes; 0 means never
	RestartOnConfig bool  // a configuration file restarts the phone, unasked

	NoCookie        bool // no cookie is returned
	StaleCookie     bool // the cookies of the last session come with the next Inform
	NewConnEachPost bool // each POST opens a TCP connection of its own
	DoubleInform    bool // each session sends its Inform twice at once, on two connections
	GapZero         bool // after each good session the next one begins at once
	RepeatEvents    bool // a retry repeats the events of the failed session, acknowledged or not
	Chunked         bool // bodies are sent in chunks
	NoQop           bool // the connection-request challenge is that of RFC 2069

	Dialects []string // names of [Dialects]; of two that set the same, the later counts

	InCall     bool          // the first line is in a call
	HidesCalls bool          // the state of calls gets fault 9005
	LosesLines bool          // the first line does not register after a restart
	Registers  time.Duration // after a boot, until the first line is registered

	PadKB     int // so many KB of further parameters, up to 65536
	MaxValues int // GetParameterValues of more than these gets fault 9004; 0 means no limit

	Tree   Tree   // how its data model is odd
	habits habits // of Dialects, in a phone's copy
}

const maxPadKB = 64 << 10

var errBehaviour = errors.New("behaviour invalid")

// Check says what is wrong with a Behaviour, nil for one that [Phone.Set] takes.
func (b Behaviour) Check() error {
	switch b.Drop {
	case Nowhere, AfterInform, AfterTransferComplete, AfterRequest, BeforeAnswer, AfterAnswer:
	default:
		return fmt.Errorf("%w: no point is named %q", errBehaviour, b.Drop)
	}
	if b.Delay < 0 || b.ByteEvery < 0 || b.Registers < 0 || b.DropTimes < 0 || b.CutFetch < 0 || b.CutUpload < 0 || b.MaxValues < 0 {
		return fmt.Errorf("%w: negative pause or count", errBehaviour)
	}
	if b.PadKB < 0 || b.PadKB > maxPadKB {
		return fmt.Errorf("%w: pad of %d KB, want 0 to %d", errBehaviour, b.PadKB, maxPadKB)
	}
	for rpc, code := range b.FaultNext {
		if !cpeFault(code) {
			return fmt.Errorf("%w: fault %d for %s, want 9000 to 9899", errBehaviour, code, rpc)
		}
	}
	if b.TransferFaultNext != 0 && !cpeFault(b.TransferFaultNext) {
		return fmt.Errorf("%w: transfer fault %d, want 9000 to 9899", errBehaviour, b.TransferFaultNext)
	}
	_, err := habitsOf(b.Dialects)
	return err
}

func cpeFault(code int) bool { return code >= 9000 && code <= 9899 }

// clone keeps a phone's copy apart from the caller's.
func (b Behaviour) clone() *Behaviour {
	b.FaultNext = maps.Clone(b.FaultNext)
	b.Dialects = slices.Clone(b.Dialects)
	b.habits, _ = habitsOf(b.Dialects) // which check has let pass
	return &b
}
