package dbtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"phoneacs/db"
)

var recordingTests = []testCase{
	{"a recording is kept whole, and listed without its messages", func(f *fixture) {
		d := f.device()
		r := f.recording(d.id, "done", 3)
		id, err := f.AddRecording(f.ctx, r)
		f.ok(err, "AddRecording")
		r.ID = id
		other, err := f.AddRecording(f.ctx, f.recording(f.device().id, "silent", 1))
		f.ok(err, "AddRecording")
		if other <= id {
			f.t.Errorf("ids are %s, then %s", id, other)
		}
		for _, g := range []*fixture{f, f.crash()} {
			got, err := g.Recording(g.ctx, id)
			g.ok(err, "Recording")
			f.same(r, got, "the recording")
			head := r
			head.Log = nil
			f.same([]db.Recording{head}, all(g, of(g.ListRecordings, d.id)), "recordings of the phone")
			if ids := recordingIDs(all(g, of(g.ListRecordings, db.PhoneID(0)))); !slices.Equal(ids, []db.RecordingID{other, id}) {
				f.t.Errorf("recordings of all are %v; want the newest first", ids)
			}
		}
		flt := f.filter("failed = true", db.RecordingFields)
		list := paged(f, of(f.ListRecordings, db.PhoneID(0)), db.Query{Filter: flt, Limit: 1})
		if ids := recordingIDs(list); !slices.Equal(ids, []db.RecordingID{other}) {
			f.t.Errorf("failed are %v; want %v", ids, other)
		}
	}},

	{"the last recordings of a phone are kept", func(f *fixture) {
		d, e := f.device(), f.device()
		first, err := f.AddRecording(f.ctx, f.recording(e.id, "done", 1))
		f.ok(err, "AddRecording")
		var want []db.RecordingID
		for range db.RecordingsPerPhone + 5 {
			id, err := f.AddRecording(f.ctx, f.recording(d.id, "done", 1))
			f.ok(err, "AddRecording")
			want = append([]db.RecordingID{id}, want...)
		}
		want = want[:db.RecordingsPerPhone]
		if got := recordingIDs(all(f, of(f.ListRecordings, d.id))); !slices.Equal(got, want) {
			f.t.Errorf("kept are %v; want %v", got, want)
		}
		_, err = f.Recording(f.ctx, first)
		f.ok(err, "Recording of another phone")
		f.reopen()
		if got := recordingIDs(all(f, of(f.ListRecordings, d.id))); !slices.Equal(got, want) {
			f.t.Errorf("kept after a restart are %v; want %v", got, want)
		}
	}},

	{"what there is no room for goes, the oldest first", func(f *fixture) {
		// How much room there is, is the store's: it is filled until something goes.
		ids := f.listed(400)
		r := f.recording(ids[0], "done", 1)
		noise := make([]byte, 100<<10)
		src := rand.NewChaCha8([32]byte{1})
		var added []db.RecordingID
		for i := range len(ids)*db.RecordingsPerPhone - 1 { // those of one phone do not drive each other out
			_, _ = src.Read(noise) // never fails
			for k := range noise {
				noise[k] = ' ' + noise[k]%95
			}
			r.Phone, r.Log[0].Body = ids[i%len(ids)], string(noise)
			id, err := f.AddRecording(f.ctx, r)
			f.ok(err, "AddRecording")
			added = append(added, id)
			if i%10 != 9 {
				continue
			}
			if _, err := f.Recording(f.ctx, added[0]); err != nil {
				break
			}
		}
		f.fails(one2(f.Recording(f.ctx, added[0])), db.ErrNotFound, "Recording of the oldest")
		got := recordingIDs(all(f, of(f.ListRecordings, db.PhoneID(0))))
		slices.Reverse(got)
		if n := len(got); n == 0 || !slices.Equal(got, added[len(added)-n:]) {
			f.t.Errorf("%d of %d are kept, which are not the last", n, len(added))
		}
	}},

	{"what is past its keeping is removed", func(f *fixture) {
		d := f.device()
		for range 3 {
			_, err := f.AddRecording(f.ctx, f.recording(d.id, "done", 1))
			f.ok(err, "AddRecording")
			f.ok(f.AddUnreadable(f.ctx, f.misread("10.0.0.9", f.now.String())), "AddUnreadable")
			f.later(50 * 24 * time.Hour)
		}
		f.ok(f.SetRecording(f.ctx, db.RecordingOrder{Phone: d.id, Until: f.now}), "SetRecording")
		e := f.device()
		f.ok(f.SetRecording(f.ctx, db.RecordingOrder{Phone: e.id, Until: f.now.Add(time.Second)}), "SetRecording")
		f.ok(f.Prune(f.ctx, f.now), "Prune") // 150, 100 and 50 days after
		if n := len(all(f, of(f.ListRecordings, d.id))); n != 1 {
			f.t.Errorf("%d recordings are kept; want that of 50 days ago", n)
		}
		if n := len(all(f, f.ListUnreadable)); n != 1 {
			f.t.Errorf("%d messages are kept; want that of 50 days ago", n)
		}
		f.fails(one2(f.RecordingOrder(f.ctx, d.id)), db.ErrNotFound, "RecordingOrder that is over")
		if _, err := f.RecordingOrder(f.ctx, e.id); err != nil {
			f.t.Errorf("an order that is not over: %v", err)
		}
	}},

	{"many that are past their keeping are removed", func(f *fixture) {
		for _, id := range f.listed(300) {
			_, err := f.AddRecording(f.ctx, f.recording(id, "done", 1))
			f.ok(err, "AddRecording")
		}
		f.later(91 * 24 * time.Hour)
		f.ok(f.Prune(f.ctx, f.now), "Prune")
		if n := len(all(f, of(f.ListRecordings, db.PhoneID(0)))); n != 0 {
			f.t.Errorf("%d recordings are kept", n)
		}
	}},

	{"orders to record stand until they are taken back", func(f *fixture) {
		d, e := f.device(), f.device()
		a := db.RecordingOrder{Phone: d.id, Until: f.now.Add(time.Hour), Since: f.now, By: "ops"}
		b := db.RecordingOrder{Phone: e.id, Until: f.now.Add(2 * time.Hour), Since: f.now, By: "ops"}
		f.ok(f.SetRecording(f.ctx, a), "SetRecording")
		f.ok(f.SetRecording(f.ctx, b), "SetRecording")
		a.Until = f.now.Add(3 * time.Hour)
		f.ok(f.SetRecording(f.ctx, a), "SetRecording again")
		for _, g := range []*fixture{f, f.crash()} {
			f.same([]db.RecordingOrder{a, b}, none(g, g.RecordingOrders), "orders")
			f.same(a, one(g, g.RecordingOrder)(d.id), "order")
		}
		f.ok(f.ClearRecording(f.ctx, d.id), "ClearRecording")
		f.fails(f.ClearRecording(f.ctx, d.id), db.ErrNotFound, "ClearRecording twice")
		f.same([]db.RecordingOrder{b}, none(f, f.RecordingOrders), "orders")
		f.fails(f.SetRecording(f.ctx, db.RecordingOrder{Phone: 99999}), db.ErrNotFound, "SetRecording of an unknown phone")
	}},

	{"not all phones are recorded at once", func(f *fixture) {
		ids := f.listed(db.RecordingOrders + 1)
		for _, id := range ids[1:] {
			f.ok(f.SetRecording(f.ctx, db.RecordingOrder{Phone: id, Until: f.now.Add(time.Hour)}), "SetRecording")
		}
		f.fails(f.SetRecording(f.ctx, db.RecordingOrder{Phone: ids[0], Until: f.now.Add(time.Hour)}), db.ErrTooMany, "SetRecording of one more")
		f.ok(f.SetRecording(f.ctx, db.RecordingOrder{Phone: ids[1], Until: f.now.Add(2 * time.Hour)}), "SetRecording of one again")
	}},

	{"a phone that goes takes what was recorded with it", func(f *fixture) {
		d, e := f.device(), f.device()
		for _, id := range []db.PhoneID{d.id, e.id} {
			f.ok(f.SetRecording(f.ctx, db.RecordingOrder{Phone: id, Until: f.now.Add(time.Hour)}), "SetRecording")
			for range 3 {
				_, err := f.AddRecording(f.ctx, f.recording(id, "done", 1))
				f.ok(err, "AddRecording")
			}
		}
		f.ok(f.DeletePhone(f.ctx, d.id), "DeletePhone")
		if n := len(all(f, of(f.ListRecordings, db.PhoneID(0)))); n != 3 {
			f.t.Errorf("%d recordings are kept; want 3", n)
		}
		if n := len(none(f, f.RecordingOrders)); n != 1 {
			f.t.Errorf("%d orders stand; want 1", n)
		}
		f.fails(one2(f.AddRecording(f.ctx, f.recording(d.id, "done", 1))), db.ErrNotFound, "AddRecording of a phone that is gone")
		f.fails(one2(f.ListRecordings(f.ctx, d.id, db.Query{})), db.ErrNotFound, "ListRecordings of a phone that is gone")
		f.fails(one2(f.Recording(f.ctx, 9999)), db.ErrNotFound, "Recording of an unknown id")
	}},

	{"messages that were not understood are counted, and kept", func(f *fixture) {
		d := f.device()
		u := f.misread("10.0.0.9", "<a>")
		u.Phone = d.id
		f.ok(f.AddUnreadable(f.ctx, u), "AddUnreadable")
		f.ok(f.AddUnreadable(f.ctx, f.misread("10.0.0.9", "<b>")), "AddUnreadable")
		first := f.now
		f.later(time.Minute)
		u.First, u.Last = f.now, f.now
		f.ok(f.AddUnreadable(f.ctx, u), "AddUnreadable of the same")
		u.First, u.Count = first, 2
		for _, g := range []*fixture{f, f.crash()} {
			got := all(g, g.ListUnreadable)
			if len(got) != 2 || diff(u, got[0]) != "" || got[1].Excerpt != "<b>" {
				f.t.Errorf("kept are %+v; want the one that came again first", got)
			}
		}
		if got := paged(f, f.ListUnreadable, db.Query{Filter: f.filter("phone = "+d.id.String(), db.UnreadableFields)}); len(got) != 1 {
			f.t.Errorf("of the phone are %+v", got)
		}
	}},

	{"who sends much that is not understood drives nobody out", func(f *fixture) {
		f.ok(f.AddUnreadable(f.ctx, f.misread("10.0.0.9", "<one of a phone>")), "AddUnreadable")
		for i := range db.UnreadablePerSource + 10 {
			f.later(time.Second)
			f.ok(f.AddUnreadable(f.ctx, f.misread("10.6.6.6", fmt.Sprint("<", i, ">"))), "AddUnreadable")
		}
		got := all(f, f.ListUnreadable)
		if len(got) != db.UnreadablePerSource+1 || got[0].Excerpt != fmt.Sprint("<", db.UnreadablePerSource+9, ">") {
			f.t.Errorf("%d are kept, the newest %q", len(got), got[0].Excerpt)
		}
		for i := range db.UnreadableKept {
			f.later(time.Second)
			f.ok(f.AddUnreadable(f.ctx, f.misread(fmt.Sprint("10.7.7.", i%30), fmt.Sprint("<", i, ">"))), "AddUnreadable")
		}
		sources := make(map[string]int)
		for _, u := range all(f, f.ListUnreadable) {
			sources[u.Source]++
		}
		total := 0
		for _, n := range sources {
			total += n
		}
		if total != db.UnreadableKept || sources["10.0.0.9"] != 1 {
			f.t.Errorf("%d are kept, %d of the phone that sent one", total, sources["10.0.0.9"])
		}
	}},
}

