package jobs_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs"
	"phoneacs/phones/quirks"
)

// sends has the server of a rig send phones to a STUN service from now on.
func (r *rig) sends(stun *jobs.STUN) {
	r.t.Helper()
	var err error
	r.svc, err = jobs.New(jobs.Options{
		Store: r.store, Waker: r.waker, Files: fakeLinks{}, Clock: r.clock, STUN: stun,
		Quirks: shownRoots{oddPhones{quirks.Standard()}, r.store},
	})
	r.must(err)
}

// hears begins a session of a phone that says to hear at a URL.
func (r *rig) hears(url, version string, p db.Proof) session {
	r.t.Helper()
	r.seq++
	in := db.Inform{
		Session: db.SessionToken("hears" + string(rune('a'+r.seq))), Now: r.clock.Now(), Address: "203.0.113.9", OUI: "0C383E", ProductClass: "X6",
		Serial: "1", Vendor: "fanvil", Model: "X6", SoftwareVersion: version, CWMP: "1.0", Enrol: db.PhoneApproved,
		Events: []string{"2 PERIODIC"}, ConnectionRequestURL: url,
		Parameters: []db.Parameter{{Name: "Device.DeviceInfo.SoftwareVersion", Value: version}},
	}
	rec, err := r.store.RecordInform(r.t.Context(), in)
	r.must(err)
	s := session{db.Session{Token: in.Session, Phone: rec.Phone, Proof: p, BaseURL: "http://acs.example"}, r}
	r.must(r.svc.Informed(r.t.Context(), s.Session, rec, &cwmp.Inform{}))
	return s
}

const (
	private = "http://192.168.1.20:7547/cr"
	public  = "http://203.0.113.9:7547/cr"
)

func stunService() *jobs.STUN {
	return &jobs.STUN{Host: "acs.example", Port: 3478, Which: jobs.STUNBehindNAT}
}

// allOfThem are the parameters of a phone that knows all of Annex G.
func allOfThem() *cwmp.GetParameterNamesResponse {
	m := &cwmp.GetParameterNamesResponse{}
	for _, name := range []string{
		"URL", "STUNEnable", "STUNServerAddress", "STUNServerPort", "STUNUsername", "STUNPassword",
		"STUNMaximumKeepAlivePeriod", "STUNMinimumKeepAlivePeriod",
	} {
		m.Parameters = append(m.Parameters, cwmp.ParameterInfo{Name: "Device.ManagementServer." + name, Writable: true})
	}
	m.Parameters = append(m.Parameters, cwmp.ParameterInfo{Name: "Device.ManagementServer.UDPConnectionRequestAddress"},
		cwmp.ParameterInfo{Name: "Device.ManagementServer.ManageableDevice.", Writable: false})
	return m
}

// takes answers the next RPC, which must be of the kind.
func (s session) takes(rpc string, answer cwmp.Message) cwmp.Message {
	s.r.t.Helper()
	msg, id := s.any()
	if msg == nil || msg.RPC() != rpc || id != (db.AttemptID{}) {
		s.r.t.Fatalf("session was given %T for %v; want %s for none", msg, id, rpc)
	}
	s.answer(id, answer)
	return msg
}

// login gives the phone a login for connection requests, as if it had taken it.
func (r *rig) login(s session, password string) {
	r.t.Helper()
	user := "0C383E-1"
	_, err := r.store.SetCredentials(r.t.Context(), s.Phone.ID, db.CredentialsPatch{ConnectionRequestUser: &user, ConnectionRequestPassword: &password}, "test")
	r.must(err)
}

