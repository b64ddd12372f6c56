package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"phoneacs/e2e/bench/load"
)

// backupSessions measures a backup of the largest fleet that is made while
// phones inform, and what they notice of it: their sessions before and after it
// are what those meanwhile are compared with.
func backupSessions(ctx context.Context, l *lab, s *sheet) error {
	data, err := l.data(ctx, l.manyFleet())
	if err != nil {
		return err
	}
	size, err := os.Stat(storeFile(data))
	if err != nil {
		return fmt.Errorf("look at the store: %w", err)
	}
	server, err := l.side(ctx, l.manyFleet())
	if err != nil {
		return err
	}
	defer server.stop()
	// What an earlier scenario changed is changed back before it counts.
	if err := l.inform(ctx, server, load.Periodic, 0); err != nil {
		return err
	}
	var without [2]measure
	if without[0], err = l.measure(ctx, server, load.Options{AtOnce: l.cfg.atOnce, For: l.cfg.round}); err != nil {
		return err
	}
	made := l.makeBackup(ctx, server.admin)
	with, err := l.measure(ctx, server, load.Options{AtOnce: l.cfg.atOnce, Stop: made.reached})
	<-made.reached
	if err := errors.Join(err, made.err); err != nil {
		return err
	}
	if without[1], err = l.measure(ctx, server, load.Options{AtOnce: l.cfg.atOnce, For: l.cfg.round}); err != nil {
		return err
	}
	if made.backup.Counts.Phones != l.cfg.many {
		return fmt.Errorf("%d of %d phones are in the backup", made.backup.Counts.Phones, l.cfg.many)
	}
	if err := server.admin.call(ctx, http.MethodDelete, backups+"/"+url.PathEscape(made.backup.ID), "", nil, nil); err != nil {
		return fmt.Errorf("remove the backup: %w", err)
	}
	after, err := os.Stat(storeFile(data))
	if err != nil {
		return fmt.Errorf("look at the store: %w", err)
	}

	quiet := together(without[:])
	s.judge("backup of "+grouped(l.cfg.many)+" phones made", fmt.Sprintf("%.1f s (%s)", made.took.Seconds(), mebibytes(made.backup.Size)),
		made.took.Seconds(), backupTarget)
	s.add("store's file before, after", "%s, %s", mebibytes(size.Size()), mebibytes(after.Size()))
	pace := with.Rate() / quiet.Rate()
	s.judge("sessions/s meanwhile ÷ without", fmt.Sprintf("%.2f (%s ÷ %s)", pace,
		grouped(int(with.Rate())), grouped(int(quiet.Rate()))), pace, backupPaceTarget)
	late := with.Percentile(0.99)
	s.judge("latency p99 meanwhile (without)", fmt.Sprintf("%s (%s)",
		milliseconds(late), milliseconds(quiet.Percentile(0.99))), late.Seconds(), backupLatencyTarget)
	s.add("latency p50, slowest meanwhile (without)", "%s, %s (%s, %s)", milliseconds(with.Percentile(0.5)), milliseconds(with.Percentile(1)),
		milliseconds(quiet.Percentile(0.5)), milliseconds(quiet.Percentile(1)))
	s.judgeMemory("RssAnon (VmHWM) meanwhile", []measure{with}, crowdTarget)
	s.addMemory("RssAnon (VmHWM) before", without[:1])
	s.judgeLost(load.Merge(quiet, with.Result))
	return nil
}

const backups = "/api/v1/backups"

// A backup is what the admin side tells of one.
type backup struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Why    string `json:"why"`
	Size   int64  `json:"size"` // bytes, packed
	Counts struct {
		Phones int `json:"phones"`
	} `json:"counts"`
}

// The states of a backup that are waited for.
const (
	backupRunning = "running"
	backupReady   = "ready"
)

// A made is a backup that is made, once reached is closed.
type made struct {
	reached chan struct{}
	backup  backup
	took    time.Duration
	err     error
}

// makeBackup begins to have a backup made.
func (l *lab) makeBackup(ctx context.Context, a *admin) *made {
	m := &made{reached: make(chan struct{})}
	go func() {
		defer close(m.reached)
		start := time.Now()
		m.backup, m.err = l.backup(ctx, a)
		m.took = time.Since(start)
	}()
	return m
}

// backup has a backup made and waits for it.
func (l *lab) backup(ctx context.Context, a *admin) (b backup, err error) {
	deadline := time.Now().Add(l.cfg.patience)
	method, path, body := http.MethodPost, backups, []byte("{}")
	for {
		if err := a.call(ctx, method, path, "application/json", body, &b); err != nil {
			return b, fmt.Errorf("make a backup: %w", err)
		}
		switch {
		case b.State == backupReady:
			return b, nil
		case b.State != backupRunning:
			return b, fmt.Errorf("backup %s is %s: %s", b.ID, b.State, b.Why)
		case time.Now().After(deadline):
			return b, fmt.Errorf("backup %s is %s: %w", b.ID, b.State, errPatience)
		}
		method, path, body = http.MethodGet, backups+"/"+url.PathEscape(b.ID), nil
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return b, err
		}
	}
}
