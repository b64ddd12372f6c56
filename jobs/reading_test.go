package jobs

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// A tree is a phone to read: it has parameters, and ways of its own.
type tree struct {
	names      []string
	most       int  // more values at once get 9004
	dotless    bool // objects are listed without their dot
	deep       bool // a list holds all below, whatever was asked for
	noDeep     bool // GetParameterNames without NextLevel gets 9003
	noLevel    bool // and so does one with it
	few        int  // longer lists get 9004
	unknown    map[string]bool
	firstAlone bool // of several paths it tells the first
	endless    bool // every object has another below it
	requests   int
}

func (tr *tree) under(name string) (found []string) {
	for _, n := range tr.names {
		if n == name || partial(name) && strings.HasPrefix(n, name) {
			found = append(found, n)
		}
	}
	return found
}

func (tr *tree) answer(m cwmp.Message) cwmp.Message {
	tr.requests++
	switch m := m.(type) {
	case *cwmp.GetParameterValues:
		r := &cwmp.GetParameterValuesResponse{}
		if len(m.Names) == 0 {
			return &cwmp.Fault{Code: 9003}
		}
		for i, n := range m.Names {
			if tr.firstAlone && i > 0 {
				break
			}
			found := tr.under(n)
			if len(found) == 0 || tr.unknown[n] {
				return &cwmp.Fault{Code: 9005}
			}
			for _, f := range found {
				r.Parameters = append(r.Parameters, cwmp.ParameterValue{Name: f, Type: "string", Value: "v"})
			}
		}
		if tr.most > 0 && len(r.Parameters) > tr.most {
			return &cwmp.Fault{Code: 9004}
		}
		return r
	case *cwmp.GetParameterNames:
		if tr.endless {
			return &cwmp.GetParameterNamesResponse{Parameters: []cwmp.ParameterInfo{
				{Name: m.ParameterPath}, {Name: "Device."}, {Name: m.ParameterPath + "1."}, {Name: m.ParameterPath + "2."},
			}}
		}
		found := tr.under(m.ParameterPath)
		switch {
		case len(found) == 0:
			return &cwmp.Fault{Code: 9005}
		case tr.noDeep && !m.NextLevel && partial(m.ParameterPath):
			return &cwmp.Fault{Code: 9003}
		case tr.noLevel && m.NextLevel:
			return &cwmp.Fault{Code: 9003}
		}
		r := &cwmp.GetParameterNamesResponse{}
		for _, f := range found {
			at := len(m.ParameterPath)
			for at < len(f) {
				dot := strings.IndexByte(f[at:], '.')
				if dot < 0 {
					r.Parameters = append(r.Parameters, cwmp.ParameterInfo{Name: f, Writable: true})
					break
				}
				at += dot + 1
				n := f[:at]
				if tr.dotless {
					n = f[:at-1]
				}
				r.Parameters = append(r.Parameters, cwmp.ParameterInfo{Name: n})
				if m.NextLevel && !tr.deep {
					break
				}
			}
		}
		if tr.few > 0 && len(r.Parameters) > tr.few {
			return &cwmp.Fault{Code: 9004}
		}
		return r
	}
	return nil
}

// read reads a tree to its end, one session after the other, and returns what
// it told.
func (tr *tree) read(t *testing.T, r *reading) (told map[string]bool, sessions int) {
	t.Helper()
	told = make(map[string]bool)
	for sessions = 1; ; sessions++ {
		steps := 0
		for {
			m := r.next(db.SessionToken(fmt.Sprint("s", sessions)))
			if m == nil {
				break
			}
			if steps++; steps > maxStepsSession {
				t.Fatalf("%d requests in a session", steps)
			}
			r = r.clone() // as the service does between two requests
			switch a := tr.answer(m).(type) {
			case *cwmp.Fault:
				r.refused(a.Code, a.String)
			default:
				values, traits, ok := r.took(a)
				if !ok {
					t.Fatalf("%T is not taken for the answer to %T", a, m)
				}
				for _, v := range values {
					told[v.Name] = true
				}
				for _, v := range traits {
					told[v.Name] = true
				}
			}
		}
		if r.done() {
			return told, sessions
		}
		if sessions > maxSteps {
			t.Fatal("the reading comes to no end")
		}
	}
}

func bush(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("Device.A.%d.B%d", i/10, i), fmt.Sprintf("Device.C.%d.D.E%d", i/7, i))
	}
	return append(names, "Device.Top")
}

