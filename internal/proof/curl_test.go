package proof

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/icholy/digest"
)

// door is a server that asks who is there and tells the verdict.
type door struct {
	*httptest.Server
	c *Checker

	mu      sync.Mutex
	bend    func(challenge string) string
	lenient Leniency
	seen    []Verdict
}

// set changes how the door asks and what it bears.
func (d *door) set(bend func(string) string, lenient Leniency) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bend, d.lenient = bend, lenient
}

func newDoor(t *testing.T, o Options, start func(*httptest.Server)) *door {
	c, _ := newChecker(t, o)
	d := &door{c: c}
	d.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		d.mu.Lock()
		defer d.mu.Unlock()
		v := c.Check(r, r.TLS != nil, []Login{own, next}, d.lenient)
		d.seen = append(d.seen, v)
		if v.Outcome == Proven {
			fmt.Fprintf(w, "%v %d", v.Scheme, v.Login)
			return
		}
		if d.bend == nil {
			c.Demand(w, v)
			return
		}
		w.Header().Set("WWW-Authenticate", d.bend(c.Challenge(v)))
		w.WriteHeader(http.StatusUnauthorized)
	}))
	if start == nil {
		start = (*httptest.Server).Start
	}
	start(d.Server)
	t.Cleanup(d.Close)
	return d
}

// said gives the outcomes since the last call.
func (d *door) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var b strings.Builder
	for _, v := range d.seen {
		fmt.Fprintf(&b, "%v %s;", v.Outcome, v.Rule)
	}
	d.seen = nil
	return b.String()
}

// TestCurl has curl log in.
func TestCurl(t *testing.T) {
	dir := t.TempDir()
	clear, sha := newDoor(t, Options{}, nil), newDoor(t, Options{Algorithm: SHA256}, nil)
	within := newDoor(t, Options{}, (*httptest.Server).StartTLS)
	as := func(l Login) string { return l.User + ":" + l.Password }
	for _, tt := range []struct {
		name string
		door *door
		args []string
		out  string
		said string
	}{
		{"Digest", clear, []string{"--digest", "-u", as(own)}, "digest 0 200 1", "none ;proven ;"},
		{"Digest, next", clear, []string{"--digest", "-u", as(next)}, "digest 1 200 1", "none ;proven ;"},
		{"Digest by SHA-256", sha, []string{"--digest", "-u", as(own)}, "digest 0 200 1", "none ;proven ;"},
		{"Digest, a body", clear, []string{"--digest", "-u", as(own), "--data", "<inform/>"}, "digest 0 200 1", "none ;proven ;"},
		{"Digest, a body in chunks", clear, []string{"--digest", "-u", as(own), "-H", "Transfer-Encoding: chunked", "--data", "<inform/>"}, "digest 0 200 1", "none ;proven ;"},
		{"Digest within TLS", within, []string{"-k", "--digest", "-u", as(own)}, "digest 0 200 1", "none ;proven ;"},
		{"Digest, wrong password", clear, []string{"--digest", "-u", own.User + ":x"}, " 401 1", "none ;wrong auth.password;"},
		{"any, in clear", clear, []string{"--anyauth", "-u", as(own)}, "digest 0 200 1", "none ;proven ;"},
		{"Basic within TLS", within, []string{"-k", "--basic", "-u", as(own)}, "basic 0 200 1", "proven ;"},
		{"Basic within TLS, wrong password", within, []string{"-k", "--basic", "-u", own.User + ":x"}, " 401 1", "wrong auth.password;"},
		{"Basic in clear", clear, []string{"--basic", "-u", as(own)}, " 401 1", "refused basic.clear;"},
		{"nothing", clear, nil, " 401 1", "none ;"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"-sS", "--max-time", "20", "-w", " %{http_code} %{num_connects}", tt.door.URL + "/acs?site=1&name=a%20b"}, tt.args...)
			out, err := peer(t, dir, "curl", args...)
			if err != nil || out != tt.out {
				t.Errorf("curl says %q, %v; want %q", out, err, tt.out)
			}
			if said := tt.door.said(); said != tt.said {
				t.Errorf("verdicts %q; want %q", said, tt.said)
			}
		})
	}
}

// TestCurlSession has curl ask again and again, for which it is challenged each
// time. All of it goes over one connection.
func TestCurlSession(t *testing.T) {
	for _, o := range []Options{{}, {Replays: 100}} {
		d := newDoor(t, o, nil)
		url := d.URL + "/acs"
		out, err := peer(t, t.TempDir(), "curl", "-sS", "--max-time", "20", "--digest", "-u", own.User+":"+own.Password, "-w", " %{num_connects},", url, url, url, url)
		if err != nil || out != "digest 0 1,digest 0 0,digest 0 0,digest 0 0," {
			t.Errorf("curl says %q, %v", out, err)
		}
		if said := d.said(); said != strings.Repeat("none ;proven ;", 4) {
			t.Errorf("verdicts %q", said)
		}
	}
}

