package acs

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/phones/quirks"
)

// TestWakeAdvice: what is said of a phone that does not take our password is
// what becomes of it.
func TestWakeAdvice(t *testing.T) {
	l, used := db.Login{User: "a", Password: "b"}, time.Unix(1, 0)
	const byHand, soon, own = "correct it in the phone's record", "; a new one will be set at its next Inform", "; one of its own will be set at its next Inform"
	for _, tt := range []struct {
		name  string
		c     db.Credentials
		odd   bool // cannot be challenged
		open  bool // no door
		mends bool
		want  string
		told  bool
	}{
		{"proves itself", db.Credentials{Own: l, Used: used}, false, false, true, soon, true},
		{"by certificate", db.Credentials{Certificate: true}, false, false, true, soon, true},
		{"proves itself, and was sent one today", db.Credentials{Own: l, Used: used}, false, false, false, byHand, true},
		{"proves itself where nobody has to", db.Credentials{Own: l, Used: used}, false, true, true, byHand, false},
		{"has none yet", db.Credentials{}, false, false, true, own, false},
		{"was sent one", db.Credentials{Next: l, ConnectionRequestNext: l}, false, false, true, own, false},
		{"did not let it be set", db.Credentials{Next: l}, false, false, true, byHand, false},
		{"refused its own", db.Credentials{Refused: "no"}, false, false, true, byHand, false},
		{"an operator's word", db.Credentials{Own: l}, false, false, true, byHand, false},
		{"cannot prove itself", db.Credentials{}, true, false, true, byHand, false},
		{"need not prove itself", db.Credentials{Waived: true}, false, false, true, byHand, false},
		{"has none, where nobody has to", db.Credentials{}, false, true, true, byHand, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := wakeRig(t, always(denied(plain)))
			if !tt.open {
				withDoor(&r.opts)
			}
			r.opts.Quirks = oddPhones{&quirks.Quirks{NoChallenge: tt.odd}}
			tt.c.ConnectionRequest = db.Login{User: "u", Password: "secret"}
			r.store.logins[1] = tt.c
			r.disp.mends = tt.mends
			err := r.Wake(t.Context(), 1)
			var w *WakeError
			if !errors.As(err, &w) || !strings.Contains(w.Sentence, tt.want) || r.store.wakes[0] != w.Sentence {
				t.Errorf("%v, recorded %q; want %q", err, r.store.wakes, tt.want)
			}
			if slices.Contains(r.disp.unwoken, 1) != tt.told {
				t.Errorf("told of %v", r.disp.unwoken)
			}
		})
	}
	r := wakeRig(t, always("HTTP/1.1 403 no\r\n\r\n"))
	withDoor(&r.opts)
	r.store.logins[1] = db.Credentials{Own: l, Used: used}
	if err := r.Wake(t.Context(), 1); err == nil || strings.Contains(err.Error(), "Inform") || len(r.disp.unwoken) != 0 {
		t.Errorf("403: %v, told of %v", err, r.disp.unwoken)
	}
}
