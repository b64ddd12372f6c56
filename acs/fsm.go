package acs

// state is where a session stands (TR-069 3.7.2, as an ACS sees it).
type state uint8

const (
	// stateNone: no session, or one that has ended. Nothing is remembered of
	// ended sessions, so the two cannot be told apart, and need not be.
	stateNone state = iota
	// stateInformed: the Inform is answered; the phone sends requests until it
	// posts nothing.
	stateInformed
	// stateAwaiting: a request of ours is out, and its answer is due.
	stateAwaiting

	numStates
)

// input is what a POST brings.
type input uint8

const (
	inInform  input = iota
	inRequest       // any other request of the phone
	inEmpty         // nothing
	inAnswer        // a response or a fault
	inBroken        // an envelope without one message in it: its sender can be told by a fault
	inGarbage       // no envelope

	numInputs
)

// action is what the endpoint does about it.
type action uint8

const (
	actBegin   action = iota + 1 // begin a session; an old one of the phone ends
	actServe                     // answer the phone's request; the state stays
	actNext                      // send what the dispatcher has: awaiting; else 204, and the session ends
	actSettle                    // hand the answer to the dispatcher, then as actNext
	actMissed                    // hand it that there was none, then as actNext
	actNothing                   // 204
	actFault                     // answer with a fault; the state stays
	actReject                    // refuse by the rule, and end the session if there is one
)

// step is one cell of the table. An empty rule is that of the decoder's error.
type step struct {
	do   action
	rule string
}

// steps is the life of a session, whole. An Inform is never one of an old
// session's messages: whatever cookie came with it, it begins anew (the phone
// has failed or restarted). A request while ours is out is against 3.7.2.4, but
// phones do report a transfer then; it is served, and the answer still due.
var steps = [numStates][numInputs]step{
	stateNone: {
		inInform:  {actBegin, ""},
		inRequest: {actReject, ruleNoSession},
		inEmpty:   {actNothing, ""},
		inAnswer:  {actReject, ruleNoSession},
		inBroken:  {actFault, ""},
		inGarbage: {actReject, ""},
	},
	stateInformed: {
		inInform:  {actBegin, ""},
		inRequest: {actServe, ""},
		inEmpty:   {actNext, ""},
		inAnswer:  {actReject, ruleUnasked},
		inBroken:  {actFault, ""},
		inGarbage: {actReject, ""},
	},
	stateAwaiting: {
		inInform:  {actBegin, ""},
		inRequest: {actServe, ""},
		inEmpty:   {actMissed, ""},
		inAnswer:  {actSettle, ""},
		inBroken:  {actReject, ""}, // a fault must not answer an answer (3.5)
		inGarbage: {actReject, ""},
	},
}
