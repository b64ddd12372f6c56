package jobs_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones/quirks"
)

// proves begins a session in which the phone has proven itself so.
func (r *rig) proves(serial string, p db.Proof) session {
	r.t.Helper()
	s := r.inform(serial, "2.4")
	s.Proof = p
	return s
}

// rooted has the phone told of a parameter, and so of the root of its tree.
func (r *rig) rooted(serial string) session {
	r.t.Helper()
	r.seq++
	in := db.Inform{
		Session: db.SessionToken("rooted" + serial), Now: r.clock.Now(), Address: "192.0.2.7", OUI: "0C383E", ProductClass: "X6",
		Serial: serial, Vendor: "fanvil", Model: "X6", SoftwareVersion: "2.4", CWMP: "1.0", Enrol: db.PhoneApproved,
		Events:     []string{"1 BOOT"},
		Parameters: []db.Parameter{{Name: "Device.DeviceInfo.SoftwareVersion", Value: "2.4"}},
	}
	rec, err := r.store.RecordInform(r.t.Context(), in)
	r.must(err)
	s := session{db.Session{Token: in.Session, Phone: rec.Phone, Proof: db.ProofNone, BaseURL: "http://acs.example"}, r}
	r.must(r.svc.Informed(r.t.Context(), s.Session, rec, &cwmp.Inform{Events: code("1 BOOT")}))
	return s
}

// sets wants the session to be given logins: the values by the last part of
// their names.
func (s session) sets() map[string]string {
	s.r.t.Helper()
	msg, id := s.any()
	m, ok := msg.(*cwmp.SetParameterValues)
	if !ok || id != (db.AttemptID{}) {
		s.r.t.Fatalf("session was given %T for %v; want SetParameterValues for none", msg, id)
	}
	values := make(map[string]string)
	for _, p := range m.Parameters {
		last, ok := strings.CutPrefix(p.Name, "Device.ManagementServer.")
		if !ok || p.Type != "string" {
			s.r.t.Errorf("it sets %s of type %s", p.Name, p.Type)
		}
		values[last] = p.Value
	}
	return values
}

func (s session) wantSets(names ...string) map[string]string {
	s.r.t.Helper()
	got := s.sets()
	if have := slices.Sorted(maps.Keys(got)); !slices.Equal(have, names) {
		s.r.t.Fatalf("it sets %v; want %v", have, names)
	}
	return got
}

var (
	bothLogins = []string{"ConnectionRequestPassword", "ConnectionRequestUsername", "Password", "Username"}
	ownAlone   = []string{"Password", "Username"}
	taken      = &cwmp.SetParameterValuesResponse{}
)

func (r *rig) credentials(s session) db.Credentials {
	r.t.Helper()
	c, err := r.store.Credentials(r.t.Context(), s.Phone.ID)
	r.must(err)
	return c
}

// noTask wants the session to be given no task.
func (s session) noTask() {
	s.r.t.Helper()
	for msg, id := s.any(); msg != nil; msg, id = s.any() {
		if id != (db.AttemptID{}) {
			s.r.t.Fatalf("an unproven phone was given %T", msg)
		}
		s.answer(id, &cwmp.Fault{Code: 9000})
	}
}

// TestLogins gives an approved phone logins of its own, in the order that they
// are sent, and tasks once it has used them.
func TestLogins(t *testing.T) {
	r := newRig(t)
	s := r.rooted("1")
	job := r.order(db.Job{Kind: db.KindReboot}, s)
	sent := s.wantSets(bothLogins...)
	c := r.credentials(s)
	if (c.Next != db.Login{User: sent["Username"], Password: sent["Password"]}) ||
		(c.ConnectionRequestNext != db.Login{User: sent["ConnectionRequestUsername"], Password: sent["ConnectionRequestPassword"]}) {
		t.Fatalf("what was sent is not what is kept: %v, %v", c.Next, c.ConnectionRequestNext)
	}
	if c.Next.User != "0C383E-X6-1" || len(c.Next.Password) < 20 || c.Next.Password == c.ConnectionRequestNext.Password {
		t.Errorf("issued %v and %v, of which the passwords are too short or the same", c.Next, c.ConnectionRequestNext)
	}
	s.answer(db.AttemptID{}, taken)
	s.noTask()
	r.task(job, s, db.TaskReady)
	if c := r.credentials(s); !c.ConnectionRequestTaken || c.Refused != "" {
		t.Errorf("after it has taken them: taken %v, refused %q", c.ConnectionRequestTaken, c.Refused)
	}
	r.waker.take()
	r.wait(10 * time.Second)
	if woken := r.waker.take(); len(woken) != 1 {
		t.Errorf("woken %v; want the phone once, to use its login", woken)
	}
	used := r.proves("1", db.ProofNext)
	used.reboot()
}

