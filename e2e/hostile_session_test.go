package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// hostileTurns are messages out of turn within a session, each of which is
// refused by a rule and ends the session or leaves it as it was.
var hostileTurns = []struct {
	name         string
	send         func(s *server, serial string, w *wire)
	rule, answer string
	ends         bool
}{
	{"answer that nothing asked for", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot).post(envelope("<cwmp:RebootResponse/>"))
	}, "session.unasked", "", true},
	{"unknown request", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot).post(envelope("<cwmp:X_Nonsense/>"))
	}, "rpc.unknown", "", false},
	{"garbage", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot).post("garbage")
	}, "xml.malformed", "400", true},
	{"half a message", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot).post(envelope(""))
	}, "body.empty", "fault 8003", false},
	{"half a message where an answer is due", func(s *server, serial string, w *wire) {
		s.rebooting(w.tb, serial, w)
		w.post(envelope("")) // a fault must not answer an answer
	}, "body.empty", "400", true},
	{"answer to an earlier request", func(s *server, serial string, w *wire) {
		w.post(envelopeID(s.rebooting(w.tb, serial, w)+"0", "<cwmp:RebootResponse/>"))
	}, "session.stale_answer", "", true},
	{"no end", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot)
		for range 1000 {
			w.post(envelope("<cwmp:GetRPCMethods/>")).must(http.StatusOK, "GetRPCMethodsResponse")
		}
		w.post(envelope("<cwmp:GetRPCMethods/>"))
	}, "session.too_long", "", true},
	{"as many elements as fit", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot).post(strings.Repeat("<a/>", 1<<20-1))
	}, "xml.too_many", "400", true},
}

// firstBoot is the Inform of a phone from the box.
var firstBoot = informOptions{events: []string{"0 BOOTSTRAP"}}

// TestHostileSession speaks out of turn. A phone is known by its connection, as
// those are that return no cookie.
func TestHostileSession(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open", "--drain", "1s")
	for i, tt := range hostileTurns {
		t.Run(tt.name, func(t *testing.T) {
			w := s.wire(t)
			tt.send(s, fmt.Sprintf("A%d", i), w)
			w.documented(tt.rule, tt.answer)
			if tt.ends {
				w.post(envelope("<cwmp:GetRPCMethods/>")).documented("session.none", "")
			} else {
				w.post("").must(http.StatusNoContent, "")
			}
		})
	}
	t.Run("too large within the session", func(t *testing.T) {
		w := s.wire(t).inform("B1", firstBoot).raw(head("Content-Length: 5000000"))
		w.documented("http.too_large", "")
	})
	t.Run("another Inform", func(t *testing.T) {
		old, young := s.wire(t).inform("B2", firstBoot), s.wire(t).inform("B2", informOptions{})
		old.post(envelope("<cwmp:GetRPCMethods/>")).documented("session.none", "")
		young.post("").must(http.StatusNoContent, "")
	})
	// A restart is not sent twice because its answer was no answer.
	for serial, answer := range map[string]func(id string) string{
		"C1": func(id string) string { return envelopeID(id, "<cwmp:FactoryResetResponse/>") },
		"C2": func(string) string { return "" },
	} {
		t.Run("no answer "+serial, func(t *testing.T) {
			if a := answers(t)["session.wrong_answer"]; a != "-" {
				t.Errorf("session.wrong_answer is documented to be answered %s", a)
			}
			w := s.wire(t)
			w.post(answer(s.rebooting(t, serial, w))).must(http.StatusNoContent, "")
			w.inform(serial, informOptions{}).post("").must(http.StatusNoContent, "")
		})
	}
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	checkStore(t, s.dir)
}