// TestSTUN sets a phone behind a NAT up, once; and again when the service is
// elsewhere, or the phone does not sign with our password.
func TestSTUN(t *testing.T) {
	r := newRig(t)
	stun := stunService()
	var refused time.Time
	stun.Refused = func(db.PhoneID) time.Time { return refused }
	r.sends(stun)
	first := r.hears(private, "2.4", db.ProofOwn)
	r.login(first, "its-password")
	setUp := func(s session, named bool) map[string]string {
		t.Helper()
		if named {
			m := s.takes("GetParameterNames", allOfThem()).(*cwmp.GetParameterNames)
			if m.ParameterPath != "Device.ManagementServer." || !m.NextLevel {
				t.Errorf("it is asked %+v", m)
			}
		}
		if named {
			watch := s.takes("SetParameterAttributes", &cwmp.SetParameterAttributesResponse{}).(*cwmp.SetParameterAttributes)
			if p := watch.Parameters; len(p) != 1 || p[0].Name != "Device.ManagementServer.UDPConnectionRequestAddress" || !p[0].NotificationChange || p[0].Notification != 2 {
				t.Errorf("it is asked to tell of %+v", p)
			}
		}
		set := s.takes("SetParameterValues", &cwmp.SetParameterValuesResponse{}).(*cwmp.SetParameterValues)
		got := make(map[string]string)
		for _, p := range set.Parameters {
			got[strings.TrimPrefix(p.Name, "Device.ManagementServer.")] = p.Type + " " + p.Value
		}
		s.asksNothing()
		return got
	}
	first.answersMethods(methodsOf("Reboot"))
	want := map[string]string{
		"STUNServerAddress": "string acs.example", "STUNServerPort": "unsignedInt 3478", "STUNEnable": "boolean 1",
		"STUNUsername": "string 0C383E-1", "STUNPassword": "string its-password",
		"STUNMaximumKeepAlivePeriod": "int 60", "STUNMinimumKeepAlivePeriod": "unsignedInt 25",
	}
	if got := setUp(first, true); !maps.Equal(got, want) {
		t.Errorf("set %v; want %v", got, want)
	}
	r.hears(private, "2.4", db.ProofOwn).asksNothing()
	r.restart()
	r.sends(stun)
	r.hears(private, "2.4", db.ProofOwn).asksNothing()
	again := r.hears(private, "2.5", db.ProofOwn) // another firmware keeps its settings
	again.answersMethods(methodsOf("Reboot"))
	again.asksNothing()

	refused = r.clock.Now()
	if got := setUp(r.hears(private, "2.5", db.ProofOwn), false); got["STUNPassword"] != "string its-password" {
		t.Errorf("set %v", got)
	}
	r.hears(private, "2.5", db.ProofOwn).asksNothing() // once in a day, whoever says so
	r.clock.Advance(24 * time.Hour)
	r.hears(private, "2.5", db.ProofOwn).asksNothing() // that was long ago
	refused = r.clock.Now()
	setUp(r.hears(private, "2.5", db.ProofOwn), false)

	stun.Port = 3479
	if got := setUp(r.hears(private, "2.5", db.ProofOwn), true); got["STUNServerPort"] != "unsignedInt 3479" {
		t.Errorf("set %v", got)
	}
}

// TestNoSTUN: which phones are left alone.
func TestNoSTUN(t *testing.T) {
	for _, tt := range []struct {
		name, url string
		proof     db.Proof
		set       func(s *jobs.STUN)
		asked     bool
	}{
		{"behind a NAT", private, db.ProofOwn, nil, true},
		{"not behind a NAT", public, db.ProofOwn, nil, false},
		{"all of them", public, db.ProofOwn, func(s *jobs.STUN) { s.Which = jobs.STUNAll }, true},
		{"it does not say where it hears", "", db.ProofOwn, nil, false},
		{"it says a name", "http://phone.example/", db.ProofOwn, nil, false},
		{"the same, mapped", "http://[::ffff:203.0.113.9]/", db.ProofOwn, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			stun := stunService()
			if tt.set != nil {
				tt.set(stun)
			}
			r.sends(stun)
			s := r.hears(tt.url, "2.4", tt.proof)
			s.answersMethods(methodsOf("Reboot"))
			if !tt.asked {
				s.asksNothing()
				return
			}
			s.takes("GetParameterNames", allOfThem())
		})
	}
	t.Run("it has proven nothing", func(t *testing.T) {
		r := newRig(t)
		r.sends(stunService())
		s := r.hears(private, "2.4", db.ProofNone)
		s.wantSets(bothLogins...)
		s.answer(db.AttemptID{}, taken)
		s.asksNothing()
	})
	t.Run("there is no service", func(t *testing.T) {
		r := newRig(t)
		s := r.hears(private, "2.4", db.ProofOwn)
		s.answersMethods(methodsOf("Reboot"))
		s.asksNothing()
	})
}

