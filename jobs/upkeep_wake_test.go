package jobs_test

import (
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestWakeLogin: a phone that took no connection request is given a new login
// when it has proven who it is, once in a day, and it alone.
func TestWakeLogin(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.must(r.store.RecordValues(t.Context(), phone.Phone.ID, phone.Token, []db.Parameter{{Name: ntp, Value: "a"}}, r.clock.Now()))
	phone.answersMethods(methodsOf("Reboot"))
	other := r.inform("2", "2.4")
	other.answersMethods(methodsOf("Reboot"))
	r.proves("1", db.ProofOwn).asksNothing()

	id := phone.Phone.ID
	for range 2 { // told twice, it waits once
		if !r.svc.WakeRefused(id) {
			t.Fatal("is not to be mended")
		}
	}
	r.inform("1", "2.4").asksNothing() // proves nothing, and need not
	r.proves("1", db.ProofNone)        // nor does this
	s := r.inform("2", "2.4")
	s.Proof = db.ProofOwn
	s.asksNothing() // another phone

	s = r.proves("1", db.ProofOwn)
	msg, attempt := s.any()
	m, ok := msg.(*cwmp.SetParameterValues)
	if !ok || len(m.Parameters) != 2 || attempt != (db.AttemptID{}) {
		t.Fatalf("was given %+v", msg)
	}
	next := r.credentials(s).ConnectionRequestNext
	for i, want := range [][2]string{{"ConnectionRequestUsername", next.User}, {"ConnectionRequestPassword", next.Password}} {
		if p := m.Parameters[i]; p.Name != "Device.ManagementServer."+want[0] || p.Value != want[1] || want[1] == "" {
			t.Errorf("set %s; want %s", p.Name, want[0])
		}
	}
	s.answer(attempt, &cwmp.SetParameterValuesResponse{})
	if c := r.credentials(s); c.ConnectionRequest != next || !c.ConnectionRequestNext.IsZero() || !c.Own.IsZero() {
		t.Error("is not in force")
	}
	s.asksNothing()
	r.proves("1", db.ProofOwn).asksNothing()

	// It is refused all the same: once in a day.
	if r.svc.WakeRefused(id) {
		t.Error("is to be mended again at once")
	}
	r.proves("1", db.ProofCertificate).asksNothing()
	r.wait(24 * time.Hour)
	if !r.svc.WakeRefused(id) {
		t.Error("is not to be mended after a day")
	}
	s = r.proves("1", db.ProofCertificate)
	_, attempt = s.any()
	if again := r.credentials(s).ConnectionRequestNext; again.IsZero() || again == next {
		t.Error("was given no other login")
	}
	s.answer(attempt, &cwmp.Fault{Code: 9003, String: "no"})
	if c := r.credentials(s); c.ConnectionRequest != next || !c.ConnectionRequestNext.IsZero() || c.Refused != "" {
		t.Error("what the phone refused is not forgotten")
	}
	h, err := r.store.History(t.Context(), id, db.Query{})
	r.must(err)
	if !strings.Contains(h.Items[0].New, "for connection requests refused") || strings.Contains(h.Items[0].New, next.Password) {
		t.Errorf("history %+v", h.Items[0])
	}
	s.asksNothing()
	r.proves("1", db.ProofOwn).asksNothing()

	// An answer that is none; a session that is lost.
	r.wait(24 * time.Hour)
	r.svc.WakeRefused(id)
	s = r.proves("1", db.ProofNext)
	_, attempt = s.any()
	s.answer(attempt, nil)
	if c := r.credentials(s); !c.ConnectionRequestNext.IsZero() {
		t.Error("what was not answered is kept")
	}
}
