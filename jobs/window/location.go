package window

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

var errZone = errors.New("is no zone of the IANA database, such as Europe/Berlin")

// zones keeps what was loaded: [time.LoadLocation] reads a file each time. Only
// names that exist get in, some 600.
var zones sync.Map // name → *time.Location

// LoadZone finds a zone by its name. "Local" is refused: it is another one on
// another machine.
func LoadZone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q %w", name, errZone)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q %w", clip([]byte(name)), errZone)
	}
	zones.Store(name, zone)
	return zone, nil
}
