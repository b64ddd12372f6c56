package dbtest

import (
	"errors"
	"slices"
	"time"

	"phoneacs/db"
)

// copied copies the store and returns the digests that the copy refers to.
func (f *fixture) copied(secrets bool) (snap db.Snapshot, blobs []db.BlobRef) {
	f.t.Helper()
	snap, err := f.Snapshot(f.ctx, f.real.TempDir(), db.SnapshotOptions{Secrets: secrets, Now: f.now})
	f.ok(err, "Snapshot")
	for range 2 { // it may be asked for again
		blobs = nil
		for ref, err := range snap.Blobs {
			f.ok(err, "Blobs")
			blobs = append(blobs, ref)
		}
	}
	return snap, blobs
}

var backupTests = []testCase{
	{"a copy tells what is in it, and what it refers to", func(f *fixture) {
		d := f.device()
		f.put(d.uploading(d.task(), 1), "an upload")
		for _, name := range []string{"one.cfg", "two.cfg"} { // of the same bytes
			sum, _ := f.blob("a config")
			_, err := f.AddFile(f.ctx, db.File{Name: name, Kind: db.FileConfig, SHA256: sum, Created: f.now})
			f.ok(err, "AddFile")
		}
		f.blob("nobody's")
		snap, blobs := f.copied(true)
		f.same(db.SnapshotCounts{Phones: 1, Jobs: 1, Tasks: 1, Files: 2, Uploads: 1}, snap.Counts, "counts")
		want := []db.BlobRef{{SHA256: digest("a config"), Size: 8}, {SHA256: digest("an upload"), Size: 9}}
		slices.SortFunc(want, func(a, b db.BlobRef) int {
			if a.SHA256 < b.SHA256 {
				return -1
			}
			return 1
		})
		f.same(want, blobs, "bytes")
		if snap.Size == 0 || snap.Layout == 0 {
			f.t.Errorf("the copy is %+v", snap)
		}
		for range snap.Blobs { // who has enough may stop
			break
		}
	}},

	{"without secrets there are no logins, and what needs a secret does not go on", func(f *fixture) {
		d := f.device()
		_, err := f.IssueCredentials(f.ctx, d.id, d.in.Session, offer(1), f.now)
		f.ok(err, "IssueCredentials")
		secret := func(n *db.NewJob) {
			n.Job.Kind = db.KindSetParameters
			n.Job.Args.Parameters = []db.Setting{{Name: "Device.Users.User.1.Password", Value: "secret"}}
		}
		d.task()
		d.task(secret)
		ended := d.task(secret)
		f.judge(f.verdict(ended, 0, db.EventSkip))
		snap, _ := f.copied(false)
		f.same(db.SnapshotCounts{Phones: 1, Jobs: 3, Tasks: 3, WithoutLogins: 1, EndedJobs: 1}, snap.Counts, "counts")
		if c := f.credentials(d.id); c.Next != offer(1).Own {
			f.t.Error("the store itself has lost a login")
		}
	}},

	{"bytes that are held stay until they are let go", func(f *fixture) {
		sum, _ := f.blob("held")
		first, second := f.HoldBlobs(), f.HoldBlobs()
		first()
		first() // once more is no more
		f.ok(f.DeleteBlob(f.ctx, sum), "DeleteBlob of held bytes")
		if f.bytes(sum) != "held" {
			f.t.Error("held bytes are others")
		}
		second()
		f.ok(f.DeleteBlob(f.ctx, sum), "DeleteBlob")
		if _, err := f.OpenBlob(f.ctx, sum); !errors.Is(err, db.ErrNotFound) {
			f.t.Errorf("OpenBlob of deleted bytes: %v", err)
		}
	}},

	{"jobs go with their tasks when they are past their keeping, and history", func(f *fixture) {
		d := f.device()
		old, open, waiting := d.task(), d.task(), d.task()
		f.judge(f.verdict(old, 0, db.EventSkip))
		f.ok(f.RecordResult(f.ctx, old, db.Result{Attempt: 1, Time: f.now, RPC: "X"}), "RecordResult")
		d.send(open)
		if len(all(f, of(f.History, d.id))) == 0 {
			f.t.Fatal("there is no history")
		}
		// The store's own clock says when a job ended.
		late := time.Now().Add(kept - time.Hour)
		f.ok(f.Prune(f.ctx, late), "Prune before the time")
		f.inState(old, db.TaskSkipped)
		f.ok(f.Prune(f.ctx, late.Add(2*time.Hour)), "Prune")
		for _, err := range []error{one2(f.Job(f.ctx, old.Job)), one2(f.Task(f.ctx, old)), one2(f.Result(f.ctx, old))} {
			f.fails(err, db.ErrNotFound, "what is left of a job")
		}
		f.inState(open, db.TaskSent)
		f.inState(waiting, db.TaskReady)
		if tasks := all(f, of(f.PhoneTasks, d.id)); len(tasks) != 2 {
			f.t.Errorf("the phone has %d tasks", len(tasks))
		}
		if h := all(f, of(f.History, d.id)); len(h) != 0 {
			f.t.Errorf("history that is left: %+v", h)
		}
		f.reopen()
		d.session("1 BOOT")
		if h := all(f, of(f.History, d.id)); len(h) == 0 {
			f.t.Error("after the former was removed no history is kept")
		}
	}},
}

// kept is how long jobs and history are kept by the stores of this suite.
const kept = 90 * 24 * time.Hour
