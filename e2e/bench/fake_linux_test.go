package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// A fake is a server that keeps to the contract the benchmark relies on and
// does no more: it stands in for the real one, whose own tests are elsewhere,
// so that the benchmark's arithmetic and its use of the contract are tested.
type fake struct {
	token string
	data  string // file of the phones imported

	mu       sync.Mutex
	phones   map[string]bool   // by serial number
	sessions map[string]string // serial number, by cookie
	jobs     []*fakeJob
	looks    int // how often somebody asked whether it is ready
	ended    int // sessions
	backup   int // ended when a backup was asked for; -1: none was
}

type fakeJob struct {
	waits bool
	looks int               // how often it was looked at: it expands in two
	tasks map[string]string // state, by serial number
}

var (
	fakeSerial = regexp.MustCompile(`<SerialNumber>([^<]*)<`)
	fakeKey    = regexp.MustCompile(`<CommandKey>t(\d+)<`)
)

// runFake is the program that tests start as the server.
func runFake(args []string) error {
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	data := fs.String("data", "", "")
	cwmp := fs.String("cwmp", "", "")
	side := fs.String("admin", "", "")
	fs.String("public-url", "", "")
	fs.String("inform-pace", "", "")
	fs.String("wake-gap", "", "")
	enrol := fs.String("enrol", "", "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *enrol != "open" || os.Getenv("PHONEACS_ADMIN_TOKEN") == "" {
		return errors.New("want --enrol open and a token")
	}
	f := &fake{
		token: os.Getenv("PHONEACS_ADMIN_TOKEN"), data: filepath.Join(*data, "phoneacs.db"), backup: -1,
		phones: make(map[string]bool), sessions: make(map[string]string),
	}
	// As after a restart of the real one: phones are known still.
	if kept, err := os.ReadFile(f.data); err == nil {
		f.know(kept)
	}
	api := http.NewServeMux()
	api.HandleFunc("GET /readyz", f.ready)
	api.HandleFunc("POST /api/v1/backups", f.backUp)
	api.HandleFunc("GET /api/v1/backups/b1", f.lookAtBackup)
	api.HandleFunc("DELETE /api/v1/backups/b1", f.lookAtBackup)
	api.HandleFunc("POST /api/v1/phones/import", f.importPhones)
	api.HandleFunc("GET /api/v1/phones", f.listPhones)
	api.HandleFunc("GET /api/v1/phones/export", f.exportPhones)
	api.HandleFunc("POST /api/v1/files", f.addFile)
	api.HandleFunc("POST /api/v1/jobs", f.order)
	api.HandleFunc("GET /api/v1/jobs/{id}", f.look)
	phones := http.NewServeMux()
	phones.HandleFunc("POST /acs", f.session)
	failed := make(chan error)
	go func() { failed <- http.ListenAndServe(*side, f.guard(api)) }()
	go func() { failed <- http.ListenAndServe(*cwmp, phones) }()
	return <-failed
}

func (f *fake) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" && r.Header.Get("Authorization") != "Bearer "+f.token {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// ready is not at once, as the real one is not: it takes two looks more.
func (f *fake) ready(w http.ResponseWriter, _ *http.Request) {
	if f.looks++; f.looks < 3 {
		http.Error(w, "starting", http.StatusServiceUnavailable)
	}
}

func (f *fake) backUp(w http.ResponseWriter, _ *http.Request) {
	f.backup = f.ended
	w.WriteHeader(http.StatusCreated)
	io.WriteString(w, `{"id":"b1","state":"running","counts":{"phones":0}}`)
}

// lookAtBackup says that it is ready once a session has ended meanwhile.
func (f *fake) lookAtBackup(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.backup < 0:
		http.NotFound(w, r)
	case r.Method == http.MethodDelete:
		f.backup = -1
		w.WriteHeader(http.StatusNoContent)
	case f.ended == f.backup:
		io.WriteString(w, `{"id":"b1","state":"running","counts":{"phones":0}}`)
	default:
		fmt.Fprintf(w, `{"id":"b1","state":"ready","size":1048576,"counts":{"phones":%d}}`, len(f.phones))
	}
}

func (f *fake) know(csv []byte) {
	for line := range bytes.Lines(csv) {
		if cells := strings.Split(string(line), ","); cells[0] != "mac" {
			f.phones[cells[1]] = true
		}
	}
}

