package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestTokenWithoutStore makes no store where there is none.
func TestTokenWithoutStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	r := runLine(t.Context(), "token", "create", "--data", dir, "--name", "me", "--role", "admin")
	if r.status != exitUsage || !strings.Contains(r.errOut, "--data: there is no store") {
		t.Errorf("%+v", r)
	}
}
