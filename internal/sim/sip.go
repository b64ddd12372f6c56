package sim

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
)

// SIPManners are the ways in which phones answer a NOTIFY, of [Options.SIPManner].
var SIPManners = []string{
	"",       // 200, and they do as they are told
	"digest", // 401 until who asks gives their connection-request login
	"gone",   // 481: they take none that they have not subscribed to
	"silent", // nothing, and they do nothing
	"deaf",   // nothing, but they do as they are told
	"late",   // 200 to the first repetition
}

// listenSIP opens a socket for each phone and serves it until ctx ends.
func (f *Fleet) listenSIP(ctx context.Context, work *sync.WaitGroup) error {
	if f.opts.ListenSIP == "" {
		return nil
	}
	for i := range f.phones {
		c, err := new(net.ListenConfig).ListenPacket(ctx, "udp", net.JoinHostPort(f.opts.ListenSIP, "0"))
		if err != nil {
			return fmt.Errorf("listen for SIP: %w", err)
		}
		context.AfterFunc(ctx, func() { c.Close() })
		p := &f.phones[i]
		_, port, _ := net.SplitHostPort(c.LocalAddr().String())
		p.mu.Lock()
		p.sipPort, _ = strconv.Atoi(port)
		p.mu.Unlock()
		work.Go(func() { p.serveSIP(c) })
	}
	return nil
}

// serveSIP answers what comes to the phone's socket until that is closed.
func (p *Phone) serveSIP(c net.PacketConn) {
	buf := make([]byte, 8<<10)
	for {
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return
		}
		if m, ok := readSIP(string(buf[:n])); ok {
			if answer := p.notified(m); answer != "" {
				_, _ = c.WriteTo([]byte(answer), from)
			}
		}
	}
}

// A sipRequest is what a phone looks at of a request.
type sipRequest struct {
	method, user string
	head         map[string]string // by lower-case name; the first of each
	branch       string
}

// readSIP reads a request; ok is false of anything else.
func readSIP(text string) (m sipRequest, ok bool) {
	top, _, _ := strings.Cut(text, "\r\n\r\n")
	lines := strings.Split(top, "\r\n")
	words := strings.Fields(lines[0])
	if len(words) != 3 || words[2] != "SIP/2.0" {
		return m, false
	}
	m.method, m.head = words[0], map[string]string{}
	if user, _, at := strings.Cut(strings.TrimPrefix(words[1], "sip:"), "@"); at {
		m.user = user
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := m.head[name]; !twice {
			m.head[name] = strings.TrimSpace(value)
		}
	}
	_, m.branch, _ = strings.Cut(m.head["via"], "branch=")
	m.branch, _, _ = strings.Cut(m.branch, ";")
	for _, name := range []string{"via", "from", "to", "call-id", "cseq"} {
		if m.head[name] == "" {
			return m, false
		}
	}
	return m, true
}

// answer writes an answer to the request.
func (m *sipRequest) answer(status string, more ...string) string {
	lines := append([]string{
		"SIP/2.0 " + status, "Via: " + m.head["via"], "From: " + m.head["from"], "To: " + m.head["to"] + ";tag=phone",
		"Call-ID: " + m.head["call-id"], "CSeq: " + m.head["cseq"],
	}, more...)
	return strings.Join(append(lines, "Content-Length: 0"), "\r\n") + "\r\n\r\n"
}

// notified answers a request and does what it asks for, once; "" is silence. A
// repetition is answered as the first was.
func (p *Phone) notified(m sipRequest) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.up {
		return ""
	}
	if m.method != "NOTIFY" {
		return m.answer("405 Method Not Allowed", "Allow: NOTIFY")
	}
	if m.branch == p.sipBranch {
		p.ledger.NotifyRepeats++
		p.signal()
		if p.fleet.opts.SIPManner == "late" {
			return m.answer("200 OK")
		}
		return p.sipAnswer
	}
	status, more := p.heed(&m)
	p.sipBranch, p.sipAnswer = m.branch, ""
	if manner := p.fleet.opts.SIPManner; manner != "silent" && manner != "deaf" && manner != "late" {
		p.sipAnswer = m.answer(status, more...)
	}
	keep(&p.ledger, &p.ledger.Notifies, Notify{m.user, m.head["event"], status[:3]}, maxEntries)
	if status == "200 OK" {
		p.resync(strings.Contains(m.head["event"], "reboot=true"))
	}
	p.signal()
	return p.sipAnswer
}

// heed says how the phone takes a NOTIFY; it is locked.
func (p *Phone) heed(m *sipRequest) (status string, more []string) {
	event, _, _ := strings.Cut(m.head["event"], ";")
	user := p.setting("Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.AuthUserName")
	switch {
	case p.fleet.opts.SIPManner == "gone":
		return "481 Subscription Does Not Exist", nil
	case p.fleet.opts.SIPManner == "silent":
		return "000 nothing", nil
	case m.user != user && m.user != p.mac.String() && m.user != p.Serial():
		return "404 Not Found", nil
	case event != "check-sync":
		return "489 Bad Event", nil
	case p.fleet.opts.SIPManner == "digest" && !p.knows(m.head["authorization"]):
		return "401 Unauthorized", []string{fmt.Sprintf(`WWW-Authenticate: Digest realm="%s", nonce="%s", algorithm=MD5, qop="auth"`, crRealm, p.fleet.nonce())}
	}
	return "200 OK", nil
}

// knows says whether an Authorization header is of who may wake the phone.
func (p *Phone) knows(header string) bool {
	d, ok := parseDigest(header)
	if !ok || d.user != p.setting("ManagementServer.ConnectionRequestUsername") || !p.fleet.fresh(d.nonce) {
		return false
	}
	want, ok := d.sum(p.setting("ManagementServer.ConnectionRequestPassword"), "NOTIFY")
	return ok && want == d.response
}

// resync lets the phone look for its files, and restart once it is in no
// session; the phone is locked. What it would look for is for its own settings
// to say, and simulated ones have none: that it does is in the ledger.
func (p *Phone) resync(restart bool) {
	p.ledger.Resyncs++
	switch {
	case restart && p.inSession:
		p.restartDue = true
	case restart:
		p.restart()
	}
}
