package db

// A Notice is a SIP NOTIFY for a phone, outside of any dialog: it asks the
// phone to look for its files, and may have it restart.
type Notice struct {
	Phone PhoneID
	// Address is where the phone's last session came from; Believed is the host
	// that the phone itself gives, if it gives one. Both are to be vetted, and
	// neither is resolved.
	Address, Believed string
	Port              uint16 // where the phone takes SIP; 0: 5060
	User              string // as whom the phone is registered, or what stands in for it
	Event             string // value of the Event header
	Login             Login  // by which a challenge is answered; zero: none is known
}

// A NoticeAnswer is what came of a [Notice].
type NoticeAnswer struct {
	Status int    // of the final answer, 200 to 699; 0: none came
	Why    string // a sentence: what the phone answered, or that and why it did not
	Sent   int    // how often it was sent, repetitions of SIP among them; 0: it never left
	// Cut is set when the server stopped before there was an answer: it may
	// still have come to the phone.
	Cut bool
}
