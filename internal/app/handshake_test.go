package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// wantFailed waits until so many handshakes of a listener have failed for a
// cause, as the metrics tell.
func (r *running) wantFailed(tb testing.TB, listener string, of cause, n int) {
	tb.Helper()
	want := fmt.Sprintf("phoneacs_tls_handshakes_failed_total{cause=%q,listener=%q} %d\n", of, listener, n)
	eventually(tb, want, func() bool {
		b, _ := io.ReadAll(r.ask(http.MethodGet, "/metrics", "").Body)
		return bytes.Contains(b, []byte(want))
	})
}

// TestCauses has peers fail in each way, and wants it counted and explained.
func TestCauses(t *testing.T) {
	cfg := tlsConfig(t)
	cfg.LogLevel = "info"
	r := serve(t, cfg)
	at := r.CWMPTLSAddr().String()
	stranger := newPKI(t).file("ca.crt")
	sClient := func(args ...string) func() {
		return func() {
			out, err := peerRun(t, "", "", "openssl", append([]string{"s_client", "-connect", at}, args...)...)
			if err == nil {
				t.Errorf("s_client %v: no failure:\n%s", args, out)
			}
		}
	}
	say := func(text string) func() {
		return func() {
			conn, err := net.Dial("tcp", at)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, text); err != nil {
				t.Error(err)
			}
			if text != "" {
				_, _ = io.Copy(io.Discard, conn)
			}
		}
	}
	later := fmt.Sprint(time.Now().Add(2 * 365 * 24 * time.Hour).Unix())
	for _, tt := range []struct {
		cause cause
		peer  func()
		why   string
	}{
		{causeUntrusted, sClient("-verify_return_error", "-CAfile", stranger), "does not trust our certificate"},
		{causeClock, sClient("-verify_return_error", "-CAfile", ownCA(cfg), "-attime", later), "look at its end, and at the client's clock"},
		{causeVersion, sClient("-tls1", "-cipher", "DEFAULT@SECLEVEL=0"), "speaks only up to TLS 1.0"},
		{causeAlgorithm, sClient("-tls1_2", "-cipher", "aRSA"), "RSA key"},
		{causePlain, say("POST /acs HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP without TLS"},
		{causeNotTLS, say("SSH-2.0-scanner\r\n"), "not TLS"},
		{causeGone, say(""), "closed the connection"},
	} {
		t.Run(string(tt.cause), func(t *testing.T) {
			for n := range 2 {
				tt.peer()
				r.wantFailed(t, "cwmp-tls", tt.cause, n+1)
			}
			var told []string
			for line := range strings.Lines(r.log.String()) {
				if strings.Contains(line, "tls handshake failed") && strings.Contains(line, "rule="+string(tt.cause)+" ") {
					told = append(told, line)
				}
			}
			if len(told) != 1 || !strings.Contains(told[0], tt.why) || !strings.Contains(told[0], "127.0.0.1:") || !strings.Contains(told[0], "level=INFO") {
				t.Errorf("told %q; want one line that says %q", told, tt.why)
			}
		})
	}
	if got, said := curl(t, "-X", "POST", "http://"+at+"/acs"); got != http.StatusBadRequest {
		t.Errorf("HTTP to the port of TLS: status %d: %s", got, said)
	}
}

// TestExplain are causes that no peer at hand brings about.
func TestExplain(t *testing.T) {
	alert := func(n tls.AlertError) error { return &net.OpError{Op: "remote error", Err: n} }
	for _, tt := range []struct {
		err     error
		offered []uint16
		cause   cause
		why     string
	}{
		{alert(40), nil, causeRefused, "refused"},
		{alert(42), nil, causeUntrusted, "does not trust"},
		{alert(70), []uint16{tls.VersionTLS11, tls.VersionTLS10}, causeVersion, "up to TLS 1.1"},
		{errors.New("tls: client offered only unsupported versions: [300]"), []uint16{0x300}, causeVersion, "no version of TLS"},
		{errors.New("tls: client offered only unsupported versions: [fafa 303]"), []uint16{0xfafa, tls.VersionTLS12}, causeVersion, "up to TLS 1.2"},
		{context.DeadlineExceeded, nil, causeSlow, "in time"},
		{errors.New("tls: something new"), nil, causeOther, "failed"},
	} {
		if f := explain(tt.err, &peer{versions: tt.offered}); f.cause != tt.cause || !strings.Contains(f.why, tt.why) || f.err != tt.err {
			t.Errorf("explain(%v) = %+v; want %s, %q", tt.err, f, tt.cause, tt.why)
		}
	}
}

// TestComplaint: a cause is told once a minute, with how often it came.
func TestComplaint(t *testing.T) {
	vec, err := newHandshakeMetric(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	now := time.Now()
	c := newComplaint(vec, "cwmp-tls", slog.New(slog.NewTextHandler(log, nil)))
	c.now = func() time.Time { return now }
	from := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 5}
	for _, step := range []struct {
		after time.Duration
		cause cause
		lines int
		last  string
	}{
		{0, causeGone, 1, "count=1 "},
		{time.Second, causeGone, 1, ""},
		{time.Second, causeSlow, 2, "rule=slow"},
		{time.Second, causeGone, 2, ""},
		{sayEvery, causeGone, 3, "count=3 "},
	} {
		now = now.Add(step.after)
		c.take(from, failure{step.cause, "why", io.EOF})
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != step.lines || !strings.Contains(lines[len(lines)-1], step.last) {
			t.Errorf("after %+v: %q", step, lines)
		}
	}
}

// oneConn is a listener of connections that a test hands it.
type oneConn struct {
	net.Listener
	conns chan net.Conn
	ended chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

func (l *oneConn) Close() error { close(l.ended); return nil }

// TestSlowHandshake: who says nothing is given up, keeps nobody from being
// greeted, and is cut off when the listener closes.
func TestSlowHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &oneConn{conns: make(chan net.Conn), ended: make(chan struct{})}
		failures := make(chan failure, 1)
		g := greet(l, &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, nil }},
			func(_ net.Addr, f failure) { failures <- f })
		here, mute := net.Pipe()
		began := time.Now()
		l.conns <- here
		if f := <-failures; f.cause != causeSlow || time.Since(began) != handshakeTime {
			t.Errorf("given up after %v: %+v; want %v", time.Since(began), f, handshakeTime)
		}
		if _, err := mute.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the connection: %v; want it closed", err)
		}
		here, mute = net.Pipe()
		l.conns <- here
		synctest.Wait()
		began = time.Now()
		if err := g.Close(); err != nil || time.Since(began) != 0 {
			t.Errorf("Close: %v after %v", err, time.Since(began))
		}
		if _, err := mute.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the connection: %v; want it closed", err)
		}
		if _, err := g.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept: %v; want %v", err, net.ErrClosed)
		}
		if len(failures) != 0 {
			t.Errorf("the end of the server is counted as a failure: %+v", <-failures)
		}
	})
}
