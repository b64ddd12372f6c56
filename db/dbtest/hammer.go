package dbtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"phoneacs/db"
)

// Many at once do whatever comes to their minds. What each step says is true
// for itself is tested elsewhere; here nothing may get lost or counted twice.
const (
	hammerSeed    = 20260302
	hammerWorkers = 16
	hammerSteps   = 120 // of each worker
	hammerPhones  = 50
	hammerJobs    = 4
)

var hammerTests = []testCase{
	{"sixteen at once on two hundred tasks", func(f *fixture) {
		h := &hammer{f: f, sent: make(map[db.AttemptID]db.Send)}
		for range hammerPhones {
			h.devices = append(h.devices, f.device())
		}
		file := f.file("fw.bin", "firmware")
		h.file = file
		for i := range hammerJobs {
			n := everyPhone(f.order())
			n.Job.Priority = i
			j := f.create(n)
			f.expand(j.ID, func(p db.PhoneStatus) db.TaskSeed {
				if (int(p.ID)+i)%3 == 0 {
					return f.waiting(p)
				}
				return ready(p)
			})
			h.jobs = append(h.jobs, j.ID)
		}
		var wg sync.WaitGroup
		for w := range hammerWorkers {
			wg.Go(func() { h.work(rand.New(rand.NewPCG(hammerSeed, uint64(w))), w) })
		}
		wg.Wait()
		f.later(2 * time.Hour)
		f.check()
		h.attempts()
		f.ok(f.Flush(f.ctx), "Flush")
		want := f.snapshot()
		f.reopen()
		f.same(want, f.snapshot(), "after a restart")
	}},
}

type hammer struct {
	f       *fixture
	devices []*device
	jobs    []db.JobID
	file    db.File

	mu   sync.Mutex
	sent map[db.AttemptID]db.Send // every MarkSent that was granted
}

// work is one worker: it knows only the sessions that it began itself.
func (h *hammer) work(r *rand.Rand, worker int) {
	f := h.f
	sessions := make(map[db.PhoneID]db.SessionToken)
	for step := range hammerSteps {
		now := f.now.Add(time.Duration(step) * time.Second)
		d := h.devices[r.IntN(len(h.devices))]
		job := h.jobs[r.IntN(len(h.jobs))]
		err := h.step(r, d, job, now, sessions, fmt.Sprint(worker, "/", step))
		for _, allowed := range []error{db.ErrConflict, db.ErrSuperseded, db.ErrHeld, db.ErrNotFound} {
			if errors.Is(err, allowed) {
				err = nil
			}
		}
		if err != nil {
			f.t.Errorf("worker %d, step %d: %v", worker, step, err)
			return
		}
	}
}

func (h *hammer) step(r *rand.Rand, d *device, job db.JobID, now time.Time, sessions map[db.PhoneID]db.SessionToken, name string) error {
	f, ctx := h.f, h.f.ctx
	id := db.TaskID{Job: job, Phone: d.id}
	pick := func(events ...db.TaskEvent) db.TaskEvent { return events[r.IntN(len(events))] }
	switch r.IntN(17) {
	case 0, 1, 2:
		in := d.in
		in.Session, in.Now = db.SessionToken(name), now
		in.Events = []string{[]string{"2 PERIODIC", "1 BOOT"}[r.IntN(2)]}
		in.SoftwareVersion = fmt.Sprint("2.", r.IntN(3))
		_, err := f.RecordInform(ctx, in)
		sessions[d.id] = in.Session
		return err
	case 3, 4, 5, 6:
		return h.send(r, d, now, sessions[d.id])
	case 7, 8, 9:
		open, err := f.OpenAttempts(ctx, d.id)
		if err != nil || len(open) == 0 {
			return err
		}
		o := open[r.IntN(len(open))]
		v := f.verdict(o.ID.Task, o.ID.N, pick(db.EventAccept, db.EventProof, db.EventFault, db.EventRefute, db.EventUnknown, db.EventAgain, db.EventAgain))
		v.Now = now
		_, err = f.Judge(ctx, v)
		return err
	case 10:
		v := f.verdict(id, r.IntN(2), pick(db.EventProof, db.EventSkip))
		_, err := f.Judge(ctx, v)
		return err
	case 11:
		due, err := f.TakeDue(ctx, now.Add(time.Hour), 5, time.Second, db.DueRelease)
		if err != nil {
			return err
		}
		return f.ReleaseTasks(ctx, due, now, r.IntN(2) == 0)
	case 12:
		wakes, err := f.TakeDue(ctx, now.Add(time.Hour), 5, time.Second, db.DueWake)
		if err != nil {
			return err
		}
		return f.DropDue(ctx, wakes)
	case 13:
		return h.control(r, job, now)
	case 14:
		if r.IntN(2) == 0 {
			return f.SetHold(ctx, db.Hold{Phone: d.id, Since: now})
		}
		return f.ClearHold(ctx, 0, d.id)
	case 15:
		tags := []string{name, "all"}
		if _, err := f.UpdatePhone(ctx, d.id, db.PhonePatch{Tags: &tags}, name); err != nil {
			return err
		}
		return f.NoteEvidence(ctx, id, 0, now, name)
	}
	if _, err := f.JobTasks(ctx, job, db.Query{Filter: f.filter("state = sent", db.TaskFields)}); err != nil {
		return err
	}
	_, err := f.ListPhones(ctx, db.Query{Filter: f.filter("tags:all", db.PhoneFields), Limit: 10})
	return err
}