// TestLoginsAgain: what was sent and not used is sent again and stays the same:
// after a session that was lost, and after the server was.
func TestLoginsAgain(t *testing.T) {
	r := newRig(t)
	first := r.rooted("1").wantSets(bothLogins...)
	r.restart()
	lost := r.proves("1", db.ProofNone)
	if again := lost.wantSets(bothLogins...); !maps.Equal(again, first) {
		t.Error("after a restart others are sent")
	}
	lost.answer(db.AttemptID{}, taken)
	if again := r.proves("1", db.ProofNone).wantSets(bothLogins...); !maps.Equal(again, first) {
		t.Error("others are sent than those that the phone says it has taken")
	}
}

// TestLoginsRefused: what a phone says to its logins, what it is sent then, and
// what is kept of it.
func TestLoginsRefused(t *testing.T) {
	refuses := func(name string) *cwmp.Fault {
		return &cwmp.Fault{Code: 9003, Parameters: []cwmp.ParameterFault{{Name: "Device.ManagementServer." + name, Code: 9008}}}
	}
	for _, tt := range []struct {
		name    string
		answers []cwmp.Message // to one after the other
		refused string
	}{
		{"connection requests only", []cwmp.Message{refuses("ConnectionRequestUsername"), taken}, ""},
		{"both", []cwmp.Message{refuses("ConnectionRequestUsername"), refuses("Username")}, "did not take credentials of its own (Username)"},
		{"nothing is answered", []cwmp.Message{nil}, "answered with nothing"},
		{"another answer", []cwmp.Message{&cwmp.RebootResponse{}}, "answered with nothing"},
		{"nothing is answered to the second", []cwmp.Message{refuses("ConnectionRequestPassword"), nil}, "answered with nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			s := r.rooted("1")
			job := r.order(db.Job{Kind: db.KindReboot}, s)
			both := s.wantSets(bothLogins...)
			s.answer(db.AttemptID{}, tt.answers[0])
			if len(tt.answers) > 1 {
				if own := s.wantSets(ownAlone...); own["Password"] != both["Password"] {
					t.Error("another password is sent")
				}
				s.answer(db.AttemptID{}, tt.answers[1])
			}
			s.noTask()
			c := r.credentials(s)
			if !strings.Contains(c.Refused, tt.refused) || (tt.refused == "") != (c.Refused == "") || (tt.refused == "") == c.Next.IsZero() {
				t.Errorf("kept: refused %q, next %v; want %q", c.Refused, c.Next, tt.refused)
			}
			if strings.Contains(c.Refused, both["Password"]) {
				t.Error("the reason has the password")
			}
			if tt.refused == "" {
				r.proves("1", db.ProofNone).wantSets(ownAlone...) // until it has used it
				r.proves("1", db.ProofNext).reboot()
				return
			}
			r.task(job, s, db.TaskReady)
			r.clock.Advance(24*time.Hour - time.Second)
			r.proves("1", db.ProofNone).asksNothing()
			r.clock.Advance(time.Second)
			again := r.proves("1", db.ProofNone)
			again.wantSets(bothLogins...)
			again.answer(db.AttemptID{}, taken)
			if c := r.credentials(s); c.Refused != "" || c.Next.IsZero() {
				t.Errorf("after it has taken them: refused %q, next %v", c.Refused, c.Next)
			}
		})
	}
}

// TestNoLogins: who is given none, and whether tasks go all the same.
func TestNoLogins(t *testing.T) {
	for _, p := range []db.Proof{db.ProofOwn, db.ProofNext, db.ProofOpen, db.ProofCertificate} {
		r := newRig(t)
		r.order(db.Job{Kind: db.KindReboot}, r.rooted("1"))
		s := r.proves("1", p)
		if msg, _ := s.any(); msg.RPC() != "GetRPCMethods" {
			t.Errorf("by proof %q it is given %T first", p, msg)
		}
		s.answer(db.AttemptID{}, &cwmp.Fault{Code: 9000})
		s.reboot()
	}
	t.Run("no root is known", func(t *testing.T) {
		r := newRig(t)
		r.proves("1", db.ProofNone).noTask()
	})
	t.Run("it cannot be challenged", func(t *testing.T) {
		r := newRig(t)
		s := r.rooted("1")
		r.treat(&quirks.Quirks{NoChallenge: true})
		s.asksNothing()
		if c := r.credentials(s); !c.Next.IsZero() {
			t.Error("it is issued a login")
		}
	})
}

// TestLoginsOfOldSession: an answer of a session that was superseded changes nothing.
func TestLoginsOfOldSession(t *testing.T) {
	r := newRig(t)
	old := r.rooted("1")
	old.wantSets(bothLogins...)
	r.proves("1", db.ProofNone)
	_ = r.svc.Answered(t.Context(), old.Session, db.AttemptID{}, nil)
	if c := r.credentials(old); c.Refused != "" || c.Next.IsZero() {
		t.Errorf("kept: refused %q, next %v", c.Refused, c.Next)
	}
}
