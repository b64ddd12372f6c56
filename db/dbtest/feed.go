package dbtest

import (
	"context"
	"time"

	"phoneacs/db"
)

// patience is how long a test waits for an event that must come.
const patience = 20 * time.Second

// manyEvents is more than any store may keep for a reader who takes none.
const manyEvents = 10_000

// subscribe begins to read; the subscription ends with the test.
func (f *fixture) subscribe(after uint64) (events <-chan db.Event, reset bool) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(f.ctx)
	f.real.Cleanup(cancel)
	events, reset, err := f.Subscribe(ctx, after)
	f.ok(err, "Subscribe after %d", after)
	return events, reset
}

// until reads events up to the end of the commit seq.
func (f *fixture) until(events <-chan db.Event, seq uint64) (got []db.Event) {
	f.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				f.t.Fatalf("the feed ends after %d events, before commit %d", len(got), seq)
			}
			got = append(got, e)
			if e.Last && e.Seq >= seq {
				return got
			}
		case <-timeout:
			f.t.Fatalf("no event of commit %d after %d events", seq, len(got))
		}
	}
}

// closes checks that a feed ends, and returns how many events were left in it.
func (f *fixture) closes(events <-chan db.Event, what string) (left int) {
	f.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case _, ok := <-events:
			if !ok {
				return left
			}
			left++
		case <-timeout:
			f.t.Fatalf("the feed does not end when %s", what)
		}
	}
}

// tell makes commits with events, the last of them a task that succeeds, and
// returns the number of that commit.
func (f *fixture) tell() (task db.TaskID, seq uint64) {
	f.t.Helper()
	d := f.device()
	f.listed(3)
	id := d.task()
	d.send(id)
	f.judge(f.verdict(id, 1, db.EventProof))
	return id, f.LastSeq()
}

var feedTests = []testCase{
	{"tells of every commit, in order, after it", func(f *fixture) {
		events, reset := f.subscribe(0)
		if reset {
			f.t.Error("a reader from now on is told to begin anew")
		}
		first := f.LastSeq()
		id, seq := f.tell()
		got := f.until(events, seq)
		types := make(map[string]int)
		for i, e := range got {
			types[e.Type]++
			switch {
			case e.Seq <= first || e.Seq > seq:
				f.t.Errorf("event %+v is not of the commits %d to %d", e, first+1, seq)
			case i > 0 && e.Seq < got[i-1].Seq:
				f.t.Errorf("event %+v comes after %+v", e, got[i-1])
			case i > 0 && got[i-1].Last != (e.Seq != got[i-1].Seq):
				f.t.Errorf("event %+v before %+v: Last is wrong", got[i-1], e)
			}
			if e.Type == "task.succeeded" && (e.Job != id.Job || e.Phone != id.Phone) {
				f.t.Errorf("event %+v; want task %s", e, id)
			}
			if e.Time.IsZero() {
				f.t.Errorf("event %+v has no time", e)
			}
		}
		for typ, want := range map[string]int{"phone.created": 4, "job.created": 1, "task.succeeded": 1, "job.ended": 1} {
			if types[typ] != want {
				f.t.Errorf("%d events %s; want %d", types[typ], typ, want)
			}
		}
	}},

	{"what it tells of can be read", func(f *fixture) {
		events, _ := f.subscribe(0)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for e := range events {
				if e.Type == "phone.created" {
					if _, err := f.Phone(f.ctx, e.Phone); err != nil {
						f.t.Errorf("Phone after its event: %v", err)
					}
				}
				if e.Type == "task.succeeded" {
					return
				}
			}
		}()
		f.tell()
		<-done
	}},

	{"a reader goes on where it was", func(f *fixture) {
		events, _ := f.subscribe(0)
		_, seq := f.tell()
		seen := f.until(events, seq)
		for i, e := range seen {
			if !e.Last || e.Seq == seq {
				continue
			}
			rest, reset := f.subscribe(e.Seq)
			if reset {
				f.t.Errorf("a reader after commit %d of %d is told to begin anew", e.Seq, seq)
				continue
			}
			f.same(seen[i+1:], f.until(rest, seq), "events after commit %d", e.Seq)
		}
		rest, reset := f.subscribe(seq)
		if reset {
			f.t.Error("a reader after the newest commit is told to begin anew")
		}
		f.listed(1)
		if next := f.until(rest, seq+1); next[0].Seq <= seq || next[0].Type != "phone.created" {
			f.t.Errorf("a reader after the newest commit is told of %+v first", next[0])
		}
	}},

	{"a reader who cannot go on is told so", func(f *fixture) {
		events, _ := f.subscribe(0)
		_, seq := f.tell()
		seen := f.until(events, seq)
		if _, reset := f.subscribe(f.LastSeq() + 1000); !reset {
			f.t.Error("a reader after a commit that is still to come is not told to begin anew")
		}
		f.reopen()
		if f.LastSeq() < seq {
			f.t.Errorf("LastSeq is %d after a restart; it was %d", f.LastSeq(), seq)
		}
		after, reset := f.subscribe(seen[0].Seq)
		if !reset { // then nothing may be missing
			f.same(seen[1:], f.until(after, seq), "events after a restart")
		}
	}},

	{"numbers grow over a restart", func(f *fixture) {
		_, seq := f.tell()
		f.reopen()
		events, _ := f.subscribe(0)
		f.listed(1)
		if e := f.until(events, seq+1); e[0].Seq <= seq {
			f.t.Errorf("event %+v after a restart; the newest before was %d", e[0], seq)
		}
	}},

	{"ends with its reader", func(f *fixture) {
		ctx, cancel := context.WithCancel(f.ctx)
		events, _, err := f.Subscribe(ctx, 0)
		f.ok(err, "Subscribe")
		cancel()
		f.closes(events, "its reader goes")
		f.tell() // tells nobody
	}},

	{"ends with the store", func(f *fixture) {
		events, _ := f.subscribe(0)
		f.check()
		f.close()
		f.closes(events, "the store closes")
	}},

	{"a reader who is far behind is dropped, others are not", func(f *fixture) {
		slow, _ := f.subscribe(0)
		quick, _ := f.subscribe(0)
		read := make(chan int)
		go func() {
			n := 0
			for e := range quick {
				if e.Type == "phone.created" {
					n++
				}
				if n == manyEvents {
					break
				}
			}
			read <- n
		}()
		f.listed(manyEvents)
		select {
		case n := <-read:
			if n != manyEvents {
				f.t.Errorf("the feed of a quick reader ends after %d of %d events", n, manyEvents)
			}
		case <-time.After(patience):
			f.t.Error("the events do not come")
		}
		if n := f.closes(slow, "its reader is far behind"); n >= manyEvents {
			f.t.Errorf("%d events were kept for a reader who took none", n)
		}
	}},
}
