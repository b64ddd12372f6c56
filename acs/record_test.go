package acs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/record"
)

// shelf is a store of recordings.
type shelf struct {
	mu         sync.Mutex
	orders     []db.RecordingOrder
	recordings []db.Recording
	unreadable []db.Unreadable
}

func (s *shelf) SetRecording(_ context.Context, o db.RecordingOrder) error {
	s.orders = append(s.orders, o)
	return nil
}
func (s *shelf) ClearRecording(context.Context, db.PhoneID) error { return db.ErrNotFound }
func (s *shelf) RecordingOrders(context.Context) ([]db.RecordingOrder, error) {
	return s.orders, nil
}
func (s *shelf) AddRecording(_ context.Context, r db.Recording) (db.RecordingID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recordings = append(s.recordings, r)
	return db.RecordingID(len(s.recordings)), nil
}
func (s *shelf) AddUnreadable(_ context.Context, u db.Unreadable) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unreadable = append(s.unreadable, u)
	return nil
}

func newRecorder(t testing.TB, store *shelf, clock clockwork.Clock, failed bool) *record.Recorder {
	t.Helper()
	r, err := record.New(context.Background(), record.Options{Store: store, Clock: clock, Failed: failed})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func benchRecorder(b *testing.B, whole bool) *record.Recorder {
	store := new(shelf)
	if whole {
		store.orders = []db.RecordingOrder{{Phone: 1, Until: time.Now().Add(time.Hour)}}
	}
	return newRecorder(b, store, nil, true)
}

// drain has a recorder write all that waits.
func drain(t testing.TB, r *record.Recorder) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

// summary is a recording in short.
func summary(r db.Recording) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %v %s:", r.How, r.Failed, r.Rule)
	for _, m := range r.Log {
		fmt.Fprintf(&b, " %s", m.From[:1])
		if m.Status != 0 {
			fmt.Fprintf(&b, "%d", m.Status)
		}
		if m.RPC != "" {
			b.WriteString("=" + m.RPC)
		}
		if m.Rebuilt {
			b.WriteString("*")
		}
	}
	return b.String()
}

