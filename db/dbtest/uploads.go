package dbtest

import (
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
)

// uploading sends a task with a link to put a file to, and returns the link.
func (d *device) uploading(id db.TaskID, secret byte) db.Link {
	d.f.t.Helper()
	send := d.sending(id)
	send.Link = &db.Link{Hash: [32]byte{secret}, Role: db.LinkUpload, What: db.UploadConfig, Name: "config.txt", Size: 1000, Budget: 5000, Expires: send.Deadline}
	_, err := d.f.MarkSent(d.f.ctx, send)
	d.f.ok(err, "MarkSent of %s", id)
	return *send.Link
}

// put adds an upload by a link.
func (f *fixture) put(l db.Link, content string) (db.Upload, []string) {
	f.t.Helper()
	sum, _ := f.blob(content)
	u, gone, err := f.AddUpload(f.ctx, l.Hash, db.Upload{SHA256: sum, Type: "text/plain", Agent: "agent", Created: f.now})
	f.ok(err, "AddUpload of %q", content)
	return u, gone
}

func (f *fixture) uploads(phone db.PhoneID) []db.Upload {
	f.t.Helper()
	return all(f, of(f.PhoneUploads, phone))
}

func (f *fixture) used(want bool, content string) {
	f.t.Helper()
	if got := one(f, f.BlobUsed)(digest(content)); got != want {
		f.t.Errorf("BlobUsed of %q = %v", content, got)
	}
}

