package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
	"phoneacs/internal/sim/replay"
)

// A recording is what the admin API tells of one in a list.
type recording struct {
	ID       string `json:"id"`
	Phone    string `json:"phone"`
	How      string `json:"how"`
	Failed   bool   `json:"failed"`
	Rule     string `json:"rule"`
	Messages int    `json:"messages"`
}

// recorded returns a recording as JSON and as text.
func (s *server) recorded(tb testing.TB, phone, id string) (raw, text []byte) {
	tb.Helper()
	path := "/api/v1/phones/" + phone + "/recordings/" + id
	for _, accept := range []string{"application/json", "text/plain"} {
		a, err := s.do(tb.Context(), http.MethodGet, path, nil, "Accept", accept)
		if err != nil || a.status != http.StatusOK {
			tb.Fatalf("GET %s: status %d, %v", path, a.status, err)
		}
		raw, text = text, a.body
	}
	return raw, text
}

// with waits for a recording of a phone that has a message of such a name.
func (s *server) with(tb testing.TB, phone, rpc string) (raw, text []byte) {
	tb.Helper()
	eventually(tb, 30*time.Second, "a recording with "+rpc, func() error {
		for _, r := range list[recording](tb, s, "/api/v1/phones/"+phone+"/recordings") {
			raw, text = s.recorded(tb, phone, r.ID)
			if bytes.Contains(raw, []byte(`"rpc":"`+rpc+`"`)) {
				return nil
			}
		}
		return errors.New("none yet")
	})
	return raw, text
}

// load reads a recording as the replay does, after an edit of it.
func load(tb testing.TB, raw []byte, edit func(*replay.Recording)) *replay.Recording {
	tb.Helper()
	rec, err := replay.Load(bytes.NewReader(raw))
	if err != nil {
		tb.Fatalf("%v in %.2000s", err, raw)
	}
	if edit != nil {
		edit(rec)
	}
	return rec
}

