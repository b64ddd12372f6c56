package certs

import (
	"testing"
)

// TestReloadNow takes other files when it is told to, and only whole ones.
func TestReloadNow(t *testing.T) {
	dir := t.TempDir()
	cert, key := makePair(t, dir, "one")
	other, otherKey := makePair(t, dir, "two")
	s, err := New(Options{Cert: cert, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ cert, key, ca string }{
		{other, key, ""}, {dir + "/none", key, ""}, {other, otherKey, key},
	} {
		if commit, err := s.Reload(tt.cert, tt.key, tt.ca); err == nil || commit != nil {
			t.Errorf("%v is taken", tt)
		}
	}
	commit, err := s.Reload(other, otherKey, cert)
	if err != nil {
		t.Fatal(err)
	}
	if got := shown(t, s); got != "one" {
		t.Errorf("before commit %q is shown", got)
	}
	commit()
	if got := shown(t, s); got != "two" {
		t.Errorf("%q is shown; want two", got)
	}
	if s.look().config.ClientCAs == nil {
		t.Error("the authorities of clients are not in force")
	}
	put(t, cert, other)
	put(t, key, otherKey)
	commit, err = s.Reload("", "", "")
	if err != nil {
		t.Fatal(err)
	}
	commit()
	if got := shown(t, s); got != "one" || s.look().config.ClientCAs != nil {
		t.Errorf("with new content %q is shown", got)
	}
}
