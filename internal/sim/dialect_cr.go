package sim

// crHabits are how a phone takes connection requests. All but the first two
// are answered by hand, see [oddCR].
type crHabits struct {
	url     string // told instead of the true one; "-": none
	root    bool   // the path is / alone
	form    func(status, challenge string) string
	hangsUp bool // each answer ends the connection
	same    bool // the proof counts only on the connection of the challenge
	fresh   bool // only on another
	once    bool // a second request on a connection is hung up on
	exact   bool // only after the very text "Authorization: Digest "
	late    bool // the answer waits for the session that was asked for
	busy    bool // the first request is answered 503
	open    bool // no proof is asked for
}

// byHand reports whether net/http could not answer as this phone does.
func (h *crHabits) byHand() bool {
	return h.form != nil || h.hangsUp || h.same || h.fresh || h.once || h.exact || h.late || h.busy || h.open
}

var crDialects = []Dialect{
	{"cr-no-url", []int{62}, "tells an empty ConnectionRequestURL", func(h *habits) { h.cr.url = "-" }},
	{"cr-bad-url", []int{62}, "tells a ConnectionRequestURL that is none", func(h *habits) { h.cr.url = "http://:7547tr069/%zz" }},
	{"cr-root", []int{78}, "takes connection requests at / alone; it needs a listener of its own", func(h *habits) { h.cr.root = true }},
	{"cr-same-socket", []int{21}, "takes the proof of a connection request only over the connection of its challenge",
		func(h *habits) { h.cr.same = true }},
	{"cr-new-socket", []int{21}, "hangs up on the second request of a connection, so the proof of a connection request takes a new one",
		func(h *habits) { h.cr.once = true }},
	{"cr-new-socket-401", []int{21}, "takes the proof of a connection request only over a new connection, and answers 401 to it on the old one",
		func(h *habits) { h.cr.fresh = true }},
	{"cr-closed-after-401", []int{68}, "ends the connection with its challenge", func(h *habits) { h.cr.hangsUp = true }},
	{"cr-exact", []int{78}, "understands only the very text Authorization: Digest", func(h *habits) { h.cr.exact = true }},
	{"cr-late", []int{63}, "answers a connection request after its Inform", func(h *habits) { h.cr.late = true }},
	{"cr-busy", []int{78}, "answers its first connection request 503", func(h *habits) { h.cr.busy = true }},
	{"cr-open", []int{61}, "asks nobody for a proof", func(h *habits) { h.cr.open = true }},
}

// crBrokenDialects speak broken HTTP.
var crBrokenDialects = []Dialect{
	{"cr-lf", []int{78}, "ends lines in LF alone, and gives no length", broken(true, func(status, challenge string) string {
		return "HTTP/1.0 " + status + "\n" + header(challenge, "\n") + "\n"
	})},
	{"cr-folded", []int{78}, "folds its challenge over several lines", broken(false, func(status, challenge string) string {
		folded := foldAtCommas(challenge)
		return "HTTP/1.1 " + status + "\r\n" + header(folded, "\r\n") + "Content-Length: 0\r\n\r\n"
	})},
	{"cr-no-blank-line", []int{78}, "ends its headers by hanging up, with no blank line", broken(true, func(status, challenge string) string {
		return "HTTP/1.1 " + status + "\r\n" + header(challenge, "\r\n")
	})},
	{"cr-spaces", []int{78}, "separates its challenge by spaces and quotes nothing but the nonce", broken(false, func(status, challenge string) string {
		return "HTTP/1.1 " + status + "\r\n" + header(spacesForCommas(challenge), "\r\n") + "Content-Length: 0\r\n\r\n"
	})},
}

func broken(hangsUp bool, form func(status, challenge string) string) func(*habits) {
	return func(h *habits) { h.cr.form, h.cr.hangsUp = form, h.cr.hangsUp || hangsUp }
}