func (h *hammer) send(r *rand.Rand, d *device, now time.Time, session db.SessionToken) error {
	f := h.f
	ready, err := f.ReadyTasks(f.ctx, d.id, now, 4)
	if err != nil || len(ready) == 0 {
		return err
	}
	s := db.Send{
		Task: ready[r.IntN(len(ready))].Task.ID, Session: session, Now: now, Deadline: now.Add(10 * time.Minute),
		Exclusive: r.IntN(4) > 0, Changes: r.IntN(4) > 0,
	}
	if r.IntN(2) == 0 {
		s.Link = &db.Link{File: h.file.ID, Name: h.file.Name, SHA256: h.file.SHA256, Size: h.file.Size, Budget: 100, Expires: s.Deadline}
		for i := range s.Link.Hash {
			s.Link.Hash[i] = byte(r.Uint32())
		}
	}
	a, err := f.MarkSent(f.ctx, s)
	if err != nil {
		return err
	}
	key := db.AttemptID{Task: s.Task, N: a.N}
	h.mu.Lock()
	_, twice := h.sent[key]
	h.sent[key] = s
	h.mu.Unlock()
	if twice {
		return fmt.Errorf("attempt %v was granted twice", key)
	}
	if s.Link != nil {
		return f.RecordFetch(f.ctx, s.Link.Hash, db.Fetch{Time: now, Bytes: 8, Status: 200})
	}
	return nil
}

func (h *hammer) control(r *rand.Rand, job db.JobID, now time.Time) error {
	f := h.f
	var err error
	switch r.IntN(6) {
	case 0:
		_, err = f.PauseJob(f.ctx, job)
	case 1, 2:
		_, err = f.ResumeJob(f.ctx, job)
	case 3:
		_, err = f.StartSweep(f.ctx, job, db.SweepCancel, now)
	case 4:
		_, err = f.StartSweep(f.ctx, job, db.SweepRetry, now)
	}
	if err != nil {
		return err
	}
	busy, err := f.BusyJobs(f.ctx)
	for _, j := range busy {
		if err == nil {
			_, err = f.StepSweep(f.ctx, j.ID, 20, now)
		}
	}
	return err
}

// attempts compares the attempts on record with the sends that were granted.
func (h *hammer) attempts() {
	f, n := h.f, 0
	for _, job := range h.jobs {
		for _, t := range all(f, of(f.JobTasks, job)) {
			for _, a := range t.Attempts {
				n++
				if _, ok := h.sent[db.AttemptID{Task: t.ID, N: a.N}]; !ok {
					f.t.Errorf("attempt %d of %s was granted to nobody", a.N, t.ID)
				}
			}
		}
	}
	if n != len(h.sent) || n == 0 {
		f.t.Errorf("%d attempts are on record, %d were granted", n, len(h.sent))
	}
	for _, d := range h.devices {
		exclusive := 0
		for _, o := range one(f, f.OpenAttempts)(d.id) {
			if h.sent[o.ID].Exclusive {
				exclusive++
			}
		}
		if exclusive > 1 {
			f.t.Errorf("phone %s has %d restarts open", d.id, exclusive)
		}
	}
}