// TestRecording records sessions of a phone that is given secrets, reads them,
// and plays them again against another server and to another phone.
func TestRecording(t *testing.T) {
	const secret = "correct-horse-battery&staple"
	o := startOne(t)
	o.call(t, http.MethodPut, "/api/v1/phones/"+o.id+"/recording", map[string]string{"for": "1h"}, nil)
	settings := func(value string) map[string]any {
		return map[string]any{"parameters": []map[string]string{
			{"name": o.root + "ManagementServer.ConnectionRequestPassword", "value": value},
			{"name": o.root + "Time.NTPServer2", "value": "ntp-" + value + ".example"},
		}}
	}
	o.ended(o.do("set-parameters", settings(secret)), "succeeded", "1 value as ordered")
	set, setText := o.with(t, o.id, "SetParameterValues")
	file := o.addFile(t, "x6.cfg", "config", "X6", "", []byte("<<VOIP CONFIG FILE>>"))
	o.ended(o.do("download", map[string]any{"file": file}), "succeeded", "")
	fetched, fetchedText := o.with(t, o.id, "Download")

	t.Run("no secret is told", func(t *testing.T) {
		told := []byte(o.Log())
		for _, r := range list[recording](t, o.server, "/api/v1/recordings") {
			raw, text := o.recorded(t, r.Phone, r.ID)
			told = slices.Concat(told, raw, text)
		}
		told = slices.Concat(told, set, setText, fetched, fetchedText)
		for _, bad := range []string{secret, "correct-horse", `/files/[a-z2-7]{26}`, `session=[A-Z2-7]{26}`, adminToken} {
			if bad == secret {
				bad = regexp.QuoteMeta(secret)
			}
			if m := regexp.MustCompile(bad).FindIndex(told); m != nil {
				t.Errorf("%s is told: %s", bad, told[max(0, m[0]-200):m[1]+20])
			}
		}
		for _, want := range []string{"ntp-****.example", "/files/****/x6.cfg", "ConnectionRequestPassword"} {
			if !bytes.Contains(told, []byte(want)) {
				t.Errorf("%s is missing", want)
			}
		}
		if !regexp.MustCompile(`(?m)^#2  \+0\.\d{3}s  server -> phone  HTTP 200 InformResponse`).Match(setText) {
			t.Errorf("text is\n%s", setText)
		}
	})

	t.Run("against another server", func(t *testing.T) {
		fresh := startServer(t, t.TempDir(), "--log-level", "debug", "--enrol", "open")
		csv, err := fresh.do(t.Context(), http.MethodPost, "/api/v1/phones/import", []byte("mac\n"+o.phone.MAC().String()+"\n"), "Content-Type", "text/csv")
		if err != nil || csv.status != http.StatusOK {
			t.Fatalf("import: %d %v %s", csv.status, err, csv.body)
		}
		known := fresh.awaitPhones(t, 1, 10*time.Second)[0].ID
		// What the recorded session was not asked, the other must not ask.
		fresh.call(t, http.MethodPut, "/api/v1/phones/"+known+"/quirks", map[string]any{"no_methods": true}, nil)
		order := func() {
			t.Helper()
			fresh.order(t, newJob{Kind: "set-parameters", Args: settings("another"), Selection: map[string]any{"phones": []string{known}},
				When: map[string]any{"now": true}, Retry: map[string]any{"max": 0}})
			eventually(t, 10*time.Second, "a ready task", func() error {
				for _, k := range list[task](t, fresh, "/api/v1/phones/"+known+"/tasks") {
					if k.State == "ready" {
						return nil
					}
				}
				return errors.New("none")
			})
		}
		order()
		var out bytes.Buffer
		if err := replay.Play(t.Context(), load(t, set, nil), replay.PlayOptions{URL: fresh.ACS(), Out: &out}); err != nil {
			t.Errorf("played: %v\n%s", err, &out)
		}
		if n := strings.Count(out.String(), "as recorded"); n < 4 {
			t.Errorf("%d answers as recorded:\n%s", n, &out)
		}
		if k := list[task](t, fresh, "/api/v1/phones/"+known+"/tasks"); len(k) != 1 || len(k[0].Attempts) != 1 || k[0].Attempts[0].Accepted.IsZero() {
			t.Errorf("the other server did not take the phone's answer for that to its order: %+v", k)
		}
		// Without an order it is another session, and a changed one differs.
		if err := replay.Play(t.Context(), load(t, set, nil), replay.PlayOptions{URL: fresh.ACS()}); !errors.Is(err, replay.ErrDiffers) {
			t.Errorf("played without the order: %v", err)
		}
		order()
		changed := load(t, set, func(r *replay.Recording) {
			for i := range r.Log {
				r.Log[i].Body = strings.ReplaceAll(r.Log[i].Body, "cwmp:SetParameterValues>", "cwmp:Reboot>")
			}
		})
		if err := replay.Play(t.Context(), changed, replay.PlayOptions{URL: fresh.ACS()}); !errors.Is(err, replay.ErrDiffers) {
			t.Errorf("played what was changed: %v", err)
		}
	})

	t.Run("to another phone", func(t *testing.T) {
		for name, raw := range map[string][]byte{"set": set, "fetched": fetched} {
			if out, err := serveTo(t, load(t, raw, nil)); err != nil {
				t.Errorf("%s: %v\n%s", name, err, out)
			}
		}
		changed := load(t, set, func(r *replay.Recording) {
			for i := range r.Log {
				if r.Log[i].RPC == "SetParameterValuesResponse" {
					r.Log[i].Body = strings.Replace(r.Log[i].Body, "<Status>0<", "<Status>1<", 1)
				}
			}
		})
		if out, err := serveTo(t, changed); !errors.Is(err, replay.ErrDiffers) {
			t.Errorf("a changed recording: %v\n%s", err, out)
		}
	})

	t.Run("no longer", func(t *testing.T) {
		o.call(t, http.MethodDelete, "/api/v1/phones/"+o.id+"/recording", nil, nil)
		a, err := o.server.do(t.Context(), http.MethodGet, "/api/v1/phones/"+o.id+"/recording", nil)
		if err != nil || a.status != http.StatusNotFound {
			t.Errorf("recording is still on: %d, %v", a.status, err)
		}
		if n := len(list[recording](t, o.server, "/api/v1/phones/"+o.id+"/recordings")); n == 0 || n > 10 {
			t.Errorf("%d recordings are kept", n)
		}
	})
}

// serveTo plays a recording to a simulated phone.
func serveTo(t *testing.T, rec *replay.Recording) (out string, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	s, err := replay.NewServer(rec, &b)
	if err != nil {
		t.Fatal(err)
	}
	fleet := runFleet(t, sim.Options{ACS: fmt.Sprintf("http://%s/", l.Addr()), Phones: 1, Models: []string{"X6"}, Manual: true, Known: true, BootTime: time.Millisecond})
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(t.Context(), l, 10*time.Second) }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	informed := fleet.Phone(0).Inform(ctx, "6 CONNECTION REQUEST")
	err = <-ended
	if err == nil && informed != nil {
		err = informed
	}
	return b.String(), err
}

