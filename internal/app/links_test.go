package app

import (
	"strings"
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/internal/record"
	"phoneacs/provision"
)

// linkStore is a store of files that nobody asks.
type linkStore struct{ provision.Store }

// TestLinksAreMasked holds what recordings mask to the links that are given out.
func TestLinksAreMasked(t *testing.T) {
	s, err := provision.New(provision.Options{Store: linkStore{}})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		u, _, err := s.Link("http://acs.example:7547", db.File{ID: 1, Name: "a.z", SHA256: "ab", Size: 1}, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(u, provision.Prefix)
		secret, _, _ := strings.Cut(rest, "/")
		if got := new(record.Masker).Text("see " + u); got != "see http://acs.example:7547/files/****/a.z" || secret == "" {
			t.Errorf("%s is shown as %s", u, got)
		}
	}
}
