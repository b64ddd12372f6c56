package quirkbook

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones/quirks"
)

// fakeStore keeps quirks and the names of parameters.
type fakeStore struct {
	mu     sync.Mutex
	sets   map[db.PhoneID]string
	names  map[db.PhoneID][]string
	reads  int // of parameters
	before func()
	err    error
}

func (f *fakeStore) PhoneQuirks(_ context.Context, id db.PhoneID) (db.PhoneQuirks, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.sets[id]
	if !ok {
		return db.PhoneQuirks{}, db.ErrNotFound
	}
	q := db.PhoneQuirks{Phone: id}
	if s != "" {
		q.Set = []byte(s)
	}
	return q, f.err
}

func (f *fakeStore) ListPhoneQuirks(_ context.Context, q db.Query) (p db.Page[db.PhoneQuirks], err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id := db.PhoneID(1); id < 100; id++ { // a page an entry
		if s := f.sets[id]; s != "" && id.String() > q.Cursor {
			return db.Page[db.PhoneQuirks]{Items: []db.PhoneQuirks{{Phone: id, Set: []byte(s)}}, Next: id.String()}, f.err
		}
	}
	return p, f.err
}

func (f *fakeStore) SetPhoneQuirks(_ context.Context, id db.PhoneID, was, set []byte, _ string) error {
	if f.before != nil {
		f.before()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil && f.sets[id] != string(was) {
		return db.ErrConflict
	}
	if f.err == nil {
		f.sets[id] = string(set)
	}
	return f.err
}

func (f *fakeStore) Parameters(_ context.Context, id db.PhoneID, prefix string, _ db.Query) (p db.Page[db.Parameter], err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	for _, n := range f.names[id] {
		if strings.HasPrefix(n, prefix) {
			p.Items = append(p.Items, db.Parameter{Name: n})
		}
	}
	return p, f.err
}

type rig struct {
	*Keeper
	t     *testing.T
	store *fakeStore
	log   *safeLog
	path  string
}

// safeLog is read while it is written.
type safeLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *safeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns what was written since it was last asked.
func (l *safeLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.b.Reset()
	return l.b.String()
}

func newRig(t *testing.T, text string, store *fakeStore) *rig {
	t.Helper()
	r := &rig{t: t, store: store, log: new(safeLog), path: filepath.Join(t.TempDir(), "quirks.yaml")}
	o := Options{Store: store, Log: slog.New(slog.NewTextHandler(r.log, nil))}
	if text != "" {
		r.write(text)
		o.File = r.path
	}
	var err error
	if r.Keeper, err = New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) write(text string) {
	r.t.Helper()
	if err := os.WriteFile(r.path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

const (
	gateway = "InternetGatewayDevice."
	china   = gateway + "X_CT-COM_UserInfo.UserName"
)

func informOf(events string, names ...string) *cwmp.Inform {
	in := &cwmp.Inform{Events: []cwmp.Event{{Code: events}}}
	for _, n := range names {
		in.Parameters = append(in.Parameters, cwmp.ParameterValue{Name: n})
	}
	return in
}

var phone7 = &db.Phone{ID: 7, Vendor: "fanvil", Model: "X6", SoftwareVersion: "2.4.12"}

// TestType: which ACS a Fanvil is set to is told by names of any of its
// Informs, until it begins anew.
func TestType(t *testing.T) {
	store := &fakeStore{names: map[db.PhoneID][]string{}}
	r := newRig(t, "", store)
	for i, step := range []struct {
		in   *cwmp.Inform
		ctc  bool
		root string
	}{
		{informOf("2 PERIODIC"), false, ""},
		{informOf("1 BOOT", "Device.DeviceInfo.SoftwareVersion"), false, "Device."},
		{informOf("1 BOOT", gateway+"DeviceSummary"), false, gateway},
		{informOf("1 BOOT", gateway+"DeviceSummary", china), true, gateway},
		{informOf("2 PERIODIC", gateway+"DeviceSummary"), true, gateway},
		{informOf("2 PERIODIC"), true, gateway},
		{informOf("0 BOOTSTRAP", gateway+"DeviceSummary"), false, gateway},
		{informOf("2 PERIODIC", china), true, gateway},
		{informOf("2 PERIODIC", "Device.RootDataModelVersion"), false, "Device."},
	} {
		q := r.Informed(t.Context(), phone7, step.in)
		if q.ConfigXML != step.ctc || r.Of(t.Context(), phone7) != q || r.Root(t.Context(), phone7) != step.root {
			t.Errorf("step %d: %+v, root %q; want ctc %v, root %q", i, q, r.Root(t.Context(), phone7), step.ctc, step.root)
		}
	}
	if q := r.Informed(t.Context(), &db.Phone{ID: 8, Vendor: "other"}, informOf("1 BOOT", china)); q.ConfigXML {
		t.Error("another vendor's phone is treated as a Fanvil")
	}
}

// TestTypeAfterRestart: what a phone showed before is found in the store, once.
func TestTypeAfterRestart(t *testing.T) {
	store := &fakeStore{names: map[db.PhoneID][]string{7: {gateway + "DeviceSummary", china}, 8: {"Device.X"}}}
	r := newRig(t, "", store)
	if !r.Of(t.Context(), phone7).ConfigXML || r.Root(t.Context(), phone7) != gateway {
		t.Error("not known by what it showed before")
	}
	p8 := &db.Phone{ID: 8, Vendor: "fanvil"}
	if r.Of(t.Context(), p8).ConfigXML || r.Root(t.Context(), p8) != "Device." {
		t.Error("another phone")
	}
	reads := store.reads
	r.Of(t.Context(), phone7)
	r.Informed(t.Context(), phone7, informOf("2 PERIODIC", gateway+"DeviceSummary"))
	if store.reads != reads {
		t.Errorf("asked %d times more", store.reads-reads)
	}
	r = newRig(t, "", store)
	if !r.Informed(t.Context(), phone7, informOf("2 PERIODIC", gateway+"DeviceSummary")).ConfigXML {
		t.Error("an Inform of few names hides what the phone showed before")
	}
	r = newRig(t, "", &fakeStore{names: store.names})
	r.store.err = errors.New("disk gone")
	if r.Of(t.Context(), phone7).ConfigXML {
		t.Error("known from a store that fails")
	}
	r.store.err = nil
	if !r.Of(t.Context(), phone7).ConfigXML {
		t.Error("a failure is remembered")
	}
}

// TestInformAllocates holds what each Inform asks to cost nothing.
func TestInformAllocates(t *testing.T) {
	r := newRig(t, "", &fakeStore{})
	in := informOf("2 PERIODIC", gateway+"DeviceSummary", china)
	if n := testing.AllocsPerRun(100, func() { r.Informed(t.Context(), phone7, in) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestRoot(t *testing.T) {
	r := newRig(t, "", &fakeStore{sets: map[db.PhoneID]string{7: `{"root":"reported"}`, 9: `{"root":"Device."}`},
		names: map[db.PhoneID][]string{7: {"Device.X"}, 9: {gateway + "X"}}})
	for id, want := range map[db.PhoneID]string{7: "Device.", 9: "Device.", 10: ""} {
		if got := r.Root(t.Context(), &db.Phone{ID: id}); got != want {
			t.Errorf("root of %v is %q; want %q", id, got, want)
		}
	}
}

const entryOf = "- vendor: fanvil\n  why: w\n  source: s\n  set: {max_names: "

// TestReload: a changed file is in force, a wrong one is not, and says so once.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, entryOf+"5}\n", &fakeStore{})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		for _, step := range []struct {
			text  string // "gone": no file
			names int
			said  string
		}{
			{"", 5, ""},
			{entryOf + "17}\n", 17, "level=INFO msg=\"changed quirks in force\" path=" + r.path + " count=1"},
			{entryOf + "1000}\n- a: b\n", 17, "level=ERROR msg=\"changed quirks not used, going on with those before\" path=" + r.path +
				" err=\"" + r.path + ":4: set.max_names: want a whole number from 1 to 256; " + r.path + ":5: a: there is no such key"},
			{"", 17, ""},
			{strings.Repeat("#\n", quirks.MaxBook), 17, "larger than"},
			{"gone", 17, "no such file"},
			{"", 17, ""},
			{entryOf + "6}\n", 6, "in force"},
			{"# none\n", 64, "count=0"},
		} {
			switch step.text {
			case "":
			case "gone":
				if err := os.Remove(r.path); err != nil {
					t.Fatal(err)
				}
			default:
				r.write(step.text)
			}
			time.Sleep(2 * lookEvery)
			synctest.Wait()
			if got := r.Of(ctx, phone7).MaxNames; got != step.names {
				t.Errorf("%.20q: max_names is %d; want %d", step.text, got, step.names)
			}
			if said := r.log.String(); !strings.Contains(said, step.said) || strings.Count(said, "\n") != min(len(step.said), 1) {
				t.Errorf("%.20q: said %q; want %q", step.text, said, step.said)
			}
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestRunWithoutFile: there is nothing to look at.
func TestRunWithoutFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "", &fakeStore{})
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, stop)
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "quirks.yaml")
	if err := os.WriteFile(path, []byte("\n- vendor: fanvil\n  colour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{Store: &fakeStore{}, File: path}, path + ":3: colour: there is no such key"},
		{Options{Store: &fakeStore{}, File: path + "x"}, "no such file"},
		{Options{Store: &fakeStore{err: errors.New("disk gone")}}, "quirks of phones: disk gone"},
	} {
		if k, err := New(t.Context(), tt.o); k != nil && err == nil || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New = %v; want %q", err, tt.want)
		}
	}
}

// TestChange: what is said of a phone is in the store before it is in force,
// survives a restart, and is not lost to another's change.
func TestChange(t *testing.T) {
	store := &fakeStore{sets: map[db.PhoneID]string{7: "", 8: `{"max_names":8}`, 9: `{"colour":"red"}`}}
	r := newRig(t, "", store)
	if !strings.Contains(r.log.String(), "phone=p9") {
		t.Errorf("a set that is not understood is not told: %s", r.log)
	}
	names := func(id db.PhoneID) int { return r.Of(t.Context(), &db.Phone{ID: id}).MaxNames }
	say := func(id db.PhoneID, more quirks.Set) error {
		return r.Change(t.Context(), id, "ops", func(old quirks.Set) quirks.Set {
			if more == nil {
				return nil
			}
			return old.With(more)
		})
	}
	if err := say(7, quirks.Set{"max_names": 7}); err != nil || names(7) != 7 || names(8) != 8 || names(9) != 64 {
		t.Errorf("%v; names %d, %d and %d", err, names(7), names(8), names(9))
	}
	first := true
	store.before = func() { // another node is quicker
		if first {
			first = false
			store.mu.Lock()
			store.sets[7] = `{"empty_end":true}`
			store.mu.Unlock()
		}
	}
	if err := say(7, quirks.Set{"max_names": 17}); err != nil || store.sets[7] != `{"empty_end":true,"max_names":17}` {
		t.Errorf("%v; stored %s", err, store.sets[7])
	}
	store.before = func() {
		store.mu.Lock()
		store.sets[7] += " "
		store.mu.Unlock()
	}
	if err := say(7, quirks.Set{"max_names": 27}); !errors.Is(err, db.ErrConflict) || names(7) != 17 {
		t.Errorf("always too late: %v; names %d", err, names(7))
	}
	store.before = nil
	if err := say(9, quirks.Set{"max_names": 9}); err != nil || store.sets[9] != `{"max_names":9}` {
		t.Errorf("beside what is not understood: %v; stored %s", err, store.sets[9])
	}
	if err := say(5, quirks.Set{"max_names": 9}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("of no phone: %v", err)
	}
	store.err = db.ErrNoSpace
	if err := say(8, nil); !errors.Is(err, db.ErrNoSpace) || names(8) != 8 {
		t.Errorf("not stored: %v; names %d", err, names(8))
	}
	store.err = nil
	if err := say(8, nil); err != nil || names(8) != 64 || store.sets[8] != "" {
		t.Errorf("taken back: %v; names %d, stored %s", err, names(8), store.sets[8])
	}
	r = newRig(t, "", store)
	if names(7) != 17 || names(8) != 64 || names(9) != 9 {
		t.Errorf("after a restart: names %d, %d and %d", names(7), names(8), names(9))
	}
	if got := r.Explain(t.Context(), &db.Phone{ID: 7}); len(got) == 0 || len(r.Entries()) == 0 {
		t.Error("nothing is told")
	}
}
