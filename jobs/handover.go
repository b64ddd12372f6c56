package jobs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// A download that waits for its slot may leave before it, in any session of the
// phone, with the window in it: the phone then fetches the file by itself, even
// if nobody reaches it (TR-069 A.4.1.8). That is done for phones alone whose
// site names the way, and whose firmware says that it takes ScheduleDownload.
// Whether the phone is in a call is left to it, by the window's mode; where the
// download may restart it, its lines are read all the same, as they have to be
// registered again afterwards. A phone that refuses is served at its slot, as is
// one whose window asks for idle time, and one that is not to do it any more is
// told to drop it; see handover_recall.go.

const (
	callSchedule = "ScheduleDownload"
	// handoverLeast is of a window what is left of it, at least: a phone needs
	// time for its answer, and for the end of the session.
	handoverLeast = time.Minute
	// handoverRetries is how often a phone may try anew by itself, at most.
	handoverRetries = 10
)

// nextHandover hands the nearest download over to the phone that waits for a
// slot to come, or returns nil.
func (s *Service) nextHandover(ctx context.Context, sess db.Session) (cwmp.Message, db.AttemptID, error) {
	none := db.AttemptID{}
	if !s.prompts.waits(sess.Phone.ID, sess.Token) {
		return nil, none, nil
	}
	m, err := s.methods(ctx, sess.Phone.ID)
	if err != nil {
		return nil, none, err
	}
	site, err := s.store.Site(ctx, sess.Phone.Site)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return nil, none, fmt.Errorf("site of %v: %w", sess.Phone.ID, err)
	}
	if !handsOver(&sess.Phone, &site, m) {
		return nil, none, nil
	}
	if restarting, err := s.restarting(ctx, sess.Phone.ID); err != nil || restarting {
		return nil, none, err
	}
	waiting, err := s.store.WaitingTasks(ctx, sess.Phone.ID, s.clock.Now(), promptPage)
	if err != nil {
		return nil, none, err
	}
	for i := range waiting {
		f := facts{job: &waiting[i].Job, task: &waiting[i].Task, phone: &sess.Phone, quirks: s.quirks.Of(ctx, &sess.Phone), now: s.clock.Now()}
		msg, id, err := s.handOver(ctx, sess, &f)
		if err != nil || msg != nil {
			return msg, id, err
		}
	}
	return nil, none, nil
}

// handsOver says whether downloads are handed over to a phone. What is not known
// of it is a reason not to.
func handsOver(p *db.Phone, site *db.Site, m *db.Methods) bool {
	return slices.Contains(site.Ways, db.WayScheduleDownload) && m.Known(clipText(p.SoftwareVersion)) && m.Has(callSchedule) &&
		!slices.Contains(m.Prompt.Refused, db.WayScheduleDownload)
}

// mayHandOver says whether a task is of those that are handed over, once for
// each slot, and that there is time for it.
func mayHandOver(j *db.Job, t *db.Task, now time.Time) bool {
	return j.Kind == db.KindDownload && j.When.Windowed() && t.State == db.TaskWaiting && !t.Closes.IsZero() &&
		t.Due.After(now) && t.Due.Sub(now) <= promptMost && t.Closes.Sub(now) >= handoverLeast &&
		!slices.ContainsFunc(t.Attempts, func(a db.Attempt) bool {
			return a.Handover != nil && a.Handover.From.Equal(t.Due) && a.Outcome != db.OutcomeDropped
		})
}

