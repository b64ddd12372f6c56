package app

import (
	"time"

	"phoneacs/jobs/window"
)

// zoneOf is the zone that windows and sites are in that name none. The name has
// been checked; without one it is the machine's.
func zoneOf(name string) *time.Location {
	if zone, err := window.LoadZone(name); err == nil {
		return zone
	}
	return time.Local
}
