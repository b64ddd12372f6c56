//go:build !race

package rehearsal

import "time"

// small is how many phones the rehearsal has that is part of all tests, and
// smallLasts how long it lasts: over two periods of a window.
const (
	small      = 120
	smallLasts = 26*time.Hour + 20*time.Minute
)