func TestReading(t *testing.T) {
	names := bush(100)
	for _, tt := range []struct {
		name string
		tree tree
		ask  []string
		most int // requests
	}{
		{"at once", tree{}, []string{"Device."}, 1},
		{"in batches", tree{most: 16}, []string{"Device."}, 70},
		{"one at a time", tree{most: 1}, []string{"Device."}, 400},
		{"without dots", tree{most: 16, dotless: true}, []string{"Device."}, 300},
		{"all below listed", tree{most: 16, deep: true}, []string{"Device."}, 70},
		{"no single level", tree{most: 16, noLevel: true}, []string{"Device."}, 40},
		{"no single level, without dots", tree{most: 16, noLevel: true, dotless: true}, []string{"Device."}, 40},
		{"all by name", tree{most: 16}, names, 40},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.tree.names = names
			told, _ := tt.tree.read(t, newReading(readValues, tt.ask))
			if len(told) != len(names) {
				t.Errorf("%d of %d told", len(told), len(names))
			}
			if tt.tree.requests > tt.most {
				t.Errorf("%d requests; want at most %d", tt.tree.requests, tt.most)
			}
		})
	}
}

func TestReadingNames(t *testing.T) {
	for _, tr := range []tree{{}, {noDeep: true}} {
		tr.names = bush(50)
		told, _ := tr.read(t, newReading(readNames, []string{"Device."}))
		for _, n := range append(tr.names, "Device.C.1.D.") {
			if !told[n] {
				t.Errorf("%s was not told (%+v)", n, tr.noDeep)
			}
		}
	}
}

// TestReadingOther: a phone that lists no single level is asked for all once,
// and what it says then is the end of it.
func TestReadingOther(t *testing.T) {
	for _, tt := range []struct {
		name     string
		mode     readMode
		tree     tree
		levels   bool // its quirks say so
		requests int
		told     bool
	}{
		{"values", readValues, tree{most: 4, noLevel: true}, false, 3 + 200/4*2, true},
		{"names", readNames, tree{noLevel: true}, true, 2, true},
		{"names, and has been asked for all", readNames, tree{noLevel: true, noDeep: true}, false, 2, false},
		{"names, in neither way", readNames, tree{noLevel: true, noDeep: true}, true, 2, false},
		{"values, in neither way", readValues, tree{most: 4, noLevel: true, noDeep: true}, false, 3, false},
		{"values, and all are too many", readValues, tree{most: 4, noLevel: true, few: 20}, false, 3, false},
		{"values, and a level is too much", readValues, tree{most: 4, few: 1}, false, 2, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.tree.names = bush(50)
			r := newReading(tt.mode, []string{"Device."})
			if tt.levels {
				r.levels, r.walks = true, true
			}
			told, _ := tt.tree.read(t, r)
			if tt.tree.requests > tt.requests || (len(told) >= len(tt.tree.names)) != tt.told {
				t.Errorf("%d told in %d requests; want all of %d: %t, in at most %d", len(told), tt.tree.requests, len(tt.tree.names), tt.told, tt.requests)
			}
		})
	}
}

// TestReadingLeavesOut what a phone does not know, and goes on with the rest:
// what was asked for by name is said, what it had listed itself is not.
func TestReadingLeavesOut(t *testing.T) {
	names := bush(20)
	r := newReading(readValues, append(slices.Clone(names), "Device.Nothing", "Device.No."))
	told, _ := (&tree{names: names}).read(t, r)
	if len(told) != len(names) {
		t.Errorf("%d of %d told", len(told), len(names))
	}
	kept := newReading(readValues, append(slices.Clone(names), "Device.Nothing", "Device.No."))
	tr := &tree{names: names}
	for m := kept.next("s"); m != nil; m = kept.next("s") {
		if f, ok := tr.answer(m).(*cwmp.Fault); ok {
			kept.refused(f.Code, "")
		} else {
			kept.took(tr.answer(m))
		}
	}
	slices.Sort(kept.left)
	if fmt.Sprint(kept.left) != "[Device.No. Device.Nothing]" || kept.leftCount != 2 || kept.fault != 9005 || kept.gone != 0 {
		t.Errorf("left out %v, %d, %d; %d gone", kept.left, kept.leftCount, kept.fault, kept.gone)
	}
	tr = &tree{names: names, most: 10, unknown: map[string]bool{names[3]: true}}
	kept = newReading(readValues, []string{"Device."})
	for m := kept.next("s"); m != nil; m = kept.next("s") {
		switch a := tr.answer(m).(type) {
		case *cwmp.Fault:
			kept.refused(a.Code, "")
		default:
			kept.took(a)
		}
	}
	// By its path it is told all the same, or it is gone.
	if kept.leftCount != 0 || kept.told+kept.gone != len(names) {
		t.Errorf("left out %v; %d told, %d gone of %d", kept.left, kept.told, kept.gone, len(names))
	}
}

