package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// planted are the secrets of a test, each where one can be put.
type planted struct {
	mu  sync.Mutex
	all map[string]string // secret → where it was put
}

// secret makes one that is found nowhere by chance.
func (p *planted) secret(where string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := fmt.Sprintf("planted%02dsecret", len(p.all)+1)
	p.all[s] = where
	return s
}

// absent fails the test for each secret that is in what was told somewhere, as
// it is or in a coding that gives it away.
func (p *planted) absent(t *testing.T, told []byte, where string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for s, put := range p.all {
		for _, as := range []string{s, base64.StdEncoding.EncodeToString([]byte(s))[:20], hex.EncodeToString([]byte(s))} {
			if i := bytes.Index(told, []byte(as)); i >= 0 {
				t.Errorf("the secret of %s is in %s: %q", put, where, told[max(0, i-80):min(len(told), i+60)])
			}
		}
	}
}

// eventsOf collects what the server tells of commits until it ends.
func (s *server) eventsOf(t *testing.T) (told func() []byte) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.admin+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan []byte)
	go func() {
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		done <- b
	}()
	return func() []byte { stop(); return <-done }
}

// everyGET asks for all that the API document says can be read, of every record,
// and returns the answers.
func (s *server) everyGET(t *testing.T) (told []byte) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	s.call(t, http.MethodGet, "/api/v1/openapi.json", nil, &doc)
	asked := 0
	for path, operations := range doc.Paths {
		if operations["get"] == nil || strings.HasSuffix(path, "/events") {
			continue
		}
		paths := s.expand(t, path)
		for _, p := range paths {
			a, err := s.do(t.Context(), http.MethodGet, p, nil)
			if err != nil || a.status != http.StatusOK && a.status != http.StatusNotFound {
				t.Fatalf("GET %s: status %d, %v", p, a.status, err)
			}
			told = append(append(told, a.body...), '\n')
			asked++
		}
	}
	if asked < 20 {
		t.Fatalf("only %d answers were asked for", asked)
	}
	return told
}

// expand puts what there is in the place of a path's variables: the items of
// the list before each.
func (s *server) expand(t *testing.T, path string) (paths []string) {
	t.Helper()
	from, rest, variable := strings.Cut(path, "/{")
	if !variable {
		return []string{path}
	}
	_, rest, _ = strings.Cut(rest, "}")
	lists := []string{from}
	if from == "/api/v1/tasks" { // they are listed by job
		lists = s.expand(t, "/api/v1/jobs/{id}/tasks")
	}
	for _, l := range lists {
		if l == "/api/v1/backups" { // a list of one page, and archives are searched on disk
			continue
		}
		for _, r := range list[struct{ ID string }](t, s, l) {
			paths = append(paths, s.expand(t, from+"/"+r.ID+rest)...)
		}
	}
	return paths
}

// informOf is an Inform of a phone whose further parameters are given by name.
func informOf(serial string, parameters map[string]string) string {
	var b strings.Builder
	for name, value := range parameters {
		fmt.Fprintf(&b, "<ParameterValueStruct><Name>%s</Name><Value>%s</Value></ParameterValueStruct>", name, value)
	}
	return strings.Replace(inform(serial, informOptions{events: []string{"1 BOOT"}}), "</ParameterList>", b.String()+"</ParameterList>", 1)
}

