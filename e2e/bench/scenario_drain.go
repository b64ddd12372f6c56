package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/e2e/bench/load"
)

// jobsDrain measures how many downloads the server takes to their end in a
// second, from the order on. Every other phone is done at once; the rest put
// the download off and report it in a session of its own. None fetches the
// file.
func jobsDrain(ctx context.Context, l *lab, s *sheet) error {
	f := fleet{known: l.cfg.drain, speak: l.cfg.drain, use: "drain"}
	server, err := l.side(ctx, f)
	if err != nil {
		return err
	}
	defer server.stop()
	file, err := server.admin.addFile(ctx, "bench.cfg", configFile())
	if err != nil {
		return err
	}

	start := time.Now()
	ordered, err := server.admin.download(ctx, file, rightNow)
	if err != nil {
		return err
	}
	end := l.awaitEnd(ctx, server.admin, ordered)
	m, err := l.measure(ctx, server, load.Options{
		AtOnce: l.cfg.drainers, Stop: end.reached, DownloadStatus: func(p load.Phone) int { return int(p % 2) },
	})
	<-end.reached
	if err := errors.Join(err, end.err); err != nil && !errors.Is(err, errPatience) {
		return err
	}

	// What the phones saw end is what counts; how the server sees it stands beside.
	took := end.at.Sub(start)
	pace := float64(m.Downloads) / took.Seconds()
	if end.err != nil {
		s.miss("downloads ended a second", end.err, drainedTarget)
	} else {
		s.judge("downloads ended a second", fmt.Sprintf("%s (%s in %.1f s; %s)",
			grouped(int(pace)), grouped(m.Downloads), took.Seconds(), tasks(end.job)), pace, drainedTarget)
	}
	s.add("sessions/s meanwhile", "%s at %d at a time", grouped(int(m.Rate())), l.cfg.drainers)
	s.add("latency p50, p99 meanwhile", "%s, %s", milliseconds(m.Percentile(0.5)), milliseconds(m.Percentile(0.99)))
	s.judgeLost(m.Result)
	s.addMemory("RssAnon (VmHWM) of the server", []measure{m})
	return nil
}

// An end is the end of a job, once reached is closed.
type end struct {
	reached chan struct{}
	job     job
	at      time.Time
	err     error // why it was not waited for any longer
}

// awaitEnd begins to wait for the end of a job.
func (l *lab) awaitEnd(ctx context.Context, a *admin, j job) *end {
	e := &end{reached: make(chan struct{})}
	go func() {
		defer close(e.reached)
		e.job, e.err = l.await(ctx, a, j, ended)
		e.at = time.Now()
	}()
	return e
}
