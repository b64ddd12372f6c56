package app

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"phoneacs/db"
	"phoneacs/internal/sim"
)

// role is what a phone of the demo is there to show.
type role int

// The roles, dealt out in turn. The fleet's five models are dealt out likewise,
// so that a role has one model: those of firmware are X6.
const (
	roleRestarts  role = iota // restarted now and then
	roleFlashes               // X6: gets firmware
	roleRefuses               // its first file fails with a fault
	roleMute                  // takes a file and never says what became of it
	roleSlow                  // takes two seconds for each message, so that it can be watched
	roleLater                 // has something to do tomorrow
	roleNothing               // X6: gets the firmware that it has
	roleTakenBack             // its order is cancelled
	rolePaused                // its order is paused
	roleHeld                  // one of them is held; its order expires
	roles
)

func roleOf(i int) role { return role(i % int(roles)) }

// demoSites are the places, each with a zone of its own.
var demoSites = []db.Site{
	{Name: "Demo Berlin", Zone: "Europe/Berlin"},
	{Name: "Demo Lisbon", Zone: "Europe/Lisbon"},
	{Name: "Demo New York", Zone: "America/New_York"},
}

// furnish gives a new store its sites, phones, files and first orders, before
// the first phone speaks; a store that has them is left as it is, but that its
// phones are taken for who they say, as they lost what they were issued with
// the process that they lived in.
func (d *demo) furnish(ctx context.Context) (map[role][]db.PhoneID, error) {
	store := d.app.store
	sites, err := store.ListSites(ctx, db.Query{Limit: db.MaxLimit})
	if err != nil {
		return nil, err
	}
	have := make(map[string]db.SiteID)
	for _, s := range sites.Items {
		have[s.Name] = s.ID
	}
	jobs, err := store.ListJobs(ctx, db.Query{Limit: 1})
	if err != nil {
		return nil, err
	}
	var at []db.SiteID
	for _, s := range demoSites {
		id, ok := have[s.Name]
		if !ok {
			if s, err = store.CreateSite(ctx, s); err != nil {
				return nil, err
			}
			id = s.ID
		}
		at = append(at, id)
	}
	ids, err := d.enlist(ctx, at)
	if err != nil || len(jobs.Items) > 0 {
		return ids, err
	}
	return ids, d.firstOrders(ctx, ids)
}

// enlist imports the phones. Of a larger fleet one in twenty is left to come by
// itself, and to wait for approval.
func (d *demo) enlist(ctx context.Context, at []db.SiteID) (map[role][]db.PhoneID, error) {
	ids := make(map[role][]db.PhoneID)
	var list []db.PhoneImport
	var numbers []int
	for i := range d.fleet.Len() {
		if unlisted(i) {
			continue
		}
		p := d.fleet.Phone(i)
		list = append(list, db.PhoneImport{
			MAC: p.MAC().String(), Vendor: "fanvil", Model: p.Model(), Site: at[i%len(at)],
			Name: fmt.Sprintf("demo %03d", i+1), Tags: []string{"demo", fmt.Sprintf("floor-%d", i%4)},
		})
		numbers = append(numbers, i)
	}
	results, err := d.app.store.ImportPhones(ctx, list, time.Now(), actor)
	if err != nil {
		return nil, fmt.Errorf("phones: %w", err)
	}
	yes := true
	for i, r := range results {
		if r.Err != nil {
			return nil, fmt.Errorf("phone %s: %w", list[i].MAC, r.Err)
		}
		if !r.Created {
			if _, err := d.app.store.UpdatePhone(ctx, r.ID, db.PhonePatch{ProofWaived: &yes}, actor); err != nil {
				return nil, fmt.Errorf("phone %s: %w", r.ID, err)
			}
		}
		part := roleOf(numbers[i])
		ids[part] = append(ids[part], r.ID)
	}
	return ids, nil
}

// unlisted reports phones that nobody has said would come.
func unlisted(i int) bool { return i%20 == 15 }

// firstOrders are one of each fate that an order can have.
func (d *demo) firstOrders(ctx context.Context, ids map[role][]db.PhoneID) error {
	config, err := d.addFile(ctx, db.File{Name: "demo-lines.txt", Kind: db.FileConfig},
		[]byte("<<VOIP CONFIG FILE>>Version:2.0002\n\n<SIP CONFIG MODULE>\nSIP1 Display Name   :Demo\n<<END OF FILE>>\n"))
	if err != nil {
		return err
	}
	newer, err := d.addFile(ctx, db.File{Name: "demo-x6-2.12.1.z", Kind: db.FileFirmware, Models: []string{"X6"}, Version: "2.12.1"},
		sim.FirmwareImage([]string{"X6"}, "2.12.1", 256<<10))
	if err != nil {
		return err
	}
	same, err := d.addFile(ctx, db.File{Name: "demo-x6-2.4.12.z", Kind: db.FileFirmware, Models: []string{"X6"}, Version: "2.4.12"},
		sim.FirmwareImage([]string{"X6"}, "2.4.12", 256<<10))
	if err != nil {
		return err
	}
	now := time.Now()
	download := func(f db.FileID) db.Job { return db.Job{Kind: db.KindDownload, Args: db.Args{File: f}} }
	reboot := db.Job{Kind: db.KindReboot}
	tomorrow, soon := reboot, reboot
	tomorrow.When.At, soon.Expires = now.Add(18*time.Hour), now.Add(10*time.Second)
	once := download(config.ID)
	once.Retry.Backoff = time.Minute // and no further try: a fault is to be seen, not mended
	held := ids[roleHeld][:min(1, len(ids[roleHeld]))]
	for _, id := range held {
		if err := d.app.store.SetHold(ctx, db.Hold{Phone: id, Reason: "demo: the reception's phone, not by day", By: actor, Since: now}); err != nil {
			return fmt.Errorf("hold: %w", err)
		}
	}
	for _, o := range []struct {
		job  db.Job
		of   []db.PhoneID
		then func(context.Context, db.JobID) (db.JobStatus, error)
	}{
		{reboot, ids[roleRestarts], nil},
		{download(newer.ID), ids[roleFlashes], nil},
		{once, append(ids[roleRefuses][:len(ids[roleRefuses]):len(ids[roleRefuses])], ids[roleTakenBack]...), nil},
		{download(config.ID), ids[roleMute], nil},
		{reading(), ids[roleSlow], nil},
		{tomorrow, ids[roleLater], nil},
		{download(same.ID), ids[roleNothing], nil},
		{tomorrow, ids[roleTakenBack], d.app.jobs.Cancel},
		{download(config.ID), ids[rolePaused], d.app.jobs.Pause},
		{reboot, held, nil},
		{soon, held, nil},
	} {
		id, err := d.order(ctx, o.job, o.of)
		if err != nil {
			return err
		}
		if id != 0 && o.then != nil {
			if _, err := o.then(ctx, id); err != nil {
				return fmt.Errorf("change %s: %w", id, err)
			}
		}
	}
	return nil
}

// reading asks what the first line of a phone does; the slow ones are of a
// generation with the older root.
func reading() db.Job {
	return db.Job{Kind: db.KindGetParameters, Args: db.Args{Names: []string{"InternetGatewayDevice.Services.VoiceService.1.VoiceProfile.1.Line.1.CallState"}}}
}

func (d *demo) addFile(ctx context.Context, f db.File, content []byte) (db.File, error) {
	f.Vendor, f.By = "fanvil", actor
	f, err := d.app.files.Add(ctx, f, bytes.NewReader(content))
	if err != nil {
		return f, fmt.Errorf("file %s: %w", strings.TrimSpace(f.Name), err)
	}
	return f, nil
}
