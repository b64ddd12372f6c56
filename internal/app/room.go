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

// watchRoom says in the log when the disk has less room than is to stay free,
// and when it has it again, until ctx ends.
func (a *App) watchRoom(ctx context.Context) error {
	tick := time.NewTicker(roomEvery)
	defer tick.Stop()
	for tight := false; ; {
		switch err := a.store.RoomFor(0); {
		case err != nil && !tight:
			a.log.WarnContext(ctx, "little room on the disk: large orders, files and backups are refused", logkey.Path, a.cfg.Data, logkey.Err, err)
			tight = true
		case err == nil && tight:
			a.log.InfoContext(ctx, "there is room on the disk again", logkey.Path, a.cfg.Data)
			tight = false
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// measureSpace registers what the store takes and what is left for it.
func measureSpace(r prometheus.Registerer, store *bolt.Store) error {
	m := &spaceMetrics{store: store}
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
