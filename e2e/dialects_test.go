package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// A dialect case is one phone that departs from the letter in one way, and what
// must come of its work all the same. Its name begins with the rows of
// docs/spec.md that it shows.
type dialectCase struct {
	name   string
	behave string              // words of sim.ParseBehaviour
	with   func(*sim.Options)  // nil: an X6, as below
	quirks map[string]any      // how the server is told to treat the phone, once it is known
	ref    string              // what the server knows the phone by; "": its MAC
	work   func(o *one)        // nil: a day of work
	want   map[string][]string // of a day, by kind: what the task says beside "succeeded"
	check  func(o *one)        // after it
	broken []string            // rules that the server may break
}

// dialectCases are all there are.
var dialectCases = slices.Concat(httpCases, envelopeCases, valueCases, rpcCases, transferCases, wakeCases)

// dialectServer starts a server with the files that phones of all dialects are
// given, and looks at its store when all of them have ended.
func dialectServer(t *testing.T) *server {
	t.Helper()
	s := startServer(t, t.TempDir(), "--phone-networks", "127.0.0.0/8", "--log-level", "debug", "--drain", "1s")
	dialectFiles = [...]string{
		s.addFile(t, "dialect.cfg", "config", "", "", []byte("a config")),
		s.addFile(t, "dialect.z", "firmware", "X6", "2.12.1", sim.FirmwareImage([]string{"X6"}, "2.12.1", 3000)),
	}
	t.Cleanup(func() {
		if err := s.Term(); err != nil {
			t.Error(err)
		}
		checkStore(t, s.dir)
	})
	return s
}

// TestDialects has a phone of each dialect do real work, all of them before one
// server and at once.
func TestDialects(t *testing.T) {
	s := dialectServer(t)
	for i, c := range dialectCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := s.speaks(t, i, c)
			if c.work != nil {
				c.work(o)
			} else {
				o.day(c.want)
			}
			if c.check != nil {
				c.check(o)
			}
		})
	}
}

// dialectFiles are the ids of a config and of firmware.
var dialectFiles [2]string

// speaks gives the phone of a case, which the server knows and has let in.
func (s *server) speaks(t *testing.T, i int, c dialectCase) *one {
	t.Helper()
	behave, err := sim.ParseBehaviour(c.behave)
	if err != nil {
		t.Fatal(err)
	}
	opts := sim.Options{
		ACS: s.ACS(), Models: []string{"X6"}, Start: sim.MAC{0x0c, 0x38, 0x3e, 1, byte(i), 1}, Seed: int64(i),
		PeriodicInterval: -1, BootTime: time.Millisecond, RetryScale: 0.02, Behaviour: behave,
	}
	if c.with != nil {
		c.with(&opts)
	}
	fleet := runFleet(t, opts)
	p := fleet.Phone(0)
	t.Cleanup(func() {
		for _, b := range p.Ledger().Breaches {
			if !slices.Contains(c.broken, b.Rule) {
				t.Errorf("the server broke %v", b)
			}
		}
		if t.Failed() {
			t.Logf("the phone's account: %+v", p.Ledger())
		}
	})
	ref := c.ref
	if ref == "" {
		ref = p.MAC().String()
	}
	o := &one{server: s, t: t, phone: p, root: p.Root()}
	if ref != unknown {
		o.letIn(ref, c.quirks)
	}
	return o
}

// unknown is the ref of a phone that never says who it is.
const unknown = "-"

// letIn waits until the phone waits for approval, and gives it.
func (o *one) letIn(ref string, quirks map[string]any) {
	o.t.Helper()
	var p phone
	path := "/api/v1/phones/" + url.PathEscape(ref)
	o.patiently("enrolment", func() error {
		a, err := o.server.do(o.t.Context(), http.MethodGet, path, nil)
		if err == nil && a.status != http.StatusOK {
			err = fmt.Errorf("status %d", a.status)
		}
		return err
	})
	o.call(o.t, http.MethodGet, path, nil, &p)
	o.id = p.ID
	if p.State != "pending" {
		o.t.Errorf("the phone came as %+v", p)
	}
	if quirks != nil {
		o.call(o.t, http.MethodPut, "/api/v1/phones/"+o.id+"/quirks", quirks, nil)
	}
	o.approve(o.t, o.id)
}

// patiently is eventually for many who wait at once.
func (o *one) patiently(what string, step func() error) {
	o.t.Helper()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	for {
		err := step()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-patience.C:
			o.t.Fatalf("%s: %v", what, err)
		}
	}
}

