package jobs_test

import (
	"context"
	"testing"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs"
	"phoneacs/phones/quirks"
)

// namedPhones tells of phones and of nothing else.
type namedPhones struct{ t *testing.T }

func (n namedPhones) Of(_ context.Context, p *db.Phone) *quirks.Quirks {
	if p == nil {
		n.t.Error("the quirks of no phone are asked for")
	}
	return quirks.Standard()
}

func (n namedPhones) Root(context.Context, *db.Phone) string { return "Device." }

// TestExplainUnderWay explains tasks that are with their phone, of which no
// record is at hand.
func TestExplainUnderWay(t *testing.T) {
	r := newRig(t)
	var err error
	r.svc, err = jobs.New(jobs.Options{Store: r.store, Waker: r.waker, Files: fakeLinks{}, Clock: r.clock, Quirks: namedPhones{t}})
	r.must(err)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	s := r.inform("1", "2.4")
	_, id := s.reboot()
	r.says("task", r.svc.Explain(t.Context(), r.task(job, phone, db.TaskSent)), "waits for the phone's answer until")
	s.answer(id, &cwmp.RebootResponse{})
	r.says("task", r.svc.Explain(t.Context(), r.task(job, phone, db.TaskProving)), "waits for")
}
