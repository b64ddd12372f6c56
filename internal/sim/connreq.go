package sim

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// crRealm is the realm of a connection-request challenge.
const crRealm = "IP Phone"

// nonceLife is how long a connection-request nonce can be answered.
const nonceLife = time.Minute

// listen opens the connection-request listeners and serves them until ctx ends.
func (f *Fleet) listen(ctx context.Context, work *sync.WaitGroup) error {
	if f.opts.ListenCR == "off" {
		return nil
	}
	host, _, err := net.SplitHostPort(f.opts.ListenCR)
	if err != nil {
		return fmt.Errorf("listen for connection requests: %w", err)
	}
	addrs := []string{f.opts.ListenCR}
	if f.opts.OwnListeners {
		addrs = addrs[:0]
		for range f.phones {
			addrs = append(addrs, net.JoinHostPort(host, "0"))
		}
	}
	srv := &http.Server{
		Handler:           http.HandlerFunc(f.serveCR),
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	var bases []string
	for _, addr := range addrs {
		l, err := f.opts.Listen(ctx, "tcp", addr)
		if err != nil {
			srv.Close()
			return fmt.Errorf("listen for connection requests: %w", err)
		}
		bases = append(bases, "http://"+l.Addr().String())
		work.Go(func() { _ = srv.Serve(heardListener{l}) }) // ends with Close
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.crBase, f.servers = bases, append(f.servers, srv)
	return nil
}

// closeServers ends the listeners, and gives a request that is being answered a
// second.
func (f *Fleet) closeServers() {
	f.mu.Lock()
	servers := f.servers
	f.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, srv := range servers {
		if srv.Shutdown(ctx) != nil {
			srv.Close()
		}
	}
}

// connReqURL is the phone's ConnectionRequestURL, empty while nobody listens.
func (f *Fleet) connReqURL(p *Phone) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := &p.conduct.habits.cr
	path := f.crPath(p.index)
	if h.root {
		path = "/"
	}
	switch {
	case len(f.crBase) == 0, h.url == "-":
		return ""
	case h.url != "":
		return h.url
	case f.opts.OwnListeners:
		return f.crBase[p.index] + path
	}
	return f.crBase[0] + path
}

// crPath is the phone's path, which nobody guesses (TR-069 3.2.2).
func (f *Fleet) crPath(index int) string {
	return fmt.Sprintf("/%x-%s", index, f.sign(uint64(index))[:16])
}

// crPhone finds the phone by its path.
func (f *Fleet) crPhone(path string) *Phone {
	number, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "-")
	i, err := strconv.ParseUint(number, 16, 31)
	if err != nil || int(i) >= len(f.phones) || f.crPath(int(i)) != path {
		return nil
	}
	return &f.phones[i]
}

// crOwner finds the phone that takes requests at the root of a listener which
// is its alone, nil if there is none.
func (f *Fleet) crOwner(r *http.Request) *Phone {
	at, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	f.mu.Lock()
	i := slices.Index(f.crBase, "http://"+at.String())
	f.mu.Unlock()
	if i < 0 || len(f.crBase) != len(f.phones) {
		return nil
	}
	p := &f.phones[i]
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.conduct.habits.cr.root {
		return nil
	}
	return p
}

// serveCR answers a connection request: 200 and a session, 503 when one is open
// already, and nothing at all from a phone without power (TR-069 3.2.2).
func (f *Fleet) serveCR(w http.ResponseWriter, r *http.Request) {
	p := f.crPhone(r.URL.Path)
	if r.RequestURI == "/" {
		p = f.crOwner(r)
	}
	if p == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	p.mu.Lock()
	up, busy, plain, h := p.up, p.inSession, p.conduct.NoQop, &p.conduct.habits.cr
	user := p.setting("ManagementServer.ConnectionRequestUsername")
	password := p.setting("ManagementServer.ConnectionRequestPassword")
	p.mu.Unlock()
	if !up {
		panic(http.ErrAbortHandler)
	}
	if h.byHand() {
		f.serveOdd(w, r, p, h, plain)
		return
	}
	if !f.authentic(r, user, password) {
		challenge := fmt.Sprintf(`Digest realm="%s", nonce="%s", algorithm=MD5`, crRealm, f.nonce())
		if !plain {
			challenge += `, qop="auth"`
		}
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Connection", "close")
	if busy {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush() // the session comes all the same
	p.called()
}

// called plans the session that a connection request asked for. When another
// has begun since, it comes after that one.
func (p *Phone) called() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.up {
		return
	}
	p.ledger.ConnectionRequests++
	p.fleet.stats.connReqs.Add(1)
	p.flash.events |= evConnectionRequest
	p.sessionAt = p.fleet.now()
	p.reschedule()
	p.signal()
}

// authentic checks the Authorization of a connection request.
func (f *Fleet) authentic(r *http.Request, user, password string) bool {
	d, ok := parseDigest(r.Header.Get("Authorization"))
	if !ok || d.user != user || d.realm != crRealm || !f.fresh(d.nonce) || d.uri != r.URL.RequestURI() {
		return false
	}
	want, ok := d.sum(password, r.Method)
	return ok && subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(d.response))) == 1
}

// nonce makes a nonce that says when it was made, so that none is remembered.
func (f *Fleet) nonce() string {
	at := uint64(time.Now().Unix())
	return fmt.Sprintf("%x-%s", at, f.sign(^at)[:24])
}

// fresh reports whether a nonce is ours and young.
func (f *Fleet) fresh(nonce string) bool {
	stamp, tag, _ := strings.Cut(nonce, "-")
	at, err := strconv.ParseUint(stamp, 16, 63)
	if err != nil || tag != f.sign(^at)[:24] {
		return false
	}
	age := time.Since(time.Unix(int64(at), 0))
	return age >= -time.Second && age <= nonceLife
}

// sign signs a number with the fleet's key, in hexadecimal.
func (f *Fleet) sign(n uint64) string {
	h := hmac.New(sha256.New, f.crKey[:])
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	h.Write(b[:])
	return hex.EncodeToString(h.Sum(nil))
}

// keyOf makes the fleet's key from its seed: paths must come out the same.
func keyOf(seed uint64) (key [16]byte) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], seed)
	sum := sha256.Sum256(b[:])
	copy(key[:], sum[:])
	return key
}
