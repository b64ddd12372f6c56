package dbtest

import (
	"fmt"
	"time"

	"phoneacs/db"
)

// download sends a task with a link and returns it.
func (d *device) download(id db.TaskID, file db.File, secret byte) db.Link {
	d.f.t.Helper()
	send := d.sending(id)
	send.Link = &db.Link{
		Hash: [32]byte{secret}, File: file.ID, Name: file.Name, SHA256: file.SHA256, Size: file.Size,
		Budget: 3 * file.Size, Expires: send.Deadline,
	}
	a, err := d.f.MarkSent(d.f.ctx, send)
	d.f.ok(err, "MarkSent of %s", id)
	want := *send.Link
	want.Attempt = db.AttemptID{Task: id, N: a.N}
	return want
}

var linkTests = []testCase{
	{"a link lives as long as its attempt", func(f *fixture) {
		file, d := f.file("fw.bin", "firmware"), f.device()
		for i, step := range []struct {
			name  string
			event db.TaskEvent
			ends  bool
		}{
			{"accepted", db.EventAccept, false},
			{"proven", db.EventProof, true},
			{"faulted", db.EventFault, true},
			{"refuted", db.EventRefute, true},
			{"unknown", db.EventUnknown, true},
			{"to be tried again", db.EventAgain, true},
		} {
			secret := byte(i + 1)
			_, err := f.LinkByHash(f.ctx, [32]byte{secret})
			f.fails(err, db.ErrNotFound, "LinkByHash before it is made")
			id := d.task()
			want := d.download(id, file, secret)
			f.same(want, one(f, f.LinkByHash)(want.Hash), "LinkByHash")
			f.judge(f.verdict(id, 1, step.event))
			got, err := f.LinkByHash(f.ctx, want.Hash)
			if step.ends {
				f.fails(err, db.ErrNotFound, "LinkByHash of an attempt that is %s", step.name)
				f.ok(f.RecordFetch(f.ctx, want.Hash, db.Fetch{Time: f.now, Bytes: 1}), "RecordFetch of a link that has ended")
				continue
			}
			f.ok(err, "LinkByHash of an attempt that is %s", step.name)
			f.same(want, got, "LinkByHash")
			f.judge(f.verdict(id, 1, db.EventProof))
		}
		f.ok(f.Flush(f.ctx), "Flush")
	}},

	{"a link outlives a restart", func(f *fixture) {
		file, d := f.file("fw.bin", "firmware"), f.device()
		want := d.download(d.task(), file, 1)
		f.reopen()
		f.same(want, one(f, f.LinkByHash)(want.Hash), "LinkByHash after a restart")
	}},

	{"a refused attempt makes no link", func(f *fixture) {
		file, d := f.file("fw.bin", "firmware"), f.device()
		id := d.task()
		d.download(id, file, 1)
		send := d.sending(id)
		send.Link = &db.Link{Hash: [32]byte{2}, File: file.ID, Size: file.Size}
		_, err := f.MarkSent(f.ctx, send)
		f.fails(err, db.ErrConflict, "MarkSent of a sent task")
		_, err = f.LinkByHash(f.ctx, [32]byte{2})
		f.fails(err, db.ErrNotFound, "LinkByHash")
	}},

	{"fetches are evidence of the attempt", func(f *fixture) {
		file, d := f.file("fw.bin", "firmware"), f.device()
		id := d.task()
		link := d.download(id, file, 1)
		var sum int64
		var fetches []db.Fetch
		for i := range db.MaxFetches + 5 {
			f.later(time.Second)
			fetch := db.Fetch{Time: f.now, Bytes: int64(i + 1), Status: 206, Address: "192.0.2.10", Agent: fmt.Sprint("agent ", i)}
			f.ok(f.RecordFetch(f.ctx, link.Hash, fetch), "RecordFetch")
			sum += fetch.Bytes
			fetches = append(fetches, fetch)
		}
		f.ok(f.Flush(f.ctx), "Flush")
		if l := one(f, f.LinkByHash)(link.Hash); l.Out != sum {
			f.t.Errorf("the link says %d bytes went out; want %d", l.Out, sum)
		}
		kept := append([]db.Fetch{fetches[0]}, fetches[len(fetches)-db.MaxFetches+1:]...)
		see := func(f *fixture, what string) {
			f.t.Helper()
			task := f.task(id)
			a := task.Last()
			if a.Count != len(fetches) || a.BytesOut != sum {
				f.t.Errorf("%s: %d fetches of %d bytes; want %d of %d", what, a.Count, a.BytesOut, len(fetches), sum)
			}
			f.same(kept, a.Fetches, "%s: the first and the newest fetches", what)
		}
		see(f, "while it is open")
		f.judge(f.verdict(id, 1, db.EventProof))
		see(f, "when it has ended")
		see(f.crash(), "after a power cut")
	}},

	{"a fetch belongs to its own attempt", func(f *fixture) {
		file, d := f.file("fw.bin", "firmware"), f.device()
		id := d.task()
		first := d.download(id, file, 1)
		f.ok(f.RecordFetch(f.ctx, first.Hash, db.Fetch{Time: f.now, Bytes: 5, Status: 200}), "RecordFetch")
		f.judge(f.verdict(id, 1, db.EventAgain)) // with the fetch perhaps not yet written
		f.release(id)
		second := d.download(id, file, 2)
		f.ok(f.RecordFetch(f.ctx, first.Hash, db.Fetch{Time: f.now, Bytes: 100, Status: 200}), "RecordFetch of the ended link")
		f.ok(f.RecordFetch(f.ctx, second.Hash, db.Fetch{Time: f.now, Bytes: 7, Status: 200}), "RecordFetch")
		f.ok(f.Flush(f.ctx), "Flush")
		task := f.task(id)
		if a := task.Attempts[0]; a.BytesOut < 5 {
			f.t.Errorf("the first attempt has lost its fetch: %+v", a)
		}
		if a := task.Attempts[1]; a.BytesOut != 7 || a.Count != 1 {
			f.t.Errorf("the second attempt has %d bytes in %d fetches; want its own 7", a.BytesOut, a.Count)
		}
	}},
}
