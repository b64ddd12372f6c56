package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/db/bolt"
	"phoneacs/internal/sim"
)

// TestSyncOrder records the system calls of a server at work and lets the power
// fail in thought. It holds that
//
//   - in the instant in which an answer that promises something begins to
//     leave, what it promises is on the disk, though every write that no sync
//     covers be lost: each promise is looked up in the store rebuilt so;
//   - the first admin token is in its file for sure before the store knows it,
//     or else nobody could get in; so is the key before anything is sealed by it;
//   - whenever the power fails, and whatever becomes of the writes that no sync
//     covers, the store opens and Check has nothing to say. Only the making of
//     the file, before anything is promised, is left out.
func TestSyncOrder(t *testing.T) {
	phones, points := 6, 60
	if testing.Short() {
		phones, points = 3, 20
	}
	dir := filepath.Join(t.TempDir(), "data") // for the server to make
	s := newServer(t, dir, "--enrol", "open", "--phone-networks", "127.0.0.0/8", "--drain", "2s")
	s.env = nil // the server is to make the first token, and keep it in a file
	file := underStrace(t, s)
	s.Start()
	token, err := os.ReadFile(filepath.Join(dir, tokenFile))
	if err != nil {
		t.Fatal(err)
	}
	s.token = strings.TrimSpace(string(token))
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: phones, Models: []string{"X6", "H5"}, PeriodicInterval: -1,
		RetryScale: 0.05, BootTime: 20 * time.Millisecond,
	})
	fleet.Phone(0).Set(sim.Behaviour{DownloadNow: true})
	s.awaitPhones(t, phones, time.Minute)
	eachInforms(t, fleet, func(p *sim.Phone) { p.SetParam(p.Root()+"DeviceInfo.ProvisioningCode", "changed") })
	eachInforms(t, fleet, (*sim.Phone).PowerCut)

	everyone := map[string]any{"all": true}
	config := s.addFile(t, "sync.cfg", "config", "", "", fmt.Appendf(nil, "%3000s", "sync"))
	image := s.addFile(t, "sync.z", "firmware", "X6", "9.9.9", sim.FirmwareImage([]string{"X6"}, "9.9.9", 50_000))
	for _, o := range []newJob{downloadNow(config, everyone), rebootNow(everyone), downloadNow(image, everyone)} {
		id := s.order(t, o).ID
		if j := s.awaitEnded(t, id, 2*time.Minute); j.Counts["succeeded"]+j.Counts["skipped"] != phones {
			t.Errorf("%s ended with %v", id, j.Counts)
		}
	}
	if err := s.Term(); err != nil {
		t.Fatalf("the server ended with %v", err)
	}
	calls := readTrace(t, s, file)
	d := readDisk(t, dir, calls)
	checkToken(t, d)
	kept := checkPromises(t, d, promises(t, exchanges(t, calls)))
	flashed := (phones + 1) / 2
	for kind, want := range map[string]int{
		"0 BOOTSTRAP": phones, "1 BOOT": 3*phones + flashed, "4 VALUE CHANGE": phones, "M Reboot": phones, "job": 3, "file": 2,
		"Download": phones + flashed, "DownloadResponse": phones + flashed, "TransferCompleteResponse": phones - 1 + flashed - 1,
		"Reboot": phones, "RebootResponse": phones,
	} {
		if kept[kind] < want {
			t.Errorf("%d promises of kind %q were found; want at least %d", kept[kind], kind, want)
		}
	}
	disks := checkLosses(t, d, points)
	t.Logf("%d system calls, %d writes and %d syncs of the store; promises kept: %v; %d states of the disk are sound",
		len(calls), len(d.ops), len(d.syncs), kept, disks)
}

// eachInforms does something to each phone and waits until it has told of it.
func eachInforms(t *testing.T, fleet *sim.Fleet, do func(*sim.Phone)) {
	t.Helper()
	for i := range fleet.Len() {
		p := fleet.Phone(i)
		before := p.Ledger().Sessions
		do(p)
		if err := p.Await(t.Context(), func(l sim.Ledger) bool { return l.Sessions > before }); err != nil {
			t.Fatalf("phone %d does not inform: %v", i, err)
		}
	}
}

// tokenFile is where the server leaves the first admin token.
const tokenFile = "admin-token"

// checkToken finds the first sync that makes a token known to the store.
func checkToken(t *testing.T, d *disk) {
	t.Helper()
	path := filepath.Join(d.dir, tokenFile)
	for _, at := range d.syncs[1:] {
		known := 0
		err := lookInto(t, d.after(t, at.begin, d.ops[:at.n]), func(ctx context.Context, s *bolt.Store) (err error) {
			known, err = s.CountTokens(ctx)
			return err
		})
		switch n := d.names[path]; {
		case err != nil:
			t.Fatal(err)
		case known == 0:
			continue
		case n == nil || n.synced == 0 || n.synced >= at.begin || !d.named(path, at.begin):
			t.Errorf("the store knows the token from the sync on line %d on, and %s may be lost: %+v", at.begin, path, n)
		}
		return
	}
	t.Error("the store never knows a token")
}

// checkPromises looks each promise up in what is on the disk for sure as it
// leaves, and counts those that are kept.
func checkPromises(t *testing.T, d *disk, all []promise) (kept map[string]int) {
	t.Helper()
	slices.SortStableFunc(all, func(a, b promise) int { return a.leaves - b.leaves })
	kept = map[string]int{}
	for _, p := range all {
		if store := filepath.Join(d.dir, bolt.FileName); !d.named(store, p.leaves) {
			t.Errorf("%s %s leaves on line %d, before %s is found for sure after a loss of power",
				p.kind, p.what, p.leaves, store)
			return kept
		}
		dir := d.after(t, p.leaves, d.ops[:d.durable(p.leaves)])
		if err := lookInto(t, dir, p.kept); err != nil {
			t.Errorf("%s %s leaves on line %d and is not on the disk: %v", p.kind, p.what, p.leaves, err)
			continue
		}
		kept[p.kind]++
	}
	return kept
}

// checkLosses lets the power fail just before some of the syncs have their
// effect, evenly chosen, with all kinds of loss, and counts the disks that
// were looked at.
func checkLosses(t *testing.T, d *disk, points int) (disks int) {
	t.Helper()
	if len(d.syncs) < points {
		t.Errorf("%d syncs; want at least %d", len(d.syncs), points)
	}
	for i := range min(points, len(d.syncs)-1) {
		if t.Failed() && i > points/10 {
			return disks // the rest will say the same
		}
		at := d.syncs[1+i*(len(d.syncs)-1)/points]
		sure := d.durable(at.begin)
		for _, l := range losses {
			ops := append(slices.Clone(d.ops[:sure]), l.of(d.ops[sure:at.n])...)
			if err := lookInto(t, d.after(t, at.begin, ops), nil); err != nil {
				t.Errorf("the power fails before the sync on line %d, with %d writes open, %s: %v", at.begin, at.n-sure, l.name, err)
			}
			disks++
		}
	}
	return disks
}