func (f *fake) importPhones(w http.ResponseWriter, r *http.Request) {
	csv, err := io.ReadAll(r.Body)
	if err != nil || !bytes.HasPrefix(csv, []byte("mac,serial,site,name,tags\n")) || r.Header.Get("Content-Type") != "text/csv" {
		http.Error(w, "no list of phones", http.StatusBadRequest)
		return
	}
	f.know(csv)
	file, err := os.OpenFile(f.data, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.Write(csv)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if r.Header.Get("Accept") == "application/jsonl" {
		for i := range bytes.Count(csv, []byte("\n")) - 1 {
			fmt.Fprintf(w, `{"line":%d,"fate":"created"}`+"\n", i+2)
		}
		io.WriteString(w, `{"summary":{"failed":0}}`+"\n")
		return
	}
	io.WriteString(w, `{"created":1,"updated":0,"failed":0,"errors":[]}`)
}

// listPhones answers with half of the phones, then with the rest.
func (f *fake) listPhones(w http.ResponseWriter, r *http.Request) {
	half := len(f.phones) / 2
	page := map[string]any{"items": make([]int, half), "next": "rest"}
	if r.URL.Query().Get("cursor") == "rest" {
		page = map[string]any{"items": make([]int, len(f.phones)-half)}
	}
	json.NewEncoder(w).Encode(page)
}

func (f *fake) exportPhones(w http.ResponseWriter, r *http.Request) {
	n := len(f.phones)
	if r.URL.Query().Get("format") == "csv" {
		n++
	}
	io.WriteString(w, strings.Repeat("x\n", n))
}

func (f *fake) addFile(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	content, err := io.ReadAll(r.Body)
	if err != nil || q.Get("kind") != "config" || q.Get("vendor") != "fanvil" || bytes.IndexByte(content, '\n') != 63 {
		http.Error(w, "no config for a Fanvil", http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusCreated)
	io.WriteString(w, `{"id":"f1"}`)
}

func (f *fake) order(w http.ResponseWriter, r *http.Request) {
	var o struct {
		Kind      string
		Args      struct{ File string }
		Selection struct{ All bool }
		When      struct {
			Now    bool
			At     string
			Window *struct {
				Flexible struct {
					Days int `json:"interval_days"`
				}
				From string `json:"valid_from"`
			}
		}
	}
	err := json.NewDecoder(r.Body).Decode(&o)
	given := 0
	for _, is := range []bool{o.When.Now, o.When.At > "2", o.When.Window != nil} {
		if is {
			given++
		}
	}
	if err != nil || o.Kind != "download" || o.Args.File != "f1" || !o.Selection.All || given != 1 {
		http.Error(w, "no such order", http.StatusBadRequest)
		return
	}
	j := &fakeJob{waits: !o.When.Now, tasks: make(map[string]string)}
	state := "ready"
	if w := o.When.Window; w != nil && w.Flexible.Days > 0 && w.From != "" {
		state = "waiting"
	}
	for serial := range f.phones {
		j.tasks[serial] = state
	}
	f.jobs = append(f.jobs, j)
	w.WriteHeader(http.StatusCreated)
	io.WriteString(w, `{"id":"j1","state":"expanding","counts":{}}`)
}

func (f *fake) look(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("id") != "j1" || len(f.jobs) != 1 {
		http.NotFound(w, r)
		return
	}
	j := f.jobs[0]
	j.looks++
	counts := make(map[string]int)
	for _, state := range j.tasks {
		counts[state]++
	}
	state := "active"
	switch {
	case j.looks < 2:
		state = "expanding"
	case counts["succeeded"] == len(j.tasks):
		state = "ended"
	}
	json.NewEncoder(w).Encode(map[string]any{"id": "j1", "state": state, "counts": counts})
}

// session answers one message of a phone. A phone not imported, or that does
// not return its cookie, is turned away.
func (f *fake) session(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if m := fakeSerial.FindSubmatch(body); m != nil {
		if !f.phones[string(m[1])] {
			http.Error(w, "unknown phone", http.StatusForbidden)
			return
		}
		cookie := fmt.Sprint("c", len(f.sessions))
		f.sessions[cookie] = string(m[1])
		http.SetCookie(w, &http.Cookie{Name: "s", Value: cookie})
		answerFake(w, "<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>")
		return
	}
	cookie, err := r.Cookie("s")
	serial := ""
	if err == nil {
		serial = f.sessions[cookie.Value]
	}
	if serial == "" {
		http.Error(w, "no session", http.StatusBadRequest)
		return
	}
	for i, j := range f.jobs {
		state := j.tasks[serial]
		switch {
		case j.waits:
		case state == "ready" && len(body) == 0:
			j.tasks[serial] = "sent"
			answerFake(w, fmt.Sprintf("<c:Download><CommandKey>t%d</CommandKey></c:Download>", i))
			return
		case state == "sent" && bytes.Contains(body, []byte("<Status>1</Status>")):
			j.tasks[serial] = "proving"
		case state == "sent":
			j.tasks[serial] = "succeeded"
		case state == "proving" && bytes.Contains(body, []byte("TransferComplete>")) && fakeKey.Match(body):
			j.tasks[serial] = "succeeded"
			answerFake(w, "<c:TransferCompleteResponse/>")
			return
		}
	}
	f.ended++
	w.WriteHeader(http.StatusNoContent)
}

func answerFake(w io.Writer, body string) {
	fmt.Fprintf(w, "<s:Envelope><s:Header><c:ID>1</c:ID></s:Header><s:Body>%s</s:Body></s:Envelope>", body)
}