var uploadTests = []testCase{
	{"an upload is its attempt's, and the attempt knows", func(f *fixture) {
		d := f.device()
		id := d.task()
		l := d.uploading(id, 1)
		u, gone := f.put(l, "a config")
		want := db.Upload{ID: u.ID, Phone: d.id, Job: id.Job, Attempt: 1, Kind: db.UploadConfig, Size: 8, SHA256: digest("a config"),
			Type: "text/plain", Agent: "agent", Created: f.now}
		f.same(want, u, "AddUpload")
		f.same([]string(nil), gone, "digests gone")
		a := f.crash().lastOf(id)
		if !a.Moved.Equal(f.now) || a.BytesIn != 8 {
			f.t.Errorf("the attempt is %+v", a)
		}
		f.reopen()
		got, err := f.Upload(f.ctx, d.id, u.ID)
		f.ok(err, "Upload")
		f.same(want, got, "Upload")
		f.used(true, "a config")
	}},

	{"the last whole one of an attempt stays", func(f *fixture) {
		d := f.device()
		l := d.uploading(d.task(), 1)
		first, _ := f.put(l, "first")
		moved := f.lastOf(db.TaskID{Job: first.Job, Phone: d.id}).Moved
		f.later(time.Second)
		same, gone := f.put(l, "first")
		f.same([]string(nil), gone, "digests gone though they are still used")
		last, gone := f.put(l, "the last")
		f.same([]string{digest("first")}, gone, "digests gone")
		f.same([]db.Upload{last}, f.uploads(d.id), "uploads")
		if same.ID == first.ID || last.ID == same.ID {
			f.t.Errorf("ids %v, %v, %v are given twice", first.ID, same.ID, last.ID)
		}
		f.used(false, "first")
		if a := f.lastOf(db.TaskID{Job: first.Job, Phone: d.id}); !a.Moved.Equal(moved) || a.BytesIn != 8 {
			f.t.Errorf("the attempt is %+v", a)
		}
	}},

	{"a link that is none for uploads takes none", func(f *fixture) {
		file, d := f.file("fw.bin", "firmware"), f.device()
		id := d.task()
		fetch := d.download(id, file, 1)
		sum, _ := f.blob("x")
		add := func(hash [32]byte, what string) {
			f.t.Helper()
			_, _, err := f.AddUpload(f.ctx, hash, db.Upload{SHA256: sum, Created: f.now})
			f.fails(err, db.ErrNotFound, "AddUpload by %s", what)
		}
		add(fetch.Hash, "a link to fetch from")
		add([32]byte{9}, "a link that never was")
		f.judge(f.verdict(id, 1, db.EventProof))
		up := d.task()
		l := d.uploading(up, 2)
		f.judge(f.verdict(up, 1, db.EventUnknown))
		add(l.Hash, "a link that has ended")
		f.same([]db.Upload(nil), f.uploads(d.id), "uploads")
		_, _, err := f.AddUpload(f.ctx, l.Hash, db.Upload{SHA256: digest("no bytes"), Created: f.now})
		f.fails(err, db.ErrNotFound, "AddUpload without bytes")
	}},

	{"the newest of a phone are kept, newest first", func(f *fixture) {
		d, other := f.device(), f.device()
		kept, _ := f.put(other.uploading(other.task(), 200), "another phone's")
		var want []db.Upload
		for i := range db.UploadsKept + 3 {
			id := d.task()
			u, _ := f.put(d.uploading(id, byte(i+1)), fmt.Sprint("config ", i))
			f.judge(f.verdict(id, 1, db.EventProof))
			want = append(want, u)
			f.later(time.Minute)
		}
		slices.Reverse(want)
		f.same(want[:db.UploadsKept], f.uploads(d.id), "uploads")
		f.used(false, "config 0")
		f.used(true, fmt.Sprint("config ", db.UploadsKept+2))
		f.same([]db.Upload{kept}, f.uploads(other.id), "another phone's")
		_, err := f.Upload(f.ctx, other.id, want[0].ID)
		f.fails(err, db.ErrNotFound, "Upload of another phone")
	}},

	{"bytes that a file has are not gone with an upload", func(f *fixture) {
		d := f.device()
		l := d.uploading(d.task(), 1)
		file := f.file("same.cfg", "same bytes")
		f.put(l, "same bytes")
		_, gone := f.put(l, "others")
		f.same([]string(nil), gone, "digests gone")
		f.put(l, "same bytes")
		_, last, err := f.DeleteFile(f.ctx, file.ID)
		f.ok(err, "DeleteFile")
		if last {
			f.t.Error("DeleteFile says that nobody has the bytes; an upload does")
		}
		f.used(true, "same bytes")
	}},

	{"uploads end with their time, and with their phone", func(f *fixture) {
		d := f.device()
		id := d.task()
		f.put(d.uploading(id, 1), "a config")
		f.judge(f.verdict(id, 1, db.EventProof))
		f.ok(f.Prune(f.ctx, f.now.Add(db.UploadKept-time.Second)), "Prune")
		if n := len(f.uploads(d.id)); n != 1 {
			f.t.Fatalf("%d uploads before their time is over", n)
		}
		f.ok(f.Prune(f.ctx, f.now.Add(db.UploadKept)), "Prune")
		f.same([]db.Upload(nil), f.uploads(d.id), "uploads")
		f.used(false, "a config")
		id = d.task()
		f.put(d.uploading(id, 2), "another")
		f.judge(f.verdict(id, 1, db.EventProof))
		f.ok(f.DeletePhone(f.ctx, d.id), "DeletePhone")
		f.used(false, "another")
		_, err := f.PhoneUploads(f.ctx, d.id, db.Query{Limit: 1})
		f.fails(err, db.ErrNotFound, "PhoneUploads")
	}},

	{"a lead lives and ends with the link that it names", func(f *fixture) {
		file, d := f.file("book.xml", "a phone book"), f.device()
		id := d.task()
		send := d.sending(id)
		send.Link = &db.Link{Hash: [32]byte{1}, Role: db.LinkNamed, File: file.ID, Name: file.Name, SHA256: file.SHA256, Size: file.Size, Budget: 100, Expires: send.Deadline}
		send.Lead = &db.Link{Hash: [32]byte{2}, Role: db.LinkLead, Name: "lead.cfg", Size: 9, Budget: 100, Expires: send.Deadline,
			Lead: &db.Lead{Vendor: "fanvil", Kind: db.FilePhonebook, Base: "http://a", Name: file.Name}}
		a, err := f.MarkSent(f.ctx, send)
		f.ok(err, "MarkSent")
		if !a.Lead {
			f.t.Error("the attempt does not know of its lead")
		}
		f.reopen()
		d.session("2 PERIODIC")
		want := *send.Lead
		want.Attempt = db.AttemptID{Task: id, N: 1}
		f.same(want, one(f, f.LinkByHash)(send.Lead.Hash), "LinkByHash of the lead")
		f.ok(f.RecordFetch(f.ctx, send.Lead.Hash, db.Fetch{Time: f.now, Role: db.LinkLead, Bytes: 9, Whole: true, Status: 200}), "RecordFetch of the lead")
		f.ok(f.Flush(f.ctx), "Flush")
		f.ok(f.RecordFetch(f.ctx, send.Link.Hash, db.Fetch{Time: f.now, Role: db.LinkNamed, Bytes: 12, Whole: true, Status: 200}), "RecordFetch of the file")
		if a := f.crash().lastOf(id); !a.Moved.Equal(f.now) || !a.Led.Equal(f.now) || a.BytesOut != 12 || a.Count != 2 {
			f.t.Errorf("after a power cut the attempt is %+v; a whole fetch of what a lead names is a proof", a)
		}
		f.judge(f.verdict(id, 1, db.EventProof))
		for _, hash := range [][32]byte{send.Lead.Hash, send.Link.Hash} {
			_, err := f.LinkByHash(f.ctx, hash)
			f.fails(err, db.ErrNotFound, "LinkByHash when the attempt has ended")
		}
	}},
}

// lastOf is the newest attempt of a task.
func (f *fixture) lastOf(id db.TaskID) db.Attempt {
	f.t.Helper()
	t := f.task(id)
	return *t.Last()
}
