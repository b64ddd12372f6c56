package e2e

import (
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var (
	setValue = regexp.MustCompile(`<Name>Device\.ManagementServer\.(\w+)</Name><Value[^>]*>([^<]+)</Value>`)
	askedID  = regexp.MustCompile(`ID[^>]*>(acs-[^<]+)<`)
)

// given reads what a SetParameterValues sets, and the id of the request.
func given(tb testing.TB, r reply) (values map[string]string, id string) {
	tb.Helper()
	values = make(map[string]string)
	for _, m := range setValue.FindAllStringSubmatch(r.body, -1) {
		values[m[1]] = m[2]
	}
	m := askedID.FindStringSubmatch(r.body)
	if m == nil || values["Username"] == "" || values["Password"] == "" {
		tb.Fatalf("it is no gift of a login: %.300s", r.body)
	}
	return values, m[1]
}

// takes has a phone without a proof be given a login, and take it.
func (s *server) takes(tb testing.TB, serial string) login {
	tb.Helper()
	w := s.wire(tb).inform(serial, informOptions{}).post("")
	values, id := given(tb, w.must(http.StatusOK, "SetParameterValues>"))
	w.post(envelopeID(id, "<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>")).must(http.StatusNoContent, "")
	return login{values["Username"], values["Password"]}
}

// proven begins a session of a phone that answers the challenge.
func (s *server) proven(tb testing.TB, serial string, l login) *wire {
	tb.Helper()
	message := inform(serial, informOptions{})
	w := s.wire(tb).post(message)
	w.post(message, l.digest(tb, w.must(http.StatusUnauthorized, "auth.required"))).must(http.StatusOK, "InformResponse")
	w.header = nil
	return w
}

// strange begins a session of somebody who says to be a phone that was reset.
func (s *server) strange(tb testing.TB, serial string) *wire {
	tb.Helper()
	w := s.wire(tb).post(inform(serial, firstBoot))
	w.must(http.StatusUnauthorized, "auth.required")
	return w.inform(serial, firstBoot)
}

func (s *server) wantStanding(tb testing.TB, id, state, proof string) {
	tb.Helper()
	if m := s.managed(tb, id); m.State != state || m.Proof != proof {
		tb.Errorf("the phone is %+v; want %s, %s", m, state, proof)
	}
}

// TestReEnrol: who comes as a phone that was reset learns nothing and disturbs
// nobody; the phone comes back by its own login, by approval, or by a rule.
func TestReEnrol(t *testing.T) {
	s := startServer(t, t.TempDir(), "--log-level", "debug", "--drain", "1s")
	s.wire(t).inform("A1", firstBoot).post("").must(http.StatusNoContent, "")
	id := s.awaitPhones(t, 1, 0)[0].ID
	s.approve(t, id)
	own := s.takes(t, "A1")
	s.wantStanding(t, id, "approved", "issued")
	s.proven(t, "A1", own).post("").must(http.StatusNoContent, "")
	s.wantStanding(t, id, "approved", "own")

	s.order(t, rebootNow(map[string]any{"phones": []string{id}}).unasked())
	open := s.proven(t, "A1", own)
	s.strange(t, "A1").post("").must(http.StatusNoContent, "")
	s.wantStanding(t, id, "re-enrol", "own")
	r, err := open.post("").read()
	if err != nil || r.status != http.StatusNoContent {
		t.Errorf("the session of the phone itself is answered %d %s, %v", r.status, r.body, err)
	}

	t.Run("its own login", func(t *testing.T) {
		w := s.proven(t, "A1", own).post("")
		s.wantStanding(t, id, "approved", "own")
		m := askedID.FindStringSubmatch(w.must(http.StatusOK, "Reboot>").body)
		w.post(envelopeID(m[1], "<cwmp:RebootResponse/>")).must(http.StatusNoContent, "")
	})
	back := map[string]func(t *testing.T){
		"approval of many": func(t *testing.T) {
			s.call(t, http.MethodPost, "/api/v1/phones/approve", map[string]any{"selection": map[string]any{"phones": []string{id}}}, nil)
		},
		"a rule": func(t *testing.T) {
			s.call(t, http.MethodPost, "/api/v1/enrolment-rules", map[string]any{"oui": "0C383E", "action": "approve", "re_enrol": true}, nil)
		},
	}
	for _, name := range []string{"approval of many", "a rule"} {
		t.Run(name, func(t *testing.T) {
			s.strange(t, "A1").post("").must(http.StatusNoContent, "")
			s.wantStanding(t, id, "re-enrol", "own")
			back[name](t)
			if name == "a rule" { // it is tried when the phone comes once more, reset as it is
				w := s.strange(t, "A1").post("")
				values, id := given(t, w.must(http.StatusOK, "SetParameterValues>"))
				w.post(envelopeID(id, "<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>")).must(http.StatusNoContent, "")
				checkNew(t, s, own, login{values["Username"], values["Password"]})
			} else {
				checkNew(t, s, own, s.takes(t, "A1"))
			}
			s.wantStanding(t, id, "approved", "own")
		})
	}
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	checkStore(t, s.dir)
}

// checkNew uses a login that was given in the place of another, which is worth
// nothing from then on.
func checkNew(t *testing.T, s *server, old, now login) {
	t.Helper()
	if now.password == old.password {
		t.Error("it was given the login that it had")
	}
	s.proven(t, "A1", now).post("").must(http.StatusNoContent, "")
	w := s.wire(t).post(inform("A1", informOptions{}))
	w.post(inform("A1", informOptions{}), old.digest(t, w.must(http.StatusUnauthorized, ""))).must(http.StatusUnauthorized, "auth.password")
	s.proven(t, "A1", now).post("").must(http.StatusNoContent, "")
}

// TestKillWhileIssued kills the server when it has sent a login and has no
// answer: the phone is sent the same again, and either way it is heard.
func TestKillWhileIssued(t *testing.T) {
	s := startServer(t, t.TempDir())
	s.wire(t).inform("A1", firstBoot).post("").must(http.StatusNoContent, "")
	id := s.awaitPhones(t, 1, 0)[0].ID
	s.approve(t, id)
	first, _ := given(t, s.wire(t).inform("A1", informOptions{}).post("").must(http.StatusOK, "SetParameterValues>"))
	s.Kill()
	checkStore(t, s.dir)
	s.Start()
	s.wantStanding(t, id, "approved", "issued")
	w := s.wire(t).post(inform("A1", informOptions{}))
	w.must(http.StatusUnauthorized, "auth.required") // it may have taken it
	again, _ := given(t, w.inform("A1", informOptions{}).post("").must(http.StatusOK, "SetParameterValues>"))
	if !maps.Equal(first, again) {
		t.Error("it is sent another login")
	}
	s.Kill()
	s.Start()
	s.proven(t, "A1", login{first["Username"], first["Password"]}).post("").must(http.StatusNoContent, "")
	s.wantStanding(t, id, "approved", "own")
	s.Kill()
	s.Start()
	s.proven(t, "A1", login{first["Username"], first["Password"]})
	if strings.Contains(s.Log(), first["Password"]) {
		t.Error("the password is in the log")
	}
}

// TestRefusedCredentials: phones that do not take their login, and how they are
// managed all the same.
func TestRefusedCredentials(t *testing.T) {
	s := startServer(t, t.TempDir())
	fault := func(id, name string) string {
		return envelopeID(id, "<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>"+
			"<FaultCode>9003</FaultCode><FaultString>Invalid arguments</FaultString><SetParameterValuesFault><ParameterName>Device.ManagementServer."+name+
			"</ParameterName><FaultCode>9008</FaultCode><FaultString>not writable</FaultString></SetParameterValuesFault></cwmp:Fault></detail></soap:Fault>")
	}
	begin := func(t *testing.T, serial string) (id string, w *wire, values map[string]string, asked string) {
		s.wire(t).inform(serial, firstBoot).post("").must(http.StatusNoContent, "")
		id = s.managed(t, "0C383E-X6-"+serial).ID
		s.approve(t, id)
		s.order(t, rebootNow(map[string]any{"phones": []string{id}}).unasked())
		w = s.wire(t).inform(serial, informOptions{}).post("")
		values, asked = given(t, w.must(http.StatusOK, "SetParameterValues>"))
		return id, w, values, asked
	}
	t.Run("connection requests are fixed", func(t *testing.T) {
		id, w, both, asked := begin(t, "C1")
		own, asked := given(t, w.post(fault(asked, "ConnectionRequestUsername")).must(http.StatusOK, "SetParameterValues>"))
		if len(both) != 4 || len(own) != 2 || own["Password"] != both["Password"] {
			t.Errorf("%d values, then %d", len(both), len(own))
		}
		w.post(envelopeID(asked, "<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>")).must(http.StatusNoContent, "")
		s.proven(t, "C1", login{own["Username"], own["Password"]}).post("").must(http.StatusOK, "Reboot>")
		if m := s.managed(t, id); m.Proof != "own" || m.Refused != "" {
			t.Errorf("it is %+v", m)
		}
	})
	for serial, say := range map[string]func(w *wire, asked string){
		"C2": func(w *wire, asked string) {
			_, asked = given(t, w.post(fault(asked, "ConnectionRequestUsername")).must(http.StatusOK, "SetParameterValues>"))
			w.post(fault(asked, "Username")).must(http.StatusNoContent, "")
		},
		"C3": func(w *wire, _ string) { w.post("").must(http.StatusNoContent, "") },
	} {
		t.Run("its own is refused "+serial, func(t *testing.T) {
			id, w, values, asked := begin(t, serial)
			say(w, asked)
			m := s.managed(t, id)
			if want := map[string]string{"C2": "(Username)", "C3": "answered with nothing"}[serial]; !strings.Contains(m.Refused, want) || m.Proof != "none" {
				t.Errorf("it is %+v; want %q", m, want)
			}
			if strings.Contains(m.Refused, values["Password"]) {
				t.Error("the reason has the password")
			}
			s.wire(t).inform(serial, informOptions{}).post("").must(http.StatusNoContent, "") // left alone, and given nothing
			s.call(t, http.MethodPatch, "/api/v1/phones/"+id, map[string]any{"proof": "waived"}, nil)
			s.wire(t).inform(serial, informOptions{}).post("").must(http.StatusOK, "Reboot>")
			s.wantStanding(t, id, "approved", "waived")
		})
	}
}