// TestCurlStale gives curl a first nonce that has ended: it takes the next.
func TestCurlStale(t *testing.T) {
	d := newDoor(t, Options{}, nil)
	elder, _ := newChecker(t, Options{Key: []byte(strings.Repeat("e", KeySize))})
	d.set(func(string) string {
		d.bend = nil
		return elder.Challenge(Verdict{})
	}, Leniency{})
	out, err := peer(t, t.TempDir(), "curl", "-sS", "--max-time", "20", "--digest", "-u", own.User+":"+own.Password, d.URL)
	if err != nil || out != "digest 0" {
		t.Errorf("curl says %q, %v", out, err)
	}
	if said := d.said(); said != "none ;stale digest.foreign;proven ;" {
		t.Errorf("verdicts %q", said)
	}
}

// TestCurlManners bends the challenge, so that curl answers as odd phones do.
func TestCurlManners(t *testing.T) {
	for _, tt := range []struct {
		name     string
		old, new string // in the challenge
		lenient  Leniency
		said     string
	}{
		{"MD5-sess", "algorithm=MD5", "algorithm=MD5-sess", Leniency{}, "none ;proven ;"},
		{"no algorithm", ", algorithm=MD5", "", Leniency{}, "none ;proven ;"},
		{"no qop", `, qop="auth"`, "", Leniency{}, "none ;refused digest.qop;"},
		{"no qop, borne", `, qop="auth"`, "", Leniency{NoQop: true}, "none ;proven ;"},
		{"another algorithm", "algorithm=MD5", "algorithm=SHA-256", Leniency{}, "none ;refused digest.algorithm;"},
		{"another realm", `"phoneacs"`, `"other"`, Leniency{}, "none ;refused digest.realm;"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDoor(t, Options{}, nil)
			d.set(func(s string) string { return strings.Replace(s, tt.old, tt.new, 1) }, tt.lenient)
			if _, err := peer(t, t.TempDir(), "curl", "-sS", "--max-time", "20", "--digest", "-u", own.User+":"+own.Password, d.URL+"/acs"); err != nil {
				t.Fatal(err)
			}
			if said := d.said(); said != tt.said {
				t.Errorf("verdicts %q; want %q", said, tt.said)
			}
		})
	}
}

// TestGoClient has another Go library log in.
func TestGoClient(t *testing.T) {
	for _, alg := range []Algorithm{MD5, SHA256} {
		d := newDoor(t, Options{Algorithm: alg}, nil)
		client := &http.Client{Transport: &digest.Transport{Username: next.User, Password: next.Password}}
		for range 3 {
			res, err := client.Post(d.URL+"/acs", "text/xml", strings.NewReader("<inform/>"))
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if res.StatusCode != http.StatusOK || string(body) != "digest 1" {
				t.Errorf("%v: %s %q", alg, res.Status, body)
			}
		}
	}
}

// TestOnTheWire sends a header as it goes over several lines, on one connection
// with the 401 before it.
func TestOnTheWire(t *testing.T) {
	d := newDoor(t, Options{}, nil)
	conn, err := net.Dial("tcp", d.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	ask := func(authorization string) *http.Response {
		t.Helper()
		if _, err := fmt.Fprintf(conn, "POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Length: 0\r\n%s\r\n", authorization); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		return res
	}
	res := ask("")
	if res.StatusCode != 401 || res.Close || res.ContentLength != 0 || len(res.Header["Www-Authenticate"]) != 1 {
		t.Fatalf("first answer %+v", res)
	}
	head := client{login: own}.to(res.Header.Get("WWW-Authenticate")).header()
	for name, lines := range map[string]string{
		"one line":         "Authorization: " + head + "\r\n",
		"folded":           "Authorization: " + strings.ReplaceAll(head, ", ", ",\r\n  ") + "\r\n",
		"several headers":  "Authorization: " + strings.ReplaceAll(head, ", ", "\r\nauthorization: ") + "\r\n",
		"after an unknown": "Authorization: Negotiate abc==\r\nAuthorization: " + head + "\r\n",
	} {
		if res := ask(lines); res.StatusCode != 200 {
			t.Errorf("%s: %s", name, res.Status)
		}
	}
	if res := ask("Authorization: Digest \"\"=\r\n"); res.StatusCode != 401 || res.Close {
		t.Errorf("unreadable: %+v", res)
	}
	if said := d.said(); said != "none ;proven ;proven ;proven ;proven ;unreadable auth.header;" {
		t.Errorf("verdicts %q", said)
	}
}

// put writes a file of a test.
func put(t *testing.T, dir, name, text string) string {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
