//go:build race

package rehearsal

import "time"

// small is how many phones the rehearsal has that is part of all tests, and
// smallLasts how long it lasts; the race detector makes each phone and each hour
// cost five times as much, so there is one period of a window alone.
const (
	small      = 60
	smallLasts = 200 * time.Minute
)
