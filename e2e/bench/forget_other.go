//go:build !linux

package main

import (
	"errors"
	"fmt"
)

// forget fails: other systems have other ways, or none.
func forget(path string) error { return fmt.Errorf("forget %s: %w", path, errors.ErrUnsupported) }