// TestReadingEnds although the phone lists without end.
func TestReadingEnds(t *testing.T) {
	for _, mode := range []readMode{readValues, readNames} {
		tr := &tree{names: []string{"Device.A"}, most: -1, endless: true}
		r := newReading(mode, []string{"Device."})
		r.levels = mode == readNames
		sessions := 1
		for !r.done() {
			m := r.next(db.SessionToken(fmt.Sprint(sessions)))
			if m == nil {
				sessions++
				continue
			}
			if _, ok := m.(*cwmp.GetParameterNames); !ok {
				r.refused(9004, "")
				continue
			}
			r.took(tr.answer(m))
		}
		if r.cut == "" || r.steps > maxSteps || sessions > maxSteps/maxStepsSession+1 || r.bytes > maxWalkBytes+maxName*4 {
			t.Errorf("mode %d ends after %d requests in %d sessions, %q, %d bytes", mode, r.steps, sessions, r.cut, r.bytes)
		}
	}
}

// TestReadingTooManyNames ends with what a phone lists at once that is more than
// is remembered.
func TestReadingTooManyNames(t *testing.T) {
	tr := &tree{most: 1}
	for i := range maxWalkBytes / 40 {
		tr.names = append(tr.names, fmt.Sprintf("Device.%030d.X", i))
	}
	r := newReading(readValues, []string{"Device."})
	r.next("s")
	r.refused(cwmp.FaultResourcesExceeded, "")
	r.took(tr.answer(r.next("s")))
	if r.cut != "the phone listed more names than are remembered at once" || r.next("s") != nil {
		t.Errorf("it goes on, with %d bytes of names (%s)", r.bytes, r.cut)
	}
}

// TestReadingLost asks again for what a session did not answer, once, and then
// for less.
func TestReadingLost(t *testing.T) {
	r := newReading(readValues, []string{"a", "b"})
	for i, want := range []string{"[a b]", "[a b]", "[a]", "[a]", "[b]"} {
		m, ok := r.next(db.SessionToken(fmt.Sprint(i))).(*cwmp.GetParameterValues)
		if !ok || fmt.Sprint(m.Names) != want {
			t.Fatalf("session %d is given %v; want %s", i, m, want)
		}
	}
	if r.next("4") != nil {
		t.Error("two requests are out")
	}
}

// FuzzReading promises that whatever a phone lists and refuses, the reading ends
// within its bounds.
func FuzzReading(f *testing.F) {
	f.Add(uint64(1), "Device.A.B\x00Device.C.", byte(0))
	f.Add(uint64(7), "Device.\x00Device.1.\x00x", byte(1))
	f.Fuzz(func(t *testing.T, seed uint64, listed string, mode byte) {
		rng := rand.New(rand.NewPCG(seed, 1))
		names := strings.Split(listed, "\x00")
		r := newReading(readMode(mode%3), []string{"Device.", names[0]})
		codes := []cwmp.FaultCode{9001, 9002, 9003, 9004, 9005, 9899}
		sessions := 0
		for n := 0; !r.done(); n++ {
			if n > 4*maxSteps {
				t.Fatalf("%d steps, %d in the queue", r.steps, len(r.queue))
			}
			m := r.next(db.SessionToken(fmt.Sprint(sessions)))
			if m == nil || rng.IntN(20) == 0 {
				sessions++
				continue
			}
			if rng.IntN(2) == 0 {
				r.refused(codes[rng.IntN(len(codes))], "no")
				continue
			}
			var infos []cwmp.ParameterInfo
			for _, name := range names {
				infos = append(infos, cwmp.ParameterInfo{Name: name})
				if p, ok := m.(*cwmp.GetParameterNames); ok {
					infos = append(infos, cwmp.ParameterInfo{Name: p.ParameterPath + name})
				}
			}
			for _, a := range []cwmp.Message{
				&cwmp.GetParameterNamesResponse{Parameters: infos}, &cwmp.GetParameterValuesResponse{}, &cwmp.GetParameterAttributesResponse{},
			} {
				if _, _, ok := r.took(a); ok {
					break
				}
			}
		}
		if r.steps > maxSteps || len(r.left) > maxLeft {
			t.Fatalf("%d steps, %d left out", r.steps, len(r.left))
		}
	})
}
