package record

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// Bounds of one session, in bytes and messages: of a phone that is recorded,
// and of one that is only if it fails. What is over goes from the middle: how a
// session began and how it ended tells most.
const (
	maxMessage  = 64 << 10 // of one body
	maxWhole    = 1 << 20
	maxPiece    = 32 << 10 // of one body of a session that is kept only if it fails
	maxSketch   = 128 << 10
	wholeCount  = 500
	sketchCount = 100
	keptFirst   = 2 // messages that are never let go: the Inform and its answer
)

// A Tape takes up what is said in one session. The methods of a nil Tape do
// nothing, which is that of a session nobody wants. It is safe for concurrent
// use, and keeps nothing that it is given but what is said to be kept.
type Tape struct {
	r     *Recorder
	whole bool // the phone is recorded; else the session is kept only if it fails
	head  db.Recording

	mu     sync.Mutex
	ended  bool
	masker Masker
	log    []entry
	bytes  int64    // reserved of what may be held
	first  [4]entry // room for the messages of a session without work
}

// An entry is one message: a body that was masked, or what it can be written
// from again.
type entry struct {
	db.RecordedMessage
	meta headers
	env  *cwmp.Envelope
	held int64
}

// headers are those that matter, and whether there were secret ones.
type headers struct {
	kind, action, agent, coding string
	cookie, auth                bool
}

func headersOf(h http.Header) headers {
	first := func(key string) string { // keys are canonical
		if v := h[key]; len(v) > 0 {
			return v[0]
		}
		return ""
	}
	return headers{first("Content-Type"), first("Soapaction"), first("User-Agent"), first("Content-Encoding"),
		len(h["Cookie"])+len(h["Set-Cookie"]) > 0, len(h["Authorization"]) > 0}
}

// ours are those of an answer, which always sets the cookie.
func ours(media string) headers { return headers{kind: media, cookie: true} }

// shown are the headers as they are kept.
func (h *headers) shown(from string, m *Masker) map[string]string {
	cookie := "Cookie"
	if from == db.FromServer {
		cookie = "Set-Cookie"
	}
	out := make(map[string]string)
	for _, kv := range [][2]string{{"Content-Type", h.kind}, {"SOAPAction", h.action}, {"User-Agent", h.agent}, {"Content-Encoding", h.coding}} {
		if kv[1] != "" {
			out[kv[0]] = clip(m.Text(clip(kv[1], 2*maxName)), maxName)
		}
	}
	if h.cookie {
		out[cookie] = Hidden
	}
	if h.auth {
		out["Authorization"] = Hidden
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func clip(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// A Body is what an HTTP message carried: its bytes, of a large one at least
// the first [MaxSearched], and how many there were.
type Body struct {
	Bytes []byte
	Size  int
}

// Begin returns the tape of a session that begins, or nil if it is not kept
// however it ends. A nil Recorder keeps none.
func (r *Recorder) Begin(phone db.PhoneID, session, address string, now time.Time) *Tape {
	if r == nil {
		return nil
	}
	whole := r.wants(phone, now)
	if !whole && !r.opts.Failed {
		return nil
	}
	t := &Tape{r: r, whole: whole, head: db.Recording{Phone: phone, Session: session, Address: address, Began: now}}
	t.log = t.first[:0]
	return t
}

// Informed takes up the Inform that began the session. Of a session that is
// kept only if it fails, env is kept and nothing copied: most do not. Values of
// secret parameters must be empty in it.
func (t *Tape) Informed(at time.Time, h http.Header, env *cwmp.Envelope, body Body) {
	if t == nil {
		return
	}
	m := db.RecordedMessage{At: at, From: db.FromPhone, RPC: env.Body.RPC(), Size: body.Size}
	if t.whole || !innocent(env) {
		t.add(m, headersOf(h), body)
		return
	}
	t.keep(m, headersOf(h), env, 4*int64(body.Size))
}

// innocent reports whether an Inform holds nothing that masking would look
// closer at than at the names of parameters.
func innocent(env *cwmp.Envelope) bool {
	in, ok := env.Body.(*cwmp.Inform)
	if !ok {
		return false
	}
	for i := range in.Parameters {
		v := in.Parameters[i].Value
		if strings.IndexByte(v, '@') >= 0 || len(v) > linkSecret && strings.IndexByte(v, '/') >= 0 && len(linkSecrets(v)) > 0 {
			return false
		}
	}
	return true
}

// Greeted takes up the answer to the Inform, as Informed does.
func (t *Tape) Greeted(at time.Time, status int, media string, env cwmp.Envelope, body Body) {
	if t == nil {
		return
	}
	m := db.RecordedMessage{At: at, From: db.FromServer, Status: status, RPC: env.Body.RPC(), Size: body.Size}
	if t.whole {
		t.add(m, ours(media), body)
		return
	}
	t.keep(m, ours(media), &env, 512)
}

// Heard takes up a message of the phone; rpc is empty if it had none that was
// understood.
func (t *Tape) Heard(at time.Time, h http.Header, rpc string, body Body) {
	if t != nil {
		t.add(db.RecordedMessage{At: at, From: db.FromPhone, RPC: clip(rpc, 64), Size: body.Size}, headersOf(h), body)
	}
}

// Said takes up a message of ours. What env holds of secrets is masked from
// then on, wherever it stands, and in what was said before.
func (t *Tape) Said(at time.Time, status int, media string, env *cwmp.Envelope, body Body) {
	if t == nil {
		return
	}
	m := db.RecordedMessage{At: at, From: db.FromServer, Status: status, Size: body.Size}
	if env != nil {
		m.RPC = env.Body.RPC()
		t.learn(env.Body)
	}
	t.add(m, ours(media), body)
}

// Broke notes the rule that a message broke.
func (t *Tape) Broke(rule string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.head.Rule = rule
}

// End ends the tape, once: it is written if it is to be kept. It never waits.
func (t *Tape) End(at time.Time, how string, failed bool) {
	if t == nil {
		return
	}
	t.mu.Lock()
	again := t.ended
	if !again {
		t.ended, t.head.Ended, t.head.How, t.head.Failed = true, at, how, failed
	}
	t.mu.Unlock()
	switch {
	case again:
		return
	case !t.whole && !failed:
	case !t.whole && !t.r.failed.pass(at):
		t.r.metrics.lost(dropRate)
	case t.r.send(item{tape: t}):
		return
	default:
		t.r.metrics.lost(dropQueue)
	}
	t.release()
}

// release gives back what was reserved.
func (t *Tape) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.r.held.Add(-t.bytes)
	t.bytes, t.log = 0, nil
}
