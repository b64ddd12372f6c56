package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
	"phoneacs/db/bolt"
	"phoneacs/internal/logkey"
)

// roomEvery is how often it is looked for room on the disk.
const roomEvery = 30 * time.Second

// A room watches how much of the disk is left.
type room struct {
	store *bolt.Store
	warn  threshold

	mu  sync.Mutex
	low bool
}

// look measures. Room that is low stays so until there is a tenth more than is
// asked for: else what comes and goes would warn again and again.
func (r *room) look(ctx context.Context) (low bool, sp db.Space, err error) {
	if sp, err = r.store.Space(ctx); err != nil {
		return false, sp, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.low = isLow(r.low, sp.Disk, r.warn.of(sp.DiskSize))
	return r.low, sp, nil
}

func isLow(was bool, free, least int64) bool {
	if free < 0 || least <= 0 {
		return false
	}
	if was {
		return free < least+least/10
	}
	return free < least
}

// Warning is a sentence on room that gets low; "": it does not.
func (r *room) Warning(ctx context.Context) string {
	low, sp, err := r.look(ctx)
	if err != nil || !low {
		return ""
	}
	return fmt.Sprintf("the disk gets full: %s are free, which is less than --warn-free; the store takes %s", inBytes(sp.Disk), inBytes(sp.Store))
}

// watchRoom says in the log when the disk gets low on room, when it has less
// than is to stay free, and when it has it again, until ctx ends.
func (a *App) watchRoom(ctx context.Context) error {
	tick := time.NewTicker(roomEvery)
	defer tick.Stop()
	for tight, low := false, false; ; {
		switch err := a.store.RoomFor(0); {
		case err != nil && !tight:
			a.log.WarnContext(ctx, "little room on the disk: large orders, files and backups are refused", logkey.Path, a.cfg.Data, logkey.Err, err)
			tight = true
		case err == nil && tight:
			a.log.InfoContext(ctx, "there is room on the disk again", logkey.Path, a.cfg.Data)
			tight = false
		}
		switch now, sp, err := a.room.look(ctx); {
		case err != nil: // the store has failed, which is said elsewhere
		case now && !low:
			a.log.WarnContext(ctx, "the disk gets full", logkey.Path, a.cfg.Data, logkey.Bytes, sp.Disk)
			low = true
		case low && !now:
			a.log.InfoContext(ctx, "the disk has room enough again", logkey.Path, a.cfg.Data, logkey.Bytes, sp.Disk)
			low = false
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// measureSpace registers what the store takes and what is left for it.
func measureSpace(r prometheus.Registerer, rm *room) error {
	m := &spaceMetrics{store: rm.store}
	low := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "phoneacs_disk_low", Help: "1 while the disk has less room than --warn-free, else 0.",
	}, func() float64 {
		if low, _, err := rm.look(context.Background()); err == nil && low {
			return 1
		}
		return 0
	})
	if err := r.Register(low); err != nil {
		return fmt.Errorf("register phoneacs_disk_low: %w", err)
	}
	for _, g := range []struct {
		name, help string
		of         func(db.Space) int64
	}{
		{"phoneacs_store_bytes", "Size of the store's file.", func(s db.Space) int64 { return s.Store }},
		{"phoneacs_store_free_bytes", "Bytes of the store's file that are free for what is written next.", func(s db.Space) int64 { return s.Free }},
		{"phoneacs_disk_free_bytes", "Room on the disk of the data directory; -1 if that is not known.", func(s db.Space) int64 { return s.Disk }},
	} {
		gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help}, func() float64 { return float64(g.of(m.read())) })
		if err := r.Register(gauge); err != nil {
			return fmt.Errorf("register %s: %w", g.name, err)
		}
	}
	return nil
}

// spaceMetrics measures once for gauges that are read together.
type spaceMetrics struct {
	store *bolt.Store
	mu    sync.Mutex
	at    time.Time
	space db.Space
}

func (m *spaceMetrics) read() db.Space {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Since(m.at) > time.Second {
		if s, err := m.store.Space(context.Background()); err == nil { // else the last one stands
			m.space, m.at = s, time.Now()
		}
	}
	return m.space
}
