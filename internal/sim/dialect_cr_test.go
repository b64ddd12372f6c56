package sim

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A caller asks for a session on bare connections.
type caller struct {
	t    *testing.T
	to   *url.URL
	conn net.Conn
	in   *bufio.Reader
}

// ask sends a GET with some header lines and gives all that comes back until
// the answer is at its end or the connection is; "" is none.
func (c *caller) ask(fresh bool, lines string) string {
	c.t.Helper()
	if c.conn == nil || fresh {
		conn, err := net.Dial("tcp", c.to.Host)
		if err != nil {
			c.t.Fatal(err)
		}
		c.t.Cleanup(func() { conn.Close() })
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			c.t.Fatal(err)
		}
		c.conn, c.in = conn, bufio.NewReader(conn)
	}
	if _, err := fmt.Fprintf(c.conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", c.to.RequestURI(), c.to.Host, lines); err != nil {
		return ""
	}
	var out strings.Builder
	for {
		line, err := c.in.ReadString('\n')
		out.WriteString(line)
		if err != nil || line == "\r\n" || line == "\n" {
			return out.String()
		}
	}
}

// prove answers a challenge, which it finds however it is written, under the
// name of header as given.
func (c *caller) prove(answer, name string) string {
	_, challenge, _ := strings.Cut(answer, "Digest ")
	nonce, _ := cutParam(challenge, "nonce=")
	opaque, _ := cutParam(challenge, "opaque=")
	d := digest{user: "dps", realm: crRealm, nonce: nonce, uri: c.to.RequestURI(), algorithm: "MD5", opaque: opaque}
	if strings.Contains(challenge, "qop") {
		d.qop, d.nc, d.cnonce = "auth", "00000001", "c"
	}
	d.response, _ = d.sum("dps", "GET")
	return name + d.header()[len("Digest"):] + "\r\n"
}

// cutParam gives what stands behind a name, in quotes or up to a blank.
func cutParam(s, name string) (string, bool) {
	_, v, ok := strings.Cut(s, name)
	if strings.HasPrefix(v, `"`) {
		v, _, _ = strings.Cut(v[1:], `"`)
		return v, ok
	}
	if i := strings.IndexAny(v, ", \r\n"); i >= 0 {
		v = v[:i]
	}
	return v, ok
}

const exactName = "Authorization: Digest"

// crTries say how each dialect of connection requests answers.
var crTries = map[string]func(c *caller, first string) string{
	"cr-same-socket": func(c *caller, first string) string {
		c.wants("401", c.ask(true, c.prove(first, exactName)))
		return c.provenHere(exactName)
	},
	"cr-new-socket": func(c *caller, first string) string {
		c.wants("", c.ask(false, c.prove(first, exactName)))
		return c.ask(true, c.prove(first, exactName))
	},
	"cr-new-socket-401": func(c *caller, first string) string {
		c.wants("401", c.ask(false, c.prove(first, exactName)))
		return c.ask(true, c.prove(first, exactName))
	},
	"cr-closed-after-401": func(c *caller, first string) string {
		c.wants("", c.ask(false, c.prove(first, exactName)))
		return c.ask(true, c.prove(first, exactName))
	},
	"cr-exact": func(c *caller, first string) string {
		c.wants("401", c.ask(true, c.prove(first, "authorization: Digest")))
		c.wants("401", c.ask(true, c.prove(first, "Authorization:  Digest")))
		return c.ask(true, c.prove(first, exactName))
	},
	"cr-late": func(c *caller, first string) string {
		return c.ask(false, c.prove(first, exactName))
	},
	"cr-busy": func(c *caller, first string) string {
		c.wants("503", c.ask(false, c.prove(first, exactName)))
		return c.ask(false, c.prove(first, exactName))
	},
	"cr-open": func(_ *caller, first string) string { return first },
	"cr-lf": func(c *caller, first string) string {
		if strings.Contains(first, "\r") || strings.Contains(first, "Content-Length") || !strings.HasPrefix(first, "HTTP/1.0 401") {
			c.t.Errorf("answered %q", first)
		}
		return c.ask(true, c.prove(first, exactName))
	},
	"cr-folded": func(c *caller, first string) string {
		if !strings.Contains(first, ",\r\n\tnonce=") {
			c.t.Errorf("answered %q", first)
		}
		return c.ask(false, c.prove(first, exactName))
	},
	"cr-no-blank-line": func(c *caller, first string) string {
		if strings.HasSuffix(first, "\r\n\r\n") {
			c.t.Errorf("answered %q", first)
		}
		return c.ask(true, c.prove(first, exactName))
	},
	"cr-spaces": func(c *caller, first string) string {
		if strings.Contains(first, ", ") || !strings.Contains(first, ` nonce="`) || !strings.Contains(first, " algorithm=MD5 ") {
			c.t.Errorf("answered %q", first)
		}
		return c.ask(false, c.prove(first, exactName))
	},
}

func (c *caller) wants(status, answer string) {
	c.t.Helper()
	if status == "" && answer != "" || status != "" && !strings.HasPrefix(answer, "HTTP/1.") || !strings.Contains(answer, status) {
		c.t.Errorf("answered %q; want %q", answer, status)
	}
}

// provenHere asks on a new connection, and proves itself on it.
func (c *caller) provenHere(name string) string {
	c.t.Helper()
	return c.ask(false, c.prove(c.ask(true, ""), name))
}

// TestConnectionRequestDialects asks phones of each for a session.
func TestConnectionRequestDialects(t *testing.T) {
	for name, try := range crTries {
		t.Run(name, func(t *testing.T) {
			acs := newACS()
			p := fleetOf(t, acs, Behaviour{Dialects: []string{name}})
			raw, _ := p.Param("Device.ManagementServer.ConnectionRequestURL")
			to, err := url.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			c := &caller{t: t, to: to}
			first := c.ask(true, "")
			if name != "cr-open" {
				c.wants("401", first)
			}
			c.wants("200", try(c, first))
			if name == "cr-late" && p.Ledger().Sessions == 0 {
				t.Error("the answer came before the session had ended")
			}
			await(t, p, "session", func(l Ledger) bool { return l.Sessions == 1 && l.ConnectionRequests == 1 })
		})
	}
}

// TestConnectionRequestAtRoot asks at / of a listener that is the phone's own.
func TestConnectionRequestAtRoot(t *testing.T) {
	acs := newACS()
	for own, want := range map[bool]string{true: "401", false: "404"} {
		f := run(t, New(Options{ACS: acs.start(t).URL, Phones: 2, Models: []string{"X6"}, Manual: true, OwnListeners: own,
			Behaviour: Behaviour{Dialects: []string{"cr-root"}}}))
		raw, _ := f.Phone(1).Param("Device.ManagementServer.ConnectionRequestURL")
		to, err := url.Parse(raw)
		if err != nil || to.Path != "/" {
			t.Fatalf("the URL is %q, %v", raw, err)
		}
		c := &caller{t: t, to: to}
		first := c.ask(true, "")
		c.wants(want, first)
		if own {
			c.wants("200", c.ask(true, c.prove(first, exactName)))
			await(t, f.Phone(1), "session", func(l Ledger) bool { return l.Sessions == 1 })
		}
	}
}