// TestFailedSessions: sessions that fail are kept of all phones, those that do
// not are not, and what cannot be understood is kept for itself.
func TestFailedSessions(t *testing.T) {
	const secret = "hunter2hunter2"
	o := startOne(t)
	o.call(t, http.MethodPut, "/api/v1/phones/"+o.id+"/recording", map[string]string{}, nil)
	raw, _ := o.with(t, o.id, "Inform")
	o.call(t, http.MethodDelete, "/api/v1/phones/"+o.id+"/recording", nil, nil)
	plain := load(t, raw, nil)
	other := strings.NewReplacer(o.phone.Serial(), "FAILS0001", o.phone.MAC().String(), "0c383effffff").Replace(plain.Log[0].Body)
	post := func(body string, status int) replay.Message {
		return replay.Message{From: "server", Status: status, Body: body}
	}
	broken := "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">\n<soap:Body>\n  <a><Name>X.Password</Name><Value>" + secret + "</Value></a></soap:Bdy>"
	session := &replay.Recording{Log: []replay.Message{
		{From: "phone", Body: other, Header: plain.Log[0].Header}, plain.Log[1],
		{From: "phone", Body: broken, Header: map[string]string{"Cookie": "****", "User-Agent": "broken phone"}}, post("xml.malformed", 400),
	}}
	if err := replay.Play(t.Context(), session, replay.PlayOptions{URL: o.ACS()}); err != nil {
		t.Fatalf("the session that is to fail: %v", err)
	}
	var failed []recording
	eventually(t, 20*time.Second, "a recording", func() error {
		failed = nil
		for _, r := range list[recording](t, o.server, "/api/v1/recordings") {
			if r.Failed {
				failed = append(failed, r)
			}
		}
		if len(failed) == 0 {
			return errors.New("none")
		}
		return nil
	})
	if len(failed) != 1 || failed[0].How != "failed" || failed[0].Rule != "xml.malformed" || failed[0].Messages != 4 || failed[0].Phone == o.id {
		t.Errorf("failed: %+v", failed)
	}
	got, text := o.recorded(t, failed[0].Phone, failed[0].ID)
	if bytes.Contains(got, []byte(secret)) || !bytes.Contains(got, []byte("****")) || !bytes.Contains(got, []byte("FAILS0001")) {
		t.Errorf("recorded: %s", text)
	}
	again := load(t, got, nil)
	if again.Log[0].RPC != "Inform" || len(again.Log) != 4 {
		t.Errorf("recorded: %+v", again.Log)
	}
	if err := replay.Play(t.Context(), again, replay.PlayOptions{URL: o.ACS()}); err != nil {
		t.Errorf("a session that failed, played again: %v", err)
	}

	var page struct {
		Items []struct {
			Rule, Means, Phone, Agent, Excerpt string
			Line, Count                        int
		}
	}
	eventually(t, 10*time.Second, "unreadable messages", func() error {
		o.call(t, http.MethodGet, "/api/v1/unreadable?filter=rule%3Dxml.malformed", nil, &page)
		if len(page.Items) != 1 || page.Items[0].Count != 2 {
			return fmt.Errorf("%+v", page.Items)
		}
		return nil
	})
	u := page.Items[0]
	if u.Line != 3 || u.Agent != "broken phone" || u.Phone != failed[0].Phone || u.Means == "" || strings.Contains(u.Excerpt, secret) || !strings.Contains(u.Excerpt, "X.Password") {
		t.Errorf("unreadable: %+v", u)
	}
	eventually(t, 10*time.Second, "the second recording, counted and listed", func() error { // the message is kept before its session
		a, err := o.server.do(t.Context(), http.MethodGet, "/metrics", nil)
		if err != nil || !bytes.Contains(a.body, []byte(`phoneacs_recordings_total{why="failed"} 2`)) {
			return fmt.Errorf("metrics: %w, %s", err, regexp.MustCompile(`(?m)^phoneacs_rec.*`).FindAll(a.body, -1))
		}
		var rec json.RawMessage
		o.call(t, http.MethodGet, "/api/v1/recordings?failed", nil, &rec)
		if n := bytes.Count(rec, []byte(`"id"`)); n != 2 {
			return fmt.Errorf("failed: %s", rec)
		}
		return nil
	})
	if log := o.Log(); strings.Contains(log, secret) {
		t.Error("the log has the secret")
	}
}
