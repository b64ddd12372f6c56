package sim

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// oddTime is how long a connection whose requests are answered by hand may last.
const oddTime = 20 * time.Second

// oddCR answers connection requests as a phone of an odd dialect does: by hand,
// on the bare connection.
type oddCR struct {
	f     *Fleet
	p     *Phone
	h     *crHabits
	plain bool // NoQop
	conn  net.Conn
}

// serveOdd takes the connection over. What came in first is answered like all
// that follows on it.
func (f *Fleet) serveOdd(w http.ResponseWriter, r *http.Request, p *Phone, h *crHabits, plain bool) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the caller has gone
	}
	defer conn.Close()
	defer context.AfterFunc(r.Context(), func() { conn.Close() })()
	if conn.SetDeadline(time.Now().Add(oddTime)) != nil {
		return
	}
	o := oddCR{f, p, h, plain, conn}
	for o.answer(r) {
		if r, err = http.ReadRequest(rw.Reader); err != nil || h.once {
			return
		}
	}
}

// answer answers one request and reports whether another may follow.
func (o *oddCR) answer(r *http.Request) bool {
	switch {
	case !o.h.open && !o.proven(r):
		return o.say("401 Unauthorized", o.challenge())
	case o.h.busy && o.p.firstAsked():
		return o.say("503 Service Unavailable", "")
	case o.h.late:
		before := o.p.Ledger().Sessions
		o.p.called()
		ctx, cancel := context.WithTimeout(r.Context(), oddTime)
		defer cancel()
		_ = o.p.Await(ctx, func(l Ledger) bool { return l.Sessions > before }) // a session that fails is answered later still
		return o.say("200 OK", "")
	}
	more := o.say("200 OK", "")
	o.p.called()
	return more
}

// firstAsked reports whether nobody has asked since the phone started.
func (p *Phone) firstAsked() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := !p.asked
	p.asked = true
	return first
}

// challenge asks for Digest. A nonce that counts on one connection only, or
// only on others, names that connection.
func (o *oddCR) challenge() string {
	c := fmt.Sprintf(`Digest realm="%s", nonce="%s", algorithm=MD5, opaque="%s"`, crRealm, o.f.nonce(), o.conn.RemoteAddr())
	if !o.plain {
		c += `, qop="auth"`
	}
	return c
}

// proven checks the proof of a request, as this phone understands it.
func (o *oddCR) proven(r *http.Request) bool {
	if heard, ok := o.conn.(*heardConn); o.h.exact && !(ok && heard.has("\r\nAuthorization: Digest ")) {
		return false
	}
	d, _ := parseDigest(r.Header.Get("Authorization"))
	here := d.opaque == o.conn.RemoteAddr().String()
	if o.h.same && !here || o.h.fresh && here {
		return false
	}
	o.p.mu.Lock()
	user := o.p.setting("ManagementServer.ConnectionRequestUsername")
	password := o.p.setting("ManagementServer.ConnectionRequestPassword")
	o.p.mu.Unlock()
	return o.f.authentic(r, user, password)
}

// say writes an answer and reports whether the connection lives on.
func (o *oddCR) say(status, challenge string) bool {
	text := "HTTP/1.1 " + status + "\r\n" + header(challenge, "\r\n") + "Content-Length: 0\r\n\r\n"
	if o.h.form != nil {
		text = o.h.form(status, challenge)
	}
	if _, err := o.conn.Write([]byte(text)); err != nil {
		return false
	}
	return !o.h.hangsUp
}

// header writes a challenge as a header line, or nothing.
func header(challenge, end string) string {
	if challenge == "" {
		return ""
	}
	return "WWW-Authenticate: " + challenge + end
}

func foldAtCommas(challenge string) string { return strings.ReplaceAll(challenge, ", ", ",\r\n\t") }

// spacesForCommas separates parameters by spaces, and leaves all but the nonce
// and what holds blanks without quotes.
func spacesForCommas(challenge string) string {
	parts := strings.Split(challenge, ", ")
	for i, p := range parts {
		if i > 0 && !strings.HasPrefix(p, "nonce") {
			parts[i] = strings.ReplaceAll(p, `"`, "")
		}
	}
	return strings.Join(parts, " ")
}