// one2 is the error of a call that returns a value too.
func one2[T any](_ T, err error) error { return err }

func recordingIDs(list []db.Recording) (ids []db.RecordingID) {
	for _, r := range list {
		ids = append(ids, r.ID)
	}
	return ids
}

// recording makes one of a phone with so many messages.
func (f *fixture) recording(phone db.PhoneID, how string, messages int) db.Recording {
	r := db.Recording{
		Phone: phone, Session: "ABCD-7", Address: "192.0.2.7", Began: f.now, Ended: f.now.Add(time.Second),
		How: how, Failed: how != "done", Rule: "session.unasked", Messages: messages, Bytes: 1 << 20,
	}
	for i := range messages {
		m := db.RecordedMessage{At: f.now.Add(time.Duration(i) * time.Millisecond), From: db.FromPhone, RPC: "Inform",
			Header: map[string]string{"Content-Type": "text/xml"}, Body: strings.Repeat("<a>é</a>", 100), Size: 900, Masked: 1}
		if i%2 == 1 {
			m.From, m.Status, m.Cut, m.Latin, m.Rebuilt = db.FromServer, 200, true, true, true
		}
		r.Log = append(r.Log, m)
	}
	return r
}

// misread makes a message of a source that was not understood.
func (f *fixture) misread(source, excerpt string) db.Unreadable {
	return db.Unreadable{First: f.now, Last: f.now, Count: 1, Rule: "xml.malformed", Detail: "so it is", Address: source, Source: source,
		Agent: "x", Size: 3, Line: 1, Column: 2, Offset: 1, Excerpt: excerpt, From: 0, Masked: 1}
}