// handOver sends a task as a ScheduleDownload; nil if it is one for its slot.
func (s *Service) handOver(ctx context.Context, sess db.Session, f *facts) (msg cwmp.Message, id db.AttemptID, err error) {
	if !mayHandOver(f.job, f.task, f.now) {
		return nil, id, nil
	}
	o, err := s.slotter().of(ctx, f.job, f.phone)
	if err != nil || o == nil {
		return nil, id, err
	}
	if o.window.Inactivity() > 0 {
		return nil, id, nil // no phone can be told of that
	}
	if slot, ok := o.next(f.now); !ok || !slot.At.Equal(f.task.Due) || !slot.Closes.Equal(f.task.Closes) {
		return nil, id, nil // it is tried again, or its window was changed and it is about to be filed anew
	}
	if f.file, err = s.file(ctx, f.job); err != nil {
		if errors.Is(err, db.ErrNotFound) {
			err = nil // that is said when its slot has come
		}
		return nil, id, err
	}
	p, err := s.passing(ctx, f, download{}, true)
	if err != nil || p.why != "" {
		return nil, id, err // it may be otherwise by its slot
	}
	w, _ := downloadWay(f.file, f.phone, f.treatment())
	if w.lead {
		return nil, id, nil // a config that names a file is taken at once
	}
	g, err := s.linesBefore(ctx, sess, f)
	if err != nil || g.wait || g.ask != nil {
		return g.ask, id, err
	}
	h := db.Handover{From: f.task.Due, Until: f.task.Closes}
	t := download{}.traits()
	order := db.Send{
		Task: f.task.ID, Session: sess.Token, Now: f.now, Deadline: h.Until.Add(f.job.Deadline),
		Before: f.phone.SoftwareVersion, Exclusive: t.exclusive, Changes: t.changes, Handover: &h, Lines: g.lines,
		Evidence: append([]string{
			fmt.Sprintf("sent before its slot, as ScheduleDownload with its window from %s to %s", at(h.From), at(h.Until)),
			"whether it is in a call is left to the phone: the window says that it is to do it when it is idle",
		}, g.evidence...),
	}
	url, err := s.link(ctx, sess, *f, &order)
	if errors.Is(err, errLongURL) {
		return nil, id, nil // that is said when its slot has come
	} else if err != nil {
		return nil, id, err
	}
	a, err := s.store.MarkSent(ctx, order)
	switch {
	case errors.Is(err, db.ErrHeld), errors.Is(err, db.ErrConflict):
		return nil, id, nil
	case err != nil:
		return nil, id, fmt.Errorf("mark %v sent: %w", f.task.ID, err)
	}
	s.log.InfoContext(ctx, "task handed over", logkey.Attempt, a.Key, logkey.Kind, f.job.Kind)
	d := download{}.request(*f, a.Key, url).(*cwmp.Download)
	return &cwmp.ScheduleDownload{
		CommandKey: d.CommandKey, FileType: d.FileType, URL: d.URL, FileSize: d.FileSize, TargetFileName: d.TargetFileName,
		Windows: []cwmp.TimeWindow{{
			Start: seconds(math.Ceil, h.From.Sub(f.now)), End: seconds(math.Floor, h.Until.Sub(f.now)),
			Mode: cwmp.WindowWhenIdle, MaxRetries: min(f.job.Retry.Max, handoverRetries),
		}},
	}, db.AttemptID{Task: f.task.ID, N: a.N}, nil
}

// linesBefore finds out which lines of a phone are registered before it is
// handed over what may restart it. Unlike before a restart, what they do just
// now is no matter, and what the session has read of them is fresh enough.
func (s *Service) linesBefore(ctx context.Context, sess db.Session, f *facts) (g guarded, err error) {
	if !mayRestart(*f, download{}) || f.job.Calls == db.CallsIgnore {
		return g, nil
	}
	if _, held, err := s.store.Held(ctx, f.phone.ID); err != nil {
		return g, fmt.Errorf("hold of %v: %w", f.phone.ID, err)
	} else if held {
		return guarded{wait: true}, nil // it would not be sent, so nothing is asked
	}
	c := s.guards.of(sess.Phone.ID, sess.Token)
	if c.why == "" && c.at.IsZero() {
		msg, err := s.nextLook(ctx, sess, c, *f)
		if err != nil || msg != nil {
			return guarded{ask: msg}, err
		}
	}
	switch {
	case c.why != "" && f.job.Calls == db.CallsSkip:
		return guarded{wait: true}, nil // that is said when its slot has come
	case len(c.registered) > 0:
		g.lines = c.registered
		g.evidence = []string{isAre(len(c.registered), "line") + " registered before it"}
	case c.why != "":
		g.evidence = []string{"which of its lines are registered cannot be read (" + c.why + ")"}
	}
	return g, nil
}

// seconds writes a time from now on, rounded into the window.
func seconds(round func(float64) float64, d time.Duration) uint32 {
	return uint32(min(max(0, round(d.Seconds())), math.MaxUint32))
}
