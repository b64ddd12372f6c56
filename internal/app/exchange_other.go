//go:build !linux

package app

import "errors"

// exchange is what only linux can.
func exchange(string, string) error { return errors.ErrUnsupported }
