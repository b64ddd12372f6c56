package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// TestBasicUnasked: Basic that nobody has asked for, as curl and some phones
// send it with their first message, is taken within TLS, and not looked at
// without.
func TestBasicUnasked(t *testing.T) {
	tlsAddr := freeAddr(t)
	s := startServer(t, t.TempDir(), "--cwmp-tls", tlsAddr, "--phone-networks", "127.0.0.0/8")
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: 1, Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02,
	})
	p := fleet.Phone(0)
	id := s.awaitPhones(t, 1, 30*time.Second)[0].ID
	s.approve(t, id)
	s.awaitStanding(t, id, "approved", "own")
	user, _ := p.Param(p.Root() + "ManagementServer.Username")
	password, _ := p.Param(p.Root() + "ManagementServer.Password")

	dir := t.TempDir()
	message := inform(p.Serial(), informOptions{})
	posts := func(url, password string) string {
		t.Helper()
		peer(t, dir, message, "curl", "-sS", "--max-time", "20", "--cacert", filepath.Join(s.dir, "tls", "ca.crt"), "-o", "answer", "-w", "%{http_code}",
			"--basic", "-u", user+":"+password, "-H", "Content-Type: text/xml", "--data-binary", "@-", "-D", "head", url)
		head, err := os.ReadFile(filepath.Join(dir, "head"))
		if err != nil || len(head) < len("HTTP/1.1 200") {
			t.Fatalf("the head of the answer: %q, %v", head, err)
		}
		return string(head[len("HTTP/1.1 "):len("HTTP/1.1 200")])
	}
	for _, tt := range []struct {
		name, url, password string
		want                int
	}{
		{"within TLS", "https://" + tlsAddr + "/acs", password, http.StatusOK},
		{"within TLS, a wrong one", "https://" + tlsAddr + "/acs", "no idea", http.StatusUnauthorized},
		{"without TLS", s.ACS(), password, http.StatusUnauthorized},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := posts(tt.url, tt.password); got != strconv.Itoa(tt.want) {
				t.Errorf("status %s; want %d", got, tt.want)
			}
		})
	}
}
