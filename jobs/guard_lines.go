package jobs

import (
	"context"
	"fmt"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// An attempt that restarts a phone has had its effect only when the lines that
// were registered before are so again. From the kind's own proof on the attempt
// awaits them and nothing else: they are read in each session of the phone, for
// which it is woken, until they are all registered or their time is over.

const (
	// linesWithin is how long lines have to register again, unless the job's
	// deadline is shorter.
	linesWithin = 10 * time.Minute
	// linesUnwoken is for how long lines are awaited of a phone that cannot be
	// woken: it is looked at in the session that it begins itself. Meanwhile the
	// attempt holds back no more than that session could have taken.
	linesUnwoken = 25 * time.Hour
)

// linesTime is how long the lines of a job's phones have.
func linesTime(j *db.Job) time.Duration { return min(linesWithin, j.Deadline) }

// nextLines says when lines that are down are looked at again, of so much time
// that they have: with 10 minutes each 15 s at first, each minute later, and
// 10 s before the end; zero: no more.
func nextLines(shown, now time.Time, within time.Duration) time.Time {
	next := now.Add(within / 10)
	if now.Sub(shown) < within/10 {
		next = now.Add(within / 40)
	}
	if last := shown.Add(within - within/60); next.After(last) {
		if next = last; !now.Before(last) {
			next = time.Time{}
		}
	}
	return next
}

// awaitLines takes the proof of an attempt for a part of it. That the phone is
// woken to look is durable with it, so it outlives this session and the server.
func (s *Service) awaitLines(ctx context.Context, f facts, k kind, r ruling, session db.SessionToken) error {
	l := *f.attempt.Lines
	l.Shown, l.Proof, l.Wake = f.now, r.why, nextLines(f.now, f.now, linesTime(f.job))
	v := decide(f, k.traits(), accepted(fmt.Sprintf("%s; waits for %s to register again", r.why, counted(len(l.Names), "line")), r.evidence...), session)
	v.Complete, v.Lines, v.Deadline = r.complete, &l, f.now.Add(linesTime(f.job))
	if _, err := s.judge(ctx, f, v); err != nil {
		return err
	}
	if session != "" {
		s.reads.expect(db.AttemptID{Task: f.task.ID, N: f.attempt.N}, session)
	}
	return nil
}

// askLines returns the next request that reads the lines which an attempt
// awaits, or nil.
func (s *Service) askLines(ctx context.Context, sess db.Session, f facts, id db.AttemptID) cwmp.Message {
	rd := s.walks.get(id)
	if rd == nil || rd.session != sess.Token {
		rd = newReading(readValues, f.attempt.Lines.Names)
		rd.keep = true
		rd.treat(s.quirks.Of(ctx, &sess.Phone), "")
		s.walks.teach(rd, &sess.Phone)
	}
	msg := rd.next(sess.Token)
	s.walks.put(id, rd, &sess.Phone)
	if msg != nil {
		s.log.DebugContext(ctx, "lines read after a restart", logkey.Attempt, f.attempt.Key)
	}
	return msg
}

// linesTold takes what a phone answered to that.
func (s *Service) linesTold(ctx context.Context, sess db.Session, f facts, k kind, answer cwmp.Message) error {
	id := db.AttemptID{Task: f.task.ID, N: f.attempt.N}
	rd := s.walks.get(id)
	if rd == nil || rd.session != sess.Token || rd.out == nil {
		return nil // to the attempt's own RPC, after its effect was shown
	}
	if m, ok := answer.(*cwmp.Fault); ok {
		rd.refused(m.Code, m.String)
	} else if _, _, ok := rd.took(answer); !ok {
		s.walks.put(id, rd, f.phone)
		return s.note(ctx, f, []string{"the phone did not say whether its lines are registered"})
	}
	s.walks.put(id, rd, f.phone)
	if !rd.done() {
		s.reads.expect(id, sess.Token)
		return nil
	}
	return s.judgeLines(ctx, sess, f, k, rd)
}

// judgeLines judges lines that were read.
func (s *Service) judgeLines(ctx context.Context, sess db.Session, f facts, k kind, rd *reading) error {
	values := make(map[string]string, len(rd.values))
	for _, p := range rd.values {
		values[p.Name] = p.Value
	}
	l := *f.attempt.Lines
	l.Looked, l.At, l.Down = l.Looked+1, f.now, nil
	for _, name := range l.Names {
		switch value, told := values[name]; {
		case !told:
			l.Down = append(l.Down, lineLabel(name)+" is not told")
		case !says(f.phone, name, value):
			l.Down = append(l.Down, fmt.Sprintf("%s is %s", lineLabel(name), quoted(value)))
		}
	}
	after := span(f.now.Sub(l.Shown))
	if len(l.Down) == 0 {
		r := proven(fmt.Sprintf("%s; %s registered again", l.Proof, isAre(len(l.Names), "line")),
			fmt.Sprintf("%s registered again, read %s later", isAre(len(l.Names), "line"), after))
		_, err := s.judge(ctx, f, decide(f, k.traits(), r, sess.Token))
		return err
	}
	if f.now.Sub(l.Shown) > linesTime(f.job) {
		_, err := s.judge(ctx, f, decide(f, k.traits(), linesLost(&l, f.now), sess.Token))
		return err
	}
	l.Wake = nextLines(l.Shown, f.now, linesTime(f.job))
	v := decide(f, k.traits(), accepted(fmt.Sprintf("%s; waits for lines to register again: %s", l.Proof, enumerate(l.Down))), sess.Token)
	v.Lines = &l
	if was := f.attempt.Lines.Down; len(was) != len(l.Down) || was[0] != l.Down[0] {
		v.Evidence = []string{fmt.Sprintf("not registered %s later: %s", after, enumerate(l.Down))}
	}
	_, err := s.judge(ctx, f, v)
	return err
}

// linesOverdue ends an attempt whose lines did not come back in time. A phone
// that could not be woken to look has until it begins a session itself.
func (s *Service) linesOverdue(ctx context.Context, f facts, k kind, phone *db.PhoneStatus) error {
	l := *f.attempt.Lines
	until := l.Shown.Add(linesUnwoken)
	if phone.WakeError == "" || phone.LastWake.Before(l.Shown) || !f.now.Before(until) {
		_, err := s.judge(ctx, f, decide(f, k.traits(), linesLost(&l, f.now), ""))
		return err
	}
	l.Wake = time.Time{}
	v := decide(f, k.traits(), accepted(l.Proof+"; whether its lines are registered again is read when it begins a session: it could not be woken"), "")
	v.Lines, v.Deadline = &l, until
	_, err := s.judge(ctx, f, v)
	return err
}

// linesLost is the ruling on lines that did not register again.
func linesLost(l *db.LineWait, now time.Time) ruling {
	why := fmt.Sprintf("%s, but whether its lines are registered again could not be read within %s", l.Proof, span(now.Sub(l.Shown)))
	if len(l.Down) > 0 {
		why = fmt.Sprintf("%s, but %d of %s not registered again within %s: %s",
			l.Proof, len(l.Down), isAre(len(l.Names), "line"), span(now.Sub(l.Shown)), enumerate(l.Down))
	}
	return ruling{event: db.EventRefute, cause: db.CauseLines, why: why, evidence: []string{fmt.Sprintf("its lines were looked at %s", times(l.Looked))}}
}

func explainLines(f *facts) string {
	l := f.attempt.Lines
	why := f.task.Why
	if l.Looked > 0 {
		why += fmt.Sprintf("; looked %s", times(l.Looked))
	}
	if !l.Wake.IsZero() {
		why += "; looked at again at " + at(l.Wake)
	}
	return fmt.Sprintf("%s; until %s", why, at(f.attempt.Deadline))
}

// quoted is a value for a sentence.
func quoted(value string) string {
	if value = clip(value); value == "" {
		return "empty"
	}
	return value
}
