package app

import (
	"strings"
	"testing"

	"phoneacs/db/bolt"
)

// Below the threshold it is low, and stays so until there is a tenth more.
func TestRoomIsLow(t *testing.T) {
	low := false
	for i, step := range []struct {
		free int64
		want bool
	}{{2000, false}, {1000, false}, {999, true}, {1000, true}, {1099, true}, {1100, false}, {1050, false}, {-1, false}, {0, true}} {
		if low = isLow(low, step.free, 1000); low != step.want {
			t.Errorf("step %d, %d free: %t", i, step.free, low)
		}
	}
	if isLow(true, 5, 0) {
		t.Error("no threshold warns")
	}
}

func TestWarnFree(t *testing.T) {
	const disk = 100 << 30
	for _, tt := range []struct {
		warn, least string
		want        int64
		bad         string
	}{
		{"auto", "512MiB", 1 << 30, ""},
		{"auto", "0", 1 << 30, ""},
		{"auto", "3GiB", 6 << 30, ""},
		{"5%", "512MiB", 5 << 30, ""},
		{"2GiB", "1GiB", 2 << 30, ""},
		{"0", "1GiB", 0, ""},
		{"", "1GiB", 0, ""},
		{"1GiB", "1GiB", 0, "is not more than --min-free"},
		{"0%", "", 0, "want a part"},
		{"100%", "", 0, "want a part"},
		{"NaN%", "", 0, "want a part"},
		{"much", "", 0, "want a size"},
		{"-1", "", 0, "want a size"},
	} {
		got, err := (&Config{WarnFree: tt.warn, MinFree: tt.least}).warnFree()
		if tt.bad != "" {
			if err == nil || !strings.Contains(err.Error(), tt.bad) {
				t.Errorf("%q over %q: %v; want %q", tt.warn, tt.least, err, tt.bad)
			}
			continue
		}
		if err != nil || got.of(disk) != tt.want {
			t.Errorf("%q over %q: %d, %v; want %d", tt.warn, tt.least, got.of(disk), err, tt.want)
		}
	}
}

// The disk of the test is low for who asks for more than any disk has.
func TestWarning(t *testing.T) {
	s, err := bolt.Open(t.Context(), bolt.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := &room{store: s, warn: threshold{bytes: 1 << 50}}
	_, sp, err := r.look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if sp.Disk < 0 {
		t.Skip("this system does not tell how full its disks are")
	}
	if sp.DiskSize < sp.Disk {
		t.Errorf("of a disk of %d bytes %d are free", sp.DiskSize, sp.Disk)
	}
	if got := r.Warning(t.Context()); !strings.Contains(got, inBytes(sp.Disk)[:1]) || !strings.Contains(got, "less than --warn-free") {
		t.Errorf("warning %q", got)
	}
	r = &room{store: s, warn: threshold{bytes: 1}}
	if got := r.Warning(t.Context()); got != "" {
		t.Errorf("warning %q", got)
	}
}
