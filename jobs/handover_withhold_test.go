package jobs_test

import (
	"testing"

	"phoneacs/db"
)

// withheld asks for the attempt of a holder as who serves its file does.
func (h *holder) withheld(want bool) {
	h.t.Helper()
	id := db.AttemptID{Task: db.TaskID{Job: h.job, Phone: h.phone.Phone.ID}, N: 1}
	if got, err := h.svc.Withhold(h.t.Context(), id); err != nil || got != want {
		h.t.Errorf("withheld %v (%v); want %v", got, err, want)
	}
}

// TestWithhold: a phone that was not reached is not given the file of what it is
// not to do by now. That costs the order no try.
func TestWithhold(t *testing.T) {
	for name, c := range recallCauses {
		t.Run(name, func(t *testing.T) {
			h := holding(t, db.FileConfig, cancelling...)
			h.withheld(false)
			c.do(h)
			h.withheld(true)
			if c.undo != nil {
				c.undo(h)
				h.withheld(false)
				c.do(h)
			}
			h.restart()
			h.until(h.waits.Due)
			h.withheld(true)
			s := h.inform("1", "2.4")
			s.complete(h.key, 9010)
			task := h.task(h.job, h.phone, c.then)
			h.says("task", task.Why, "the file was not given to the phone: "+c.why)
			if task.Tries != 0 {
				t.Errorf("it cost %d tries", task.Tries)
			}
			h.withheld(false) // its attempt has ended, and with it the link
		})
	}
}

// TestNotWithheld: what was told to be dropped and is wanted again, what the
// phone has done, and what is sent at its slot are given out.
func TestNotWithheld(t *testing.T) {
	h := holding(t, db.FileConfig, cancelling...)
	c := recallCauses["pause"]
	c.do(h)
	h.settle()
	h.told(h.inform("1", "2.4")) // the answer is lost
	h.withheld(true)
	c.undo(h)
	h.withheld(false)
	h.inform("1", "2.4").complete(h.key, 9010)
	h.says("task", h.task(h.job, h.phone, db.TaskWaiting).Why, "that was attempt 1 of 3") // its own fault

	h = holding(t, db.FileFirmware, cancelling...)
	h.inform("1", "2.4").complete(h.key, 0)
	h.cancel()
	h.withheld(false)

	r := newRig(t)
	h = &holder{rig: r, phone: r.inform("1", "2.4")}
	h.job = h.order(downloadOf(r.file(db.FileConfig, "")), h.phone)
	h.inform("1", "2.4").download()
	h.withheld(false)
	h.hold(db.Hold{})
	h.withheld(false)
}
