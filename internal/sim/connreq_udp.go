package sim

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
)

// udpStamp is what tells one request by UDP from another.
type udpStamp struct {
	ts    int64
	id    uint64
	nonce string
}

// calledByUDP takes a connection request by UDP (TR-069 G.2.2.3). It is answered
// by nothing but the session. Copies of one count once, and what is older than
// the last one, or not signed with the phone's password, not at all.
func (p *Phone) calledByUDP(c *stunClient, text string) {
	p.mu.Lock()
	up := p.up
	user := p.setting("ManagementServer.ConnectionRequestUsername")
	password := p.setting("ManagementServer.ConnectionRequestPassword")
	p.mu.Unlock()
	if !up {
		return
	}
	stamp, ok := readUDP(text, user, password)
	c.mu.Lock()
	fresh := ok && stamp.ts >= c.last.ts && stamp != c.last
	copied := ok && stamp == c.last
	if fresh {
		c.last = stamp
	}
	c.mu.Unlock()
	p.mu.Lock()
	switch {
	case copied:
		p.ledger.UDPCopies++
	case !fresh:
		p.ledger.UDPRefused++
	default:
		p.ledger.UDPRequests++
	}
	p.signal()
	p.mu.Unlock()
	if fresh {
		p.called()
	}
}

// readUDP reads a request and reports whether it is the ACS's.
func readUDP(text, user, password string) (s udpStamp, ok bool) {
	line, rest, found := strings.Cut(text, "\r\n")
	words := strings.Split(line, " ")
	if !found || !strings.HasSuffix(rest, "\r\n") || len(words) != 3 || words[0] != "GET" || words[2] != "HTTP/1.1" {
		return s, false
	}
	u, err := url.Parse(words[1])
	if err != nil || u.Scheme != "http" || u.Host == "" || u.Path != "" && u.Path != "/" {
		return s, false
	}
	q := u.Query()
	ts, id, nonce := q.Get("ts"), q.Get("id"), q.Get("cn")
	h := hmac.New(sha1.New, []byte(password))
	h.Write([]byte(ts + id + q.Get("un") + nonce))
	sum, err := hex.DecodeString(q.Get("sig"))
	if err != nil || q.Get("un") != user || nonce == "" || !hmac.Equal(sum, h.Sum(nil)) {
		return s, false
	}
	s.nonce = nonce
	if s.ts, err = strconv.ParseInt(ts, 10, 64); err != nil {
		return s, false
	}
	s.id, err = strconv.ParseUint(id, 10, 64)
	return s, err == nil
}
