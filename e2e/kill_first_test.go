package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKillFirstStart kills servers while they make their store. The next start
// completes what was begun, and its token file lets the operator in.
func TestKillFirstStart(t *testing.T) {
	const servers = 12
	begun := 0
	for i := range servers {
		dir := filepath.Join(t.TempDir(), "data")
		s := newServer(t, dir)
		s.env = nil
		s.launch()
		if i > 0 { // else before it has done anything
			eventually(t, time.Minute, "the directory of the store", func() error {
				_, err := os.Stat(dir)
				return err
			})
			pass(time.Duration(i) * 2 * time.Millisecond)
		}
		s.Kill()
		if _, err := os.Stat(filepath.Join(dir, tokenFile)); err != nil {
			begun++
		}
		s.Start()
		token, err := os.ReadFile(filepath.Join(dir, tokenFile))
		if err != nil {
			t.Fatalf("server %d: %v", i, err)
		}
		s.token = strings.TrimSpace(string(token))
		s.call(t, http.MethodGet, "/api/v1/phones", nil, nil)
		if err := s.Term(); err != nil {
			t.Fatal(fmt.Errorf("server %d ended with %w", i, err))
		}
		checkStore(t, dir)
	}
	t.Logf("%d of %d servers were killed before they had made their token", begun, servers)
}