// gets, sets, loads and restarts are what a day has.
func (o *one) gets(names ...string) newJob {
	return o.only(newJob{Kind: "get-parameters", Args: map[string]any{"names": names}})
}

func (o *one) sets(name, kind, value string) newJob {
	return o.only(newJob{Kind: "set-parameters",
		Args: map[string]any{"parameters": []map[string]string{{"name": name, "type": kind, "value": value}}}})
}

func (o *one) loads() newJob { return o.only(downloadNow(dialectFiles[0], nil)) }

func (o *one) flashes() newJob { return o.only(downloadNow(dialectFiles[1], nil)) }

func (o *one) restarts() newJob { return o.only(rebootNow(nil)) }

// only aims an order at the phone, at once and with no second try.
func (o *one) only(j newJob) newJob {
	j.Selection, j.When = map[string]any{"phones": []string{o.id}}, map[string]any{"now": true}
	j.Retry = map[string]any{"max": 0}
	return j
}

// ordered orders several jobs and returns their tasks once all have ended.
func (o *one) ordered(orders ...newJob) []task {
	o.t.Helper()
	var ids []string
	for _, j := range orders {
		ids = append(ids, o.order(o.t, j).ID)
	}
	return o.awaited(ids...)
}

func (o *one) awaited(jobs ...string) (tasks []task) {
	o.t.Helper()
	for i, id := range jobs {
		var k task
		o.patiently(fmt.Sprintf("end of the task of %s, number %d", id, i), func() error {
			all := list[task](o.t, o.server, "/api/v1/jobs/"+id+"/tasks")
			if len(all) != 1 || !all[0].final() {
				return fmt.Errorf("tasks: %+v", all)
			}
			k = all[0]
			return nil
		})
		tasks = append(tasks, k)
	}
	return tasks
}

// day has the phone read, set, load a config and restart. Each task must
// succeed, say what it says of any phone unless want has other words for its
// kind, and have reached the phone once.
func (o *one) day(want map[string][]string) {
	o.t.Helper()
	ntp := o.root + "Time.NTPServer2"
	tasks := o.ordered(o.gets(o.root+"Time."), o.sets(ntp, "string", "ntp.example"), o.loads(), o.restarts())
	for i, kind := range []string{"get-parameters", "set-parameters", "download", "reboot"} {
		texts := map[string][]string{
			"get-parameters": {"values read"},
			"set-parameters": {"read back: 1 value as ordered"},
			"download":       {"TransferComplete came with the key of this attempt"},
			"reboot":         {"M Reboot with the key of this attempt"},
		}[kind]
		if other, ok := want[kind]; ok {
			texts = other
		}
		for _, text := range texts {
			o.ended(tasks[i], "succeeded", text)
		}
	}
	l := o.phone.Ledger()
	if v, _ := o.phone.Param(ntp); v != "ntp.example" || len(l.Configs()) != 1 || l.Total("Reboot") != 1 || l.Total("Download") != 1 || l.Reboots < 1 {
		o.t.Errorf("the phone has %q set, %d configs in effect, %d Download, %d Reboot received, %d restarts",
			v, len(l.Configs()), l.Total("Download"), l.Total("Reboot"), l.Reboots)
	}
}

// reports demands what the server has of a parameter.
func (o *one) reports(name, value, kind string) {
	o.t.Helper()
	if v, k := o.reported(o.root + name); v != value || k != kind {
		o.t.Errorf("of %s the server has %q of type %q; want %q of type %q", name, v, k, value, kind)
	}
}

// wakes asks the server to wake the phone, and returns the problem that it has
// with that, "" for none.
func (o *one) wakes() string {
	o.t.Helper()
	// One that is in its first session yet needs no wake.
	if err := o.phone.Await(o.t.Context(), func(l sim.Ledger) bool { return l.Sessions > 0 }); err != nil {
		o.t.Fatal(err)
	}
	a, err := o.server.do(o.t.Context(), http.MethodPost, "/api/v1/phones/"+o.id+"/wake", nil)
	if err != nil {
		o.t.Fatal(err)
	}
	if a.status == http.StatusAccepted {
		return ""
	}
	return fmt.Sprintf("%d %s", a.status, a.body)
}

// informs has the phone begin a session by itself, and demands that it ends
// well.
func (o *one) informs(events ...string) {
	o.t.Helper()
	if err := o.phone.Inform(o.t.Context(), events...); err != nil {
		o.t.Errorf("session: %v", err)
	}
}
