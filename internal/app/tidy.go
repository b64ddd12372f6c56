package app

import (
	"context"
	"time"

	"phoneacs/internal/logkey"
)

// tidyEvery is how often bytes are looked for that a crash left without an
// entry in the catalogue.
const tidyEvery = time.Hour

// tidy removes them until ctx ends.
func (a *App) tidy(ctx context.Context) error {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		if err := a.files.Tidy(ctx); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "files not tidied", logkey.Err, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