// TestRecorded holds what is kept of sessions to what was said in them.
func TestRecorded(t *testing.T) {
	const secret = "hunter2&hunter2"
	setting := &cwmp.SetParameterValues{Parameters: []cwmp.ParameterValue{
		{Name: "Device.X.Password", Value: secret}, {Name: "Device.Y", Value: "as " + secret},
	}}
	for _, tt := range []struct {
		name   string
		whole  bool
		failed bool
		queue  []cwmp.Message
		talk   func(t *testing.T, r *rig, p *phone)
		want   []string
	}{
		{"nothing to do", true, true, nil, func(t *testing.T, r *rig, p *phone) {
			p.inform()
			p.post("")
		}, []string{"empty false : p=Inform s200=InformResponse p s204"}},
		{"nothing to do, and not asked for", false, true, nil, func(t *testing.T, r *rig, p *phone) {
			p.inform()
			p.post("")
		}, nil},
		{"work", true, false, []cwmp.Message{setting}, func(t *testing.T, r *rig, p *phone) {
			p.inform()
			p.post("")
			p.send("x", &cwmp.SetParameterValuesResponse{})
		}, []string{"done false : p=Inform s200=InformResponse p s200=SetParameterValues p=SetParameterValuesResponse s204"}},
		{"fails, of a phone that is not chosen", false, true, []cwmp.Message{setting}, func(t *testing.T, r *rig, p *phone) {
			p.inform()
			p.post("")
			p.post("<a><b>" + "hunter2&amp;hunter2" + "</a>")
		}, []string{"failed true xml.malformed: p=Inform* s200=InformResponse* p s200=SetParameterValues p s400"}},
		{"fails, and nobody wants to know", false, false, nil, func(t *testing.T, r *rig, p *phone) {
			p.inform()
			p.post("<a><b></a>")
		}, nil},
		{"is silent", false, true, nil, func(t *testing.T, r *rig, p *phone) {
			p.inform()
			r.clock.Advance(2 * time.Minute)
			r.sweep(r.clock.Now())
		}, []string{"silent true : p=Inform* s200=InformResponse*"}},
		{"begins another", false, true, nil, func(t *testing.T, r *rig, p *phone) {
			p.inform()
			p.inform()
			p.post("")
		}, []string{"superseded true : p=Inform* s200=InformResponse*"}},
		{"a request that is not known", true, false, nil, func(t *testing.T, r *rig, p *phone) {
			p.inform()
			p.post(strings.ReplaceAll(envelope(t, cwmp.Envelope{ID: "9", Body: new(cwmp.Kicked)}), "Kicked", "Nonsense"))
			p.post("")
		}, []string{"empty false rpc.unknown: p=Inform s200=InformResponse p=Nonsense s200=Fault p s204"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := new(shelf)
			if tt.whole {
				store.orders = []db.RecordingOrder{{Phone: 1, Until: time.Now().Add(1e6 * time.Hour)}}
			}
			var rec *record.Recorder
			r := newRig(t, func(o *Options) {
				rec = newRecorder(t, store, o.Clock, tt.failed)
				o.Recorder = rec
			}).listen(t)
			r.disp.queue = tt.queue
			p := r.phone(t, "A1")
			p.header.Set("Authorization", "Basic Ym9iOmh1bnRlcjI=")
			tt.talk(t, r, p)
			drain(t, rec)
			var got []string
			for _, k := range store.recordings {
				got = append(got, summary(k))
				for _, bad := range []string{secret, "hunter2&amp;hunter2", "Ym9iOmh1bnRlcjI", strings.TrimPrefix(p.cookie, "session=")} {
					if strings.Contains(fmt.Sprint(k), bad) {
						t.Errorf("%q is kept: %+v", bad, k)
					}
				}
				if k.Phone != 1 || k.Session == "" || k.Messages != len(k.Log) {
					t.Errorf("kept: %+v", k)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("kept\n%q\nwant\n%q", got, tt.want)
			}
		})
	}
}

// TestUnreadableKept sends what cannot be understood, with and without a session.
func TestUnreadableKept(t *testing.T) {
	store := new(shelf)
	var rec *record.Recorder
	r := newRig(t, func(o *Options) {
		rec = newRecorder(t, store, o.Clock, false)
		o.Recorder = rec
	}).listen(t)
	p := r.phone(t, "A1")
	p.post("<a>\n <b></c>")
	p.inform()
	p.post("<x>not an envelope</x>")
	p.inform()
	p.send("7", &cwmp.SetParameterValuesResponse{}) // understood, and not asked for
	drain(t, rec)
	var got []string
	for _, u := range store.unreadable {
		got = append(got, fmt.Sprint(u.Rule, " ", u.Phone, " ", u.Line, ":", u.Column, " ", u.Excerpt))
	}
	want := []string{"xml.malformed  2:5 <a>\n <b></c>", "envelope.missing p1 1:1 <x>not an envelope</x>"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("kept\n%q\nwant\n%q", got, want)
	}
}

// TestMeanings: each rule that a message can break by what is in it has its
// meaning in words, and so has each of the decoder.
func TestMeanings(t *testing.T) {
	src, err := os.ReadFile("../cwmp/errors.go")
	if err != nil {
		t.Fatal(err)
	}
	rules := regexp.MustCompile(`Rule\w+\s+= "([a-z_.]+)"`).FindAllSubmatch(src, -1)
	if len(rules) < 10 {
		t.Fatalf("%d rules of the decoder are found", len(rules))
	}
	for _, m := range rules {
		if record.Means(string(m[1])) == "" {
			t.Errorf("%s means nothing", m[1])
		}
	}
	for _, rule := range []string{ruleUnknownRPC, ruleIdentity, ruleTooMany, ruleBadValue} {
		if !record.Keeps(rule) {
			t.Errorf("messages that break %s are not kept", rule)
		}
	}
	for _, rule := range []string{ruleNoSession, ruleStore, ruleBusy, ruleSuperseded} {
		if record.Keeps(rule) {
			t.Errorf("messages that break %s are kept", rule)
		}
	}
}

// TestLargeBodyRecorded: a body that takes a place among the large ones gives it back
// while the dispatcher works, whether it is recorded or not.
func TestLargeBodyRecorded(t *testing.T) {
	store := &shelf{orders: []db.RecordingOrder{{Phone: 1, Until: time.Now().Add(1e6 * time.Hour)}}}
	var rec *record.Recorder
	r := newRig(t, func(o *Options) {
		rec = newRecorder(t, store, o.Clock, false)
		o.Recorder = rec
	}).listen(t)
	r.disp.queue = []cwmp.Message{&cwmp.GetParameterValues{Names: []string{"Device."}}}
	r.disp.onAnswered = func() {
		if n := len(r.large); n != 0 {
			t.Errorf("%d places are taken", n)
		}
	}
	p := r.phone(t, "A1")
	p.inform()
	p.post("")
	answer := &cwmp.GetParameterValuesResponse{}
	for i := range 9000 {
		answer.Parameters = append(answer.Parameters, cwmp.ParameterValue{Name: fmt.Sprintf("Device.Long.Name.Of.Some.Length.%d", i), Value: "value of some length"})
	}
	if a := p.send("1", answer); a.status != http.StatusNoContent {
		t.Fatalf("status %d", a.status)
	}
	drain(t, rec)
	if len(store.recordings) != 1 {
		t.Fatal(errors.New("nothing is kept"))
	}
	m := store.recordings[0].Log[4]
	if !m.Cut || len(m.Body) > 64<<10 || len(m.Body) < 60<<10 || m.Size < 1<<20 {
		t.Errorf("kept %d of %d bytes, cut: %v", len(m.Body), m.Size, m.Cut)
	}
}
