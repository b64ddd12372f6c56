package provision

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Forty requests at once share a budget of five files, and exactly five are
// served, whoever comes first.
func TestBudgetIsShared(t *testing.T) {
	e := newEnv(t, nil)
	const size = 1 << 20
	f, _ := e.add(t, "a.cfg", size)
	u, l := e.link(t, e.http.URL, f)
	var served, refused atomic.Int64
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			resp, err := http.Get(u)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			n, err := io.Copy(io.Discard, resp.Body)
			switch {
			case resp.StatusCode == 200 && n == size && err == nil:
				served.Add(1)
			case resp.StatusCode == 429:
				refused.Add(1)
			default:
				t.Errorf("status %d, %d bytes, %v", resp.StatusCode, n, err)
			}
		})
	}
	wg.Wait()
	e.idle(t)
	if served.Load() != 5 || refused.Load() != 35 || e.store.sent[l.Hash] != 5*size {
		t.Errorf("served %d, refused %d, recorded %d bytes; want 5, 35, %d", served.Load(), refused.Load(), e.store.sent[l.Hash], 5*size)
	}
	if log := e.log.String(); strings.Count(log, `"rule":"link.budget"`) != 1 || !strings.Contains(log, `"attempt":"j17-p1042-1-ab12"`) {
		t.Errorf("want one line about the budget that names the attempt:\n%s", log)
	}
	if got := e.counter(t, "phoneacs_file_bytes_total", ""); got != 5*size {
		t.Errorf("counted %v bytes", got)
	}
	if ok, no := e.counter(t, "phoneacs_file_requests_total", "200"), e.counter(t, "phoneacs_file_requests_total", "429"); ok != 5 || no != 35 {
		t.Errorf("counted %v and %v requests", ok, no)
	}
	e.clock.Advance(max(hushFor, idleKept))
	l.Out = 5 * size // the store has caught up
	e.store.put(l)
	_, _ = ask(t, "GET", u)
	e.idle(t)
	if log := e.log.String(); strings.Count(log, `"rule":"link.budget"`) != 2 {
		t.Errorf("want another line a minute later:\n%s", log)
	}
}

func TestBudget(t *testing.T) {
	e := newEnv(t, nil)
	const size = 100_000
	f, _ := e.add(t, "a.cfg", size)
	u, l := e.link(t, e.http.URL, f)
	l.Out = 3*size + 1 // went out before this process began
	e.store.put(l)
	for _, tt := range []struct {
		name, method, ranges string
		status               int
	}{
		{"covered", "GET", "", 200},
		{"not covered", "GET", "", 429},
		{"asking is free", "HEAD", "", 200},
		{"part is covered", "GET", "bytes=1-", 206},
		{"used up", "GET", "bytes=0-0", 429},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var header []string
			if tt.ranges != "" {
				header = []string{"Range", tt.ranges}
			}
			resp, body := ask(t, tt.method, u, header...)
			if resp.StatusCode != tt.status {
				t.Errorf("status %d; want %d", resp.StatusCode, tt.status)
			}
			if tt.status == 429 && (string(body) != "too many requests\n" || resp.Header.Get("Etag") != "" || resp.Header.Get("Content-Range") != "") {
				t.Errorf("%q %v", body, resp.Header)
			}
			if got := e.fetch(t); got.Status != tt.status {
				t.Errorf("recorded %+v", got)
			}
			e.idle(t)
		})
	}
}

// A phone that is cut off and comes again pays only for what went out.
func TestCutConnectionIsRefunded(t *testing.T) {
	e := newEnv(t, nil)
	const size = 32 << 20
	f, _ := e.add(t, "a.cfg", size)
	u, l := e.link(t, e.http.URL, f)
	for range 3 {
		c, err := net.Dial("tcp", e.http.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: acs\r\n\r\n", strings.TrimPrefix(u, e.http.URL))
		if _, err := io.CopyN(io.Discard, c, 100_000); err != nil {
			t.Fatal(err)
		}
		_ = c.(*net.TCPConn).SetLinger(0)
		c.Close()
		if got := e.fetch(t); got.Status != 200 || got.Bytes < 90_000 || got.Bytes >= size {
			t.Errorf("recorded %+v", got)
		}
	}
	e.idle(t)
	e.ledger.mu.Lock()
	a := *e.ledger.accounts[l.Hash]
	e.ledger.mu.Unlock()
	if a.open != 0 || a.reserved != 0 || a.out != e.store.sent[l.Hash] {
		t.Errorf("account %+v; recorded %d", a, e.store.sent[l.Hash])
	}
	for range (a.budget - a.out) / size {
		if resp, body := ask(t, "GET", u); resp.StatusCode != 200 || len(body) != size {
			t.Errorf("status %d, %d bytes", resp.StatusCode, len(body))
		}
	}
	if resp, _ := ask(t, "GET", u); resp.StatusCode != 429 {
		t.Errorf("status %d once the budget is used up", resp.StatusCode)
	}
	if log := e.log.String(); !strings.Contains(log, "cut short") {
		t.Errorf("log: %s", log)
	}
}

// One link cannot take every slot, and accounts are forgotten only when the
// store's sum has caught up.
func TestLedger(t *testing.T) {
	e := newService(t, nil)
	_, link, err := e.Link("http://acs", stored("a", 100_000), testStart.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	l, now := newLedger(), testStart
	a, _ := l.open(link, now)
	for range maxPerLink - 1 {
		if _, ok := l.open(link, now); !ok {
			t.Fatal("refused too early")
		}
	}
	if _, ok := l.open(link, now); ok {
		t.Error("more requests at once than allowed")
	}
	if l.reserve(a, -1) || l.reserve(a, link.Budget+1) || !l.reserve(a, link.Budget) || l.reserve(a, 1) {
		t.Error("reservations do not keep to the budget")
	}
	l.close(a, link.Budget, 300_000, now)
	for range maxPerLink - 1 {
		l.close(a, 0, 0, now)
	}

	a, _ = l.open(link, now.Add(idleKept-1)) // the store's sum still says 0
	if !l.reserve(a, 200_000) || l.reserve(a, 1) {
		t.Errorf("account %+v", a)
	}
	now = now.Add(3 * idleKept)
	other := link
	other.Hash[0]++
	o, _ := l.open(other, now) // forgets what is idle
	if a2, _ := l.open(link, now); a2 != a {
		t.Error("an account with a request under way was forgotten")
	}
	l.close(o, 0, 0, now)
	l.close(a, 0, 0, now)
	l.close(a, 200_000, 0, now)

	link.Out = 300_000
	now = now.Add(idleKept)
	b, _ := l.open(link, now)
	if len(l.accounts) != 1 || b.out != 300_000 {
		t.Errorf("%d accounts, %+v", len(l.accounts), b)
	}
}