// TestSecretsAreNotTold puts secrets wherever an operator or a phone can, lets
// sessions run, fail and be cut short by kill -9, and looks for them wherever
// the server speaks and in all that it leaves on disk.
func TestSecretsAreNotTold(t *testing.T) {
	o := startOne(t)
	p := &planted{all: map[string]string{}}
	events := [](func() []byte){o.eventsOf(t)}
	name := o.root + "ManagementServer.Password"

	// A simulated phone takes and keeps one.
	taken := p.secret("an order that the phone took")
	o.ended(o.set(name, "", taken), "succeeded", "accepted: SetParameterValuesResponse came with Status 0")
	if v, _ := o.phone.Param(name); v != taken {
		t.Errorf("the phone has %q", v)
	}
	o.ended(o.do("get-parameters", map[string]any{"names": []string{name}}), "succeeded", "1 secret among them")
	if v, kind := o.reported(name); v != "" || kind != "masked" {
		t.Errorf("reported %q of type %q", v, kind)
	}
	o.ended(o.set(o.root+"Nothing.Password", "", p.secret("an order that the phone refused")), "failed", "fault 9005")

	// An operator gives others, and mistakes.
	own := p.secret("a PATCH")
	o.call(t, http.MethodPatch, "/api/v1/phones/"+o.id, map[string]string{"connection_request_user": "acs", "connection_request_password": own}, nil)
	for path, body := range map[string]any{
		"/api/v1/phones/" + o.id: map[string]string{"connection_request_password": strings.Repeat(p.secret("a PATCH that is too long"), 30)},
		"/api/v1/phones/p999":    map[string]string{"connection_request_password": p.secret("a PATCH of no phone")},
		"/api/v1/phones/p1?x=1":  map[string]string{"connection_request_password": p.secret("a PATCH with a wrong query")},
		"/api/v1/phones/p1":      map[string]any{"connection_request_password": []string{p.secret("a PATCH of a wrong type")}},
	} {
		a, err := o.server.do(t.Context(), http.MethodPatch, path, body)
		if err != nil || a.status/100 != 4 {
			t.Errorf("PATCH %s: status %d, %v", path, a.status, err)
		}
		p.absent(t, a.body, "the answer to PATCH "+path)
	}
	a, err := o.server.do(t.Context(), http.MethodPost, "/api/v1/jobs", newJob{
		Kind: "set-parameters", Selection: map[string]any{"phones": []string{o.id}}, When: map[string]any{"now": true},
		Args: map[string]any{"parameters": []map[string]string{{"name": name, "type": "boolean", "value": p.secret("an order of a wrong type")}}},
	})
	if err != nil || a.status/100 != 4 {
		t.Errorf("an order of a wrong type: status %d, %v", a.status, err)
	}
	p.absent(t, a.body, "the answer to an order of a wrong type")

	// Another phone tells some, unasked and asked, and repeats what it was sent.
	const serial = "TELLTALE"
	const tells = "Device.ManagementServer.ConnectionRequestPassword"
	w := o.server.wire(t)
	session := func() {
		w.post(informOf(serial, map[string]string{tells: p.secret("an Inform")})).must(http.StatusOK, "InformResponse")
	}
	session()
	w.post("").must(http.StatusNoContent, "")
	var tale string
	for _, k := range list[phone](t, o.server, "/api/v1/phones") {
		if k.ID != o.id {
			tale = k.ID
		}
	}
	order := func(kind string, args map[string]any, header ...string) (j job) {
		o.call(t, http.MethodPost, "/api/v1/jobs", newJob{Kind: kind, Args: args, Selection: map[string]any{"phones": []string{tale}},
			When: map[string]any{"now": true}, Retry: map[string]any{"max": 0}}, &j, header...)
		eventually(t, 30*time.Second, "tasks of "+j.ID, func() error {
			if all := list[task](t, o.server, "/api/v1/jobs/"+j.ID+"/tasks"); len(all) != 1 || all[0].State != "ready" && all[0].State != "sent" {
				return fmt.Errorf("tasks are %+v", all)
			}
			return nil
		})
		return j
	}
	set := func(secret string) map[string]any {
		return map[string]any{"parameters": []map[string]string{{"name": tells, "value": secret}}}
	}
	order("get-parameters", map[string]any{"names": []string{tells}})
	session()
	id := idOf(w.post("").must(http.StatusOK, "GetParameterValues"))
	w.post(envelopeID(id, `<cwmp:GetParameterValuesResponse><ParameterList><ParameterValueStruct><Name>`+tells+`</Name><Value>`+
		p.secret("an answer to GetParameterValues")+`</Value></ParameterValueStruct></ParameterList></cwmp:GetParameterValuesResponse>`)).
		must(http.StatusNoContent, "")
	repeated := p.secret("an order that the phone repeats in its fault")
	j := order("set-parameters", set(repeated), "Idempotency-Key", "telltale-1")
	session()
	id = idOf(w.post("").must(http.StatusOK, repeated))
	w.post(envelopeID(id, `<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>`+
		`<FaultCode>9003</FaultCode><FaultString>bad: `+repeated+`</FaultString><SetParameterValuesFault><ParameterName>`+tells+
		`</ParameterName><FaultCode>9007</FaultCode><FaultString>bad: `+repeated+`</FaultString></SetParameterValuesFault></cwmp:Fault></detail></soap:Fault>`)).
		must(http.StatusNoContent, "")
	o.awaitEnded(t, j.ID, 30*time.Second)
	o.wakeAs(t, own)

	// The server is killed with one on its way, and one waiting.
	onTheWay := p.secret("an order that was on its way when the server was killed")
	order("set-parameters", set(onTheWay))
	session()
	w.post("").must(http.StatusOK, onTheWay)
	waits := p.secret("an order that waited when the server was killed")
	order("set-parameters", set(waits), "Idempotency-Key", "telltale-2")
	cmdline := commandLine(t, o.server)
	o.server.Kill()
	told := events[0]()
	o.server.Start()
	events = append(events, o.eventsOf(t))
	w = o.server.wire(t)
	session()
	w.post("").must(http.StatusOK, waits) // sealed, and not lost

	gets := o.everyGET(t)
	for what, has := range map[string]string{
		"the name of the parameter": name, "the user of connection requests": `"connection_request_user":"acs"`, "the fault": "fault 9003",
	} {
		if !bytes.Contains(gets, []byte(has)) {
			t.Errorf("the answers lack %s, %q: they are not what was to be looked at", what, has)
		}
	}
	p.absent(t, gets, "the answers of the API")
	cmdline += commandLine(t, o.server)
	o.server.Kill()
	told = append(told, events[1]()...)
	if !bytes.Contains(told, []byte("task.succeeded")) {
		t.Errorf("the stream of events is not what was to be looked at: %.300s", told)
	}
	p.absent(t, told, "the stream of events")
	p.absent(t, []byte(o.Log()), "the log")
	p.absent(t, []byte(cmdline), "the command line")

	// On disk is nothing of them, nor of the key but in its file, which is kept
	// apart from backups. The first admin token was given, and is nowhere.
	key, err := os.ReadFile(filepath.Join(o.dir, "key"))
	if err != nil || len(key) < 64 {
		t.Fatalf("key of the store: %v", err)
	}
	p.all[strings.TrimSpace(string(key))], p.all[o.token] = "the key", "the admin token"
	p.absent(t, append(append(told, gets...), o.Log()+cmdline...), "what was told")
	files := 0
	err = filepath.WalkDir(o.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || path == filepath.Join(o.dir, "key") {
			return err
		}
		b, err := os.ReadFile(path)
		files++
		p.absent(t, b, path)
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files were looked at: %v", files, err)
	}
	t.Logf("%d secrets, looked for in %d bytes of answers, %d of events, %d of log, %d files", len(p.all), len(gets), len(told), len(o.Log()), files)
}

