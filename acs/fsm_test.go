package acs

import (
	"fmt"
	"strings"
	"testing"

	"phoneacs/cwmp"
)

// TestSteps walks the whole table over a real socket: every input in every
// state, with what the phone sees, what is left, and what the dispatcher is told.
func TestSteps(t *testing.T) {
	states := map[state]string{stateNone: "none", stateInformed: "informed", stateAwaiting: "awaiting"}
	inputs := map[input]string{
		inInform: "inform", inRequest: "request", inEmpty: "empty", inAnswer: "answer", inBroken: "broken", inGarbage: "garbage",
	}
	walked := make(map[[2]int]bool)
	for _, tt := range []struct {
		at     state
		in     input
		status int
		rpc    string
		after  state
		told   string // the last thing the store or dispatcher heard
	}{
		{stateNone, inInform, 200, "InformResponse", stateInformed, "informed A1"},
		{stateNone, inRequest, 400, "", stateNone, ""},
		{stateNone, inEmpty, 204, "", stateNone, ""},
		{stateNone, inAnswer, 400, "", stateNone, ""},
		{stateNone, inBroken, 200, "Fault", stateNone, ""},
		{stateNone, inGarbage, 400, "", stateNone, ""},

		{stateInformed, inInform, 200, "InformResponse", stateInformed, "informed A1"},
		{stateInformed, inRequest, 200, "TransferCompleteResponse", stateInformed, "completed k"},
		{stateInformed, inEmpty, 200, "Reboot", stateAwaiting, "next Reboot 1"},
		{stateInformed, inAnswer, 400, "", stateNone, "informed A1"},
		{stateInformed, inBroken, 200, "Fault", stateInformed, "informed A1"},
		{stateInformed, inGarbage, 400, "", stateNone, "informed A1"},

		{stateAwaiting, inInform, 200, "InformResponse", stateInformed, "informed A1"},
		{stateAwaiting, inRequest, 200, "TransferCompleteResponse", stateAwaiting, "completed k"},
		{stateAwaiting, inEmpty, 204, "", stateNone, "answered 1 nothing"},
		{stateAwaiting, inAnswer, 204, "", stateNone, "answered 1 RebootResponse"},
		{stateAwaiting, inBroken, 400, "", stateNone, "next Reboot 1"},
		{stateAwaiting, inGarbage, 400, "", stateNone, "next Reboot 1"},
	} {
		walked[[2]int{int(tt.at), int(tt.in)}] = true
		t.Run(states[tt.at]+" "+inputs[tt.in], func(t *testing.T) {
			r := newRig(t, nil).listen(t)
			r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
			p := r.phone(t, "A1")
			id := ""
			if tt.at >= stateInformed {
				p.inform().want(t, 200, "InformResponse")
			}
			if tt.at == stateAwaiting {
				id = p.post("").want(t, 200, "Reboot").env.ID
			}
			a := p.post(map[input]string{
				inInform:  envelope(t, cwmp.Envelope{Body: informOf("A1")}),
				inRequest: envelope(t, cwmp.Envelope{Body: &cwmp.TransferComplete{CommandKey: "k"}}),
				inEmpty:   "",
				inAnswer:  envelope(t, cwmp.Envelope{ID: id, Body: &cwmp.RebootResponse{}}),
				inBroken:  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>`,
				inGarbage: "<nonsense",
			}[tt.in])
			a.want(t, tt.status, tt.rpc)
			if got := r.stateNow(); got != tt.after {
				t.Errorf("state after it is %q; want %q", states[got], states[tt.after])
			}
			if h := r.store.history(); tt.told != "" && h[len(h)-1] != tt.told {
				t.Errorf("last told: %q; want %q", h[len(h)-1], tt.told)
			} else if tt.told == "" && len(h) > 0 {
				t.Errorf("told %q", h)
			}
		})
	}
	for st := range numStates {
		for in := range numInputs {
			if !walked[[2]int{int(st), int(in)}] {
				t.Errorf("%s %s is not walked", states[st], inputs[in])
			}
		}
	}
}

// stateNow returns the state of the only session.
func (r *rig) stateNow() state {
	r.sessions.mu.Lock()
	defer r.sessions.mu.Unlock()
	if len(r.sessions.byToken) != int(r.sessions.open.Load()) || len(r.sessions.byPhone)+len(r.sessions.claims) != len(r.sessions.byToken) {
		panic(fmt.Sprintf("sessions do not add up: %d open, %d by token, %d by phone",
			r.sessions.open.Load(), len(r.sessions.byToken), len(r.sessions.byPhone)))
	}
	for _, s := range r.sessions.byToken {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.state
	}
	return stateNone
}

// TestAnswers: what counts as the answer to a request, and what does not.
func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		id     string // "": that of the request
		answer cwmp.Message
		status int
		told   string
	}{
		{"response", "", &cwmp.RebootResponse{}, 204, "answered 1 RebootResponse"},
		{"fault", "", &cwmp.Fault{Code: 9001}, 204, "answered 1 Fault"},
		{"response without our id", "none", &cwmp.RebootResponse{}, 204, "answered 1 RebootResponse"},
		{"response of another kind", "", &cwmp.DownloadResponse{}, 204, "answered 1 nothing"},
		{"response of an unknown kind", "", &cwmp.Unknown{Name: "SingResponse", Raw: []byte("<cwmp:SingResponse/>")}, 204, "answered 1 nothing"},
		{"response to another request of ours", "acs-7777-1-7", &cwmp.RebootResponse{}, 400, "next Reboot 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil).listen(t)
			r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
			p := r.phone(t, "A1")
			p.inform()
			id := p.post("").want(t, 200, "Reboot").env.ID
			if tt.id != "" {
				id = tt.id
			}
			p.send(id, tt.answer).want(t, tt.status, "")
			if h := r.store.history(); h[len(h)-1] != tt.told {
				t.Errorf("told %q; want %q", h[len(h)-1], tt.told)
			}
		})
	}
}

// TestVendorRequest: the response to a vendor's request is known by its name.
func TestVendorRequest(t *testing.T) {
	r := newRig(t, nil).listen(t)
	r.disp.queue = []cwmp.Message{&cwmp.Unknown{Name: "X_Sing", Raw: []byte("<cwmp:X_Sing/>")}}
	p := r.phone(t, "A1")
	p.inform()
	id := p.post("").want(t, 200, "X_Sing").env.ID
	p.send(id, &cwmp.Unknown{Name: "X_SingResponse", Raw: []byte("<cwmp:X_SingResponse/>")}).want(t, 204, "")
	if h := r.store.history(); !strings.HasSuffix(h[len(h)-1], "X_SingResponse") {
		t.Errorf("told %q", h[len(h)-1])
	}
}

// TestForeignCodes: a phone cannot say with the code of an ACS that a request
// never reached it.
func TestForeignCodes(t *testing.T) {
	r := newRig(t, nil).listen(t)
	r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
	p := r.phone(t, "A1")
	p.inform()
	p.send("t", &cwmp.TransferComplete{Fault: cwmp.FaultStruct{Code: 8002}}).want(t, 200, "TransferCompleteResponse")
	p.send(p.post("").env.ID, &cwmp.Fault{Code: 8002}).want(t, 204, "")
	if f := r.disp.answers[0].(*cwmp.Fault); f.Code != cwmp.FaultInternalError {
		t.Errorf("fault %d handed on", f.Code)
	}
	if c := r.disp.completed.Fault.Code; c != cwmp.FaultInternalError {
		t.Errorf("transfer fault %d handed on", c)
	}
}
