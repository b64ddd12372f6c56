package dbtest

import (
	"slices"

	"phoneacs/db"
)

// file adds an entry of the catalogue and its bytes.
func (f *fixture) file(name, content string) db.File {
	f.t.Helper()
	sum, size := f.blob(content)
	file, err := f.AddFile(f.ctx, db.File{
		Name: name, Kind: db.FileFirmware, Vendor: "fanvil", Models: []string{"X6U"}, Version: "2.12.1",
		SHA256: sum, Size: size, Created: f.now, By: "ops",
	})
	f.ok(err, "AddFile %s", name)
	return file
}

var fileTests = []testCase{
	{"an entry is kept as it was given", func(f *fixture) {
		sum, size := f.blob("firmware")
		in := db.File{
			Name: "fw.bin", Kind: db.FileFirmware, Vendor: "fanvil", Models: []string{"X6U", "X7"}, Version: "2.12.1",
			SHA256: sum, Size: size, Created: f.now, By: "ops",
		}
		file, err := f.AddFile(f.ctx, in)
		f.ok(err, "AddFile")
		in.ID = file.ID
		f.same(in, file, "AddFile")
		f.reopen()
		f.same(in, one(f, f.File)(file.ID), "File")
	}},

	{"an entry needs its bytes", func(f *fixture) {
		sum, size := f.blob("gone")
		f.ok(f.DeleteBlob(f.ctx, sum), "DeleteBlob")
		if file, err := f.AddFile(f.ctx, db.File{Name: "x", Kind: db.FileConfig, SHA256: sum, Size: size}); err == nil {
			f.t.Errorf("AddFile of missing bytes = %s", file.ID)
		}
		if n := len(all(f, f.ListFiles)); n != 0 {
			f.t.Errorf("there are %d files", n)
		}
	}},

	{"the list is in the order of ids, and can be filtered", func(f *fixture) {
		var want []db.FileID
		for _, name := range []string{"c.bin", "a.cfg", "b.bin"} {
			want = append(want, f.file(name, name).ID)
		}
		ids := func(q db.Query) (ids []db.FileID) {
			for _, file := range paged(f, f.ListFiles, q) {
				ids = append(ids, file.ID)
			}
			return ids
		}
		if got := ids(db.Query{Limit: 1}); !slices.Equal(got, want) {
			f.t.Errorf("files %v; want %v", got, want)
		}
		flt := f.filter(`name = *.BIN models:x6u version > 2.9`, db.FileFields)
		if got := ids(db.Query{Filter: flt, Limit: 1}); !slices.Equal(got, []db.FileID{want[0], want[2]}) {
			f.t.Errorf("files that pass %s: %v", flt, got)
		}
	}},

	{"the last entry with the same bytes is told when it goes", func(f *fixture) {
		a, b := f.file("a.bin", "same bytes"), f.file("b.bin", "same bytes")
		if a.SHA256 != b.SHA256 || a.ID == b.ID {
			f.t.Fatalf("files %+v and %+v", a, b)
		}
		for _, step := range []struct {
			file db.File
			last bool
		}{{a, false}, {b, true}} {
			got, last, err := f.DeleteFile(f.ctx, step.file.ID)
			f.ok(err, "DeleteFile %s", step.file.Name)
			f.same(step.file, got, "DeleteFile")
			if last != step.last {
				f.t.Errorf("DeleteFile %s: last is %v", step.file.Name, last)
			}
			if got := f.bytes(a.SHA256); got != "same bytes" {
				f.t.Errorf("the bytes are %q; they go only when they are told to", got)
			}
		}
	}},

	{"an unknown file is not found", func(f *fixture) {
		_, err := f.File(f.ctx, 99)
		f.fails(err, db.ErrNotFound, "File")
		_, _, err = f.DeleteFile(f.ctx, 99)
		f.fails(err, db.ErrNotFound, "DeleteFile")
	}},

	{"a file stays while a job that has not ended needs it", func(f *fixture) {
		file, d := f.file("fw.bin", "firmware"), f.device()
		id := d.task(func(n *db.NewJob) { n.Job.Kind, n.Job.Args.File = db.KindDownload, file.ID })
		inUse := func(what string) {
			f.t.Helper()
			_, _, err := f.DeleteFile(f.ctx, file.ID)
			f.fails(err, db.ErrInUse, "DeleteFile of %s", what)
			f.same(file, one(f, f.File)(file.ID), "File")
		}
		inUse("a job with a ready task")
		d.send(id)
		f.judge(f.verdict(id, 1, db.EventFault))
		f.sweep(id.Job, db.SweepRetry)
		inUse("a job that was retried")
		d.send(id)
		f.judge(f.verdict(id, 2, db.EventProof))
		_, last, err := f.DeleteFile(f.ctx, file.ID)
		f.ok(err, "DeleteFile of a job that has ended")
		if !last {
			f.t.Error("DeleteFile does not say that it was the last")
		}
		f.inState(id, db.TaskSucceeded)
	}},
}