// wakeAs has the phone woken, which shows that the password is opened for it.
func (o *one) wakeAs(t *testing.T, password string) {
	t.Helper()
	o.ended(o.do("set-parameters", map[string]any{"parameters": []map[string]string{
		{"name": o.root + "ManagementServer.ConnectionRequestUsername", "value": "acs"},
		{"name": o.root + "ManagementServer.ConnectionRequestPassword", "value": password},
	}}), "succeeded", "")
	eventually(t, 30*time.Second, "wake", func() error {
		a, err := o.server.do(t.Context(), http.MethodPost, "/api/v1/phones/"+o.id+"/wake", nil)
		if err == nil && a.status != http.StatusAccepted {
			err = fmt.Errorf("status %d: %s", a.status, a.body)
		}
		return err
	})
}

var soapID = regexp.MustCompile(`ID[^>]*>([^<]+)</`)

// idOf is the ID of a request of the server.
func idOf(r reply) string {
	if m := soapID.FindStringSubmatch(r.body); m != nil {
		return m[1]
	}
	return ""
}

// commandLine is what everybody on the machine sees of the server's process.
func commandLine(t *testing.T, s *server) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		return "" // there is no such file
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.cmd.Process.Pid))
	if err != nil || !bytes.Contains(b, []byte("serve")) {
		t.Fatalf("command line %q: %v", b, err)
	}
	return string(b)
}