// TestSTUNRefused: what a phone lacks, refuses or does not answer.
func TestSTUNRefused(t *testing.T) {
	lacks := func(names ...string) *cwmp.GetParameterNamesResponse {
		m := allOfThem()
		m.Parameters = slices.DeleteFunc(m.Parameters, func(p cwmp.ParameterInfo) bool {
			return slices.Contains(names, p.Name[strings.LastIndexByte(p.Name, '.')+1:])
		})
		return m
	}
	begin := func(t *testing.T) (*rig, session) {
		r := newRig(t)
		r.sends(stunService())
		s := r.hears(private, "2.4", db.ProofOwn)
		s.answersMethods(methodsOf("Reboot"))
		return r, s
	}
	kept := func(r *rig, s session, step db.STUNStep, why string) {
		t.Helper()
		if st := r.methods(s).STUN; st.Step != step || !strings.Contains(st.Why, why) {
			t.Errorf("kept %+v; want %s, %q", st, step, why)
		}
	}
	t.Run("it knows no STUN", func(t *testing.T) {
		r, s := begin(t)
		s.takes("GetParameterNames", lacks("STUNEnable"))
		s.asksNothing()
		kept(r, s, db.STUNRefused, "no STUNEnable")
		r.hears(private, "2.4", db.ProofOwn).asksNothing()
		s = r.hears(private, "2.5", db.ProofOwn)
		s.answersMethods(methodsOf("Reboot"))
		s.takes("GetParameterNames", lacks("STUNEnable")) // another firmware may
	})
	t.Run("it has no password for it", func(t *testing.T) {
		r, s := begin(t)
		r.login(s, "its-password")
		s.takes("GetParameterNames", lacks("STUNPassword", "STUNUsername", "UDPConnectionRequestAddress"))
		m := s.takes("SetParameterValues", &cwmp.SetParameterValuesResponse{}).(*cwmp.SetParameterValues)
		for _, p := range m.Parameters {
			if strings.HasSuffix(p.Name, "Username") || strings.HasSuffix(p.Name, "Password") {
				t.Errorf("it is sent %s", p.Name)
			}
		}
		s.asksNothing()
		kept(r, s, db.STUNDone, "")
	})
	t.Run("it has no login of ours", func(t *testing.T) {
		_, s := begin(t)
		s.takes("GetParameterNames", allOfThem())
		s.takes("SetParameterAttributes", &cwmp.SetParameterAttributesResponse{})
		m := s.takes("SetParameterValues", &cwmp.SetParameterValuesResponse{}).(*cwmp.SetParameterValues)
		if len(m.Parameters) != 5 {
			t.Errorf("it is sent %+v", m.Parameters)
		}
	})
	t.Run("it is asked in vain", func(t *testing.T) {
		r, s := begin(t)
		s.takes("GetParameterNames", &cwmp.Fault{Code: 9005})
		s.asksNothing()
		kept(r, s, db.STUNRefused, "fault 9005")
		r.hears(private, "2.4", db.ProofOwn).asksNothing()
	})
	t.Run("it does not take them", func(t *testing.T) {
		r, s := begin(t)
		s.takes("GetParameterNames", allOfThem())
		s.takes("SetParameterAttributes", &cwmp.SetParameterAttributesResponse{})
		s.takes("SetParameterValues", &cwmp.Fault{Code: 9003, String: "its-password"})
		s.asksNothing()
		kept(r, s, db.STUNRefused, "fault 9003")
		if strings.Contains(r.methods(s).STUN.Why, "its-password") {
			t.Error("what is kept has the password")
		}
	})
	t.Run("it never answers", func(t *testing.T) {
		r, s := begin(t)
		for range 3 {
			s.takes("GetParameterNames", nil)
			s = r.hears(private, "2.4", db.ProofOwn)
		}
		s.asksNothing()
	})
	t.Run("it tells of nothing", func(t *testing.T) {
		r, s := begin(t)
		s.takes("GetParameterNames", allOfThem())
		s.takes("SetParameterAttributes", &cwmp.Fault{Code: 9005})
		s.takes("SetParameterValues", &cwmp.SetParameterValuesResponse{})
		s.asksNothing()
		kept(r, s, db.STUNDone, "")
		r.hears(private, "2.4", db.ProofOwn).asksNothing()
	})
}

// TestSTUNAgain: a phone that is given another login signs with that one.
func TestSTUNAgain(t *testing.T) {
	r := newRig(t)
	r.sends(stunService())
	s := r.hears(private, "2.4", db.ProofOwn)
	r.login(s, "its-password")
	s.answersMethods(methodsOf("Reboot"))
	s.takes("GetParameterNames", allOfThem())
	s.takes("SetParameterAttributes", &cwmp.SetParameterAttributesResponse{})
	s.takes("SetParameterValues", &cwmp.SetParameterValuesResponse{})
	if !r.svc.WakeRefused(s.Phone.ID) {
		t.Fatal("it is given no other login")
	}
	s = r.hears(private, "2.4", db.ProofOwn)
	sent := s.wantSets("ConnectionRequestPassword", "ConnectionRequestUsername")
	s.answer(db.AttemptID{}, taken)
	s.takes("GetParameterNames", allOfThem())
	s.takes("SetParameterAttributes", &cwmp.SetParameterAttributesResponse{})
	m := s.takes("SetParameterValues", &cwmp.SetParameterValuesResponse{}).(*cwmp.SetParameterValues)
	if !slices.ContainsFunc(m.Parameters, func(p cwmp.ParameterValue) bool {
		return strings.HasSuffix(p.Name, "STUNPassword") && p.Value == sent["ConnectionRequestPassword"]
	}) {
		t.Error("it is not sent the password of its new login")
	}
}
