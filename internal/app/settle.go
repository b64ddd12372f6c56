package app

import (
	"context"
	"net/http"
	"sync"
	"time"

	"phoneacs/internal/logkey"
)

// settle lets what is open end, for Config.Drain at most: first the sessions of
// phones, for which the operators' side goes on and says that the server stops;
// then transfers and requests. A store that fails ends it early.
func (a *App) settle(ctx context.Context, servers ...*http.Server) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.Drain)
	defer cancel()
	go func() {
		select {
		case <-a.store.Failed():
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := a.acs.Drain(ctx); err != nil {
		a.log.Warn("sessions still open were cut off; their phones will come again", logkey.Err, err)
	}
	a.shutDown(ctx, servers)
}

// shutDown takes no further requests and lets those that are open end before
// ctx does.
func (a *App) shutDown(ctx context.Context, servers []*http.Server) {
	var wg sync.WaitGroup
	for _, srv := range servers {
		wg.Go(func() {
			if err := srv.Shutdown(ctx); err != nil {
				a.log.Warn("requests still open were cut off", logkey.Err, err)
			}
		})
	}
	wg.Wait()
}

// lastWords lets those who wait for a commit that has failed learn of it.
func (a *App) lastWords(ctx context.Context, servers ...*http.Server) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	a.shutDown(ctx, servers)
}
