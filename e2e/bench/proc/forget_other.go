//go:build !linux

package proc

import (
	"errors"
	"fmt"
)

// Forget fails: other systems have other ways, or none.
func Forget(path string) error { return fmt.Errorf("forget %s: %w", path, errors.ErrUnsupported) }
