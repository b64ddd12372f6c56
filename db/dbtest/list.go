package dbtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
)

var listTests = []testCase{
	{"pages make up the whole list", func(f *fixture) {
		ids := f.listed(25)
		for _, limit := range []int{1, 7, 25, 26} {
			if got := phoneIDs(paged(f, f.ListPhones, db.Query{Limit: limit})); !slices.Equal(got, ids) {
				f.t.Errorf("%d a page: %v; want %v", limit, got, ids)
			}
		}
	}},

	{"a page has a length by default, and at most", func(f *fixture) {
		f.listed(db.MaxLimit + 1)
		for limit, want := range map[int]int{0: db.DefaultLimit, db.MaxLimit: db.MaxLimit, db.MaxLimit + 1: db.MaxLimit} {
			// A page that takes long ends early, lest it holds up writers: on a
			// busy machine it may need another try.
			var page db.Page[db.PhoneStatus]
			for range 50 {
				var err error
				page, err = f.ListPhones(f.ctx, db.Query{Limit: limit})
				f.ok(err, "ListPhones")
				if len(page.Items) >= want {
					break
				}
			}
			if len(page.Items) != want || page.Next == "" {
				f.t.Errorf("limit %d: %d items, next %q; want %d and more", limit, len(page.Items), page.Next, want)
			}
		}
	}},

	{"an empty list is one page", func(f *fixture) {
		page, err := f.ListPhones(f.ctx, db.Query{})
		f.ok(err, "ListPhones")
		if len(page.Items) != 0 || page.Next != "" {
			f.t.Errorf("page %+v; want an empty last one", page)
		}
	}},

	{"a cursor holds its place while rows come and go", func(f *fixture) {
		ids := f.listed(20)
		first, err := f.ListPhones(f.ctx, db.Query{Limit: 5})
		f.ok(err, "ListPhones")
		for _, i := range []int{1, 4, 5, 9} { // read, last read, next, later
			f.ok(f.DeletePhone(f.ctx, ids[i]), "DeletePhone")
		}
		late := f.listed(2)
		want := append(slices.Concat(ids[6:9], ids[10:]), late...)
		rest := phoneIDs(paged(f, f.ListPhones, db.Query{Limit: 5, Cursor: first.Next}))
		if !slices.Equal(rest, want) {
			f.t.Errorf("the rest of the list is %v; want %v", rest, want)
		}
	}},

	{"a cursor holds its place in a list that begins with the newest", func(f *fixture) {
		phone := f.listed(1)[0]
		var ids []db.JobID
		for range 9 {
			ids = append(ids, f.create(f.order(phone)).ID)
		}
		slices.Reverse(ids)
		first, err := f.ListJobs(f.ctx, db.Query{Limit: 4})
		f.ok(err, "ListJobs")
		f.create(f.order(phone))
		got := append(first.Items, paged(f, f.ListJobs, db.Query{Limit: 2, Cursor: first.Next})...)
		if !slices.Equal(jobIDs(got), ids) {
			f.t.Errorf("jobs %v; want %v", jobIDs(got), ids)
		}
	}},

	{"a cursor outlives a restart", func(f *fixture) {
		ids := f.listed(6)
		first, err := f.ListPhones(f.ctx, db.Query{Limit: 2})
		f.ok(err, "ListPhones")
		f.reopen()
		if rest := phoneIDs(paged(f, f.ListPhones, db.Query{Cursor: first.Next})); !slices.Equal(rest, ids[2:]) {
			f.t.Errorf("the rest of the list is %v; want %v", rest, ids[2:])
		}
	}},

	{"a cursor of another list is refused", func(f *fixture) {
		ids := f.listed(4, "lobby")
		for range 3 {
			f.expand(f.create(f.order(ids...)).ID, ready)
		}
		jobs := all(f, f.ListJobs)
		lists := map[string]func(context.Context, db.Query) (string, error){
			"phones":          next(f.ListPhones),
			"phones by tag":   next(filtered(f.ListPhones, f.filter("tags:lobby", db.PhoneFields))),
			"phones by model": next(filtered(f.ListPhones, f.filter("model = X6U", db.PhoneFields))),
			"jobs":            next(f.ListJobs),
			"tasks of a job":  next(of(f.JobTasks, jobs[0].ID)),
			"tasks of next":   next(of(f.JobTasks, jobs[1].ID)),
			"tasks of phone":  next(of(f.PhoneTasks, ids[0])),
			"tasks of second": next(of(f.PhoneTasks, ids[1])),
		}
		cursors := make(map[string]string)
		for name, list := range lists {
			cursor, err := list(f.ctx, db.Query{Limit: 1})
			f.ok(err, "list %s", name)
			if cursor == "" {
				f.t.Fatalf("the list of %s has one page", name)
			}
			cursors[name] = cursor
		}
		for name, list := range lists {
			for from, cursor := range cursors {
				_, err := list(f.ctx, db.Query{Limit: 1, Cursor: cursor})
				if from == name {
					f.ok(err, "list %s with its own cursor", name)
				} else {
					f.fails(err, db.ErrCursor, "list %s with the cursor of %s", name, from)
				}
			}
			for _, cursor := range []string{"x", "!", "AAAA", "%00", " ", "null", "p1"} {
				_, err := list(f.ctx, db.Query{Limit: 1, Cursor: cursor})
				f.fails(err, db.ErrCursor, "list %s with the cursor %q", name, cursor)
			}
		}
	}},

	{"a filter passes the same phones by an index as without", func(f *fixture) {
		f.variety()
		phones := all(f, f.ListPhones)
		for _, src := range []string{
			`state = approved`, `state = PENDING`, `tags:lobby`, `tags:LOBBY`, `tags:hall tags:lobby`, `tags:lob*`, `tags:*`,
			`tags:s`, `tags:ſ`, `tags:"ΟΔΟΣ"`, `tags:"οδος"`, `tags:"a b"`, `tags:lobby2`,
			`model = x6u`, `model = X6*`, `model = X6`, `vendor = yealink AND model = T54W`, `vendor = yealink OR tags:lobby`,
			`site = s1`, `site = s2 model = X6U`, `site = s99`, `software_version = 2.10.3`, `software_version = 2.010.3`,
			`software_version >= 2.9`, `-tags:lobby`, `NOT state = approved`, `name = ""`, `name:desk`, `desk`,
			`mac = 0C383E000003`, `id = p3`, `last_inform:*`, `created > 2026-03-02T08:00:00Z`, `model = ""`,
		} {
			flt := f.filter(src, db.PhoneFields)
			var want []db.PhoneID
			for _, p := range phones {
				if flt.Match(func(name string) filter.Value { return p.Field(name) }) {
					want = append(want, p.ID)
				}
			}
			for _, limit := range []int{1, 3, 1000} {
				got := phoneIDs(paged(f, f.ListPhones, db.Query{Filter: flt, Limit: limit}))
				if !slices.Equal(got, want) {
					f.t.Errorf("%s, %d a page: %v; want %v", src, limit, got, want)
				}
			}
			if len(want) == 0 {
				continue
			}
			j := f.create(f.matching(f.order(), src))
			sel, err := f.Selected(f.ctx, j.ID, 1000)
			f.ok(err, "Selected")
			if got := phoneIDs(sel); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
				f.t.Errorf("a job for %s selects %v; want %v", src, got, want)
			}
		}
	}},

	{"an index follows what changes", func(f *fixture) {
		id := f.device().id
		tagged := func(want bool, tag string) {
			f.t.Helper()
			got := paged(f, f.ListPhones, db.Query{Filter: f.filter("tags:"+tag, db.PhoneFields)})
			if (len(got) == 1) != want {
				f.t.Errorf("tags:%s finds %v; want it found: %v", tag, phoneIDs(got), want)
			}
		}
		for _, tags := range [][]string{{"a", "b"}, {"b", "c"}, nil, {"a"}} {
			_, err := f.UpdatePhone(f.ctx, id, db.PhonePatch{Tags: &tags}, "ops")
			f.ok(err, "UpdatePhone")
			for _, tag := range []string{"a", "b", "c"} {
				tagged(slices.Contains(tags, tag), tag)
			}
		}
		f.ok(f.DeletePhone(f.ctx, id), "DeletePhone")
		tagged(false, "a")
	}},

	{"a filter that matches little is looked for to the end", func(f *fixture) {
		ids := f.listed(5500)
		last := ids[len(ids)-1]
		flt := f.filter("id = "+last.String(), db.PhoneFields)
		if got := phoneIDs(paged(f, f.ListPhones, db.Query{Filter: flt, Limit: 1})); !slices.Equal(got, []db.PhoneID{last}) {
			f.t.Errorf("found %v; want %v", got, last)
		}
	}},

	{"jobs and tasks are filtered too", func(f *fixture) {
		d, e := f.device(), f.device()
		n := f.order(d.id, e.id)
		n.Job.By = "night shift"
		j := f.create(n)
		f.expand(j.ID, ready)
		k := f.create(f.order(d.id))
		d.send(db.TaskID{Job: j.ID, Phone: d.id})

		jobs := paged(f, f.ListJobs, db.Query{Filter: f.filter(`by:"NIGHT" state = active`, db.JobFields), Limit: 1})
		if !slices.Equal(jobIDs(jobs), []db.JobID{j.ID}) {
			f.t.Errorf("jobs by the night shift: %v; want %v", jobIDs(jobs), j.ID)
		}
		jobs = paged(f, f.ListJobs, db.Query{Filter: f.filter(`state = expanding`, db.JobFields)})
		if !slices.Equal(jobIDs(jobs), []db.JobID{k.ID}) {
			f.t.Errorf("expanding jobs: %v; want %v", jobIDs(jobs), k.ID)
		}
		tasks := paged(f, of(f.JobTasks, j.ID), db.Query{Filter: f.filter(`state = sent`, db.TaskFields), Limit: 1})
		if len(tasks) != 1 || tasks[0].ID.Phone != d.id {
			f.t.Errorf("sent tasks: %+v; want that of %s", tasks, d.id)
		}
		tasks = paged(f, of(f.PhoneTasks, d.id), db.Query{Filter: f.filter(`-state = sent`, db.TaskFields)})
		if len(tasks) != 0 {
			f.t.Errorf("other tasks: %+v; want none", tasks)
		}
	}},
}

// variety makes phones that differ in all that a filter can ask for.
func (f *fixture) variety() {
	f.t.Helper()
	site, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
	f.ok(err, "CreateSite")
	tags := [][]string{nil, {"lobby"}, {"hall", "Lobby"}, {"lobby2"}, {"ſ"}, {"S"}, {"οδος"}, {"ΟΔΟΣ"}, {"a b"}, {""}}
	for i := range 30 {
		in := db.PhoneImport{
			MAC: inform(i).MAC, Tags: tags[i%len(tags)], Vendor: []string{"fanvil", "yealink"}[i%2],
			Model: []string{"X6U", "T54W", "x6u", ""}[i%4], Site: []db.SiteID{0, site.ID, 0}[i%3],
		}
		if i%5 == 0 {
			in.Name = fmt.Sprint("Desk ", i)
		}
		f.imports(in)
		if i%4 == 0 {
			continue
		}
		said := inform(i)
		said.SoftwareVersion = []string{"2.9.1", "2.10.3", "2.010.3", "2.10.3 "}[i%4]
		said.Model, said.Vendor, said.Now, said.Session = in.Model, in.Vendor, f.now, "s"
		_, err := f.RecordInform(f.ctx, said)
		f.ok(err, "RecordInform")
		f.later(time.Second)
	}
	for i := range 3 {
		said := inform(100 + i)
		said.Enrol, said.Now, said.Session = db.PhonePending, f.now, "s"
		_, err := f.RecordInform(f.ctx, said)
		f.ok(err, "RecordInform")
	}
}

func phoneIDs(phones []db.PhoneStatus) (ids []db.PhoneID) {
	for _, p := range phones {
		ids = append(ids, p.ID)
	}
	return ids
}

func jobIDs(jobs []db.JobStatus) (ids []db.JobID) {
	for _, j := range jobs {
		ids = append(ids, j.ID)
	}
	return ids
}

// next is a list of which only the cursor matters.
func next[T any](list func(context.Context, db.Query) (db.Page[T], error)) func(context.Context, db.Query) (string, error) {
	return func(ctx context.Context, q db.Query) (string, error) {
		page, err := list(ctx, q)
		return page.Next, err
	}
}

func filtered[T any](list func(context.Context, db.Query) (db.Page[T], error), flt *filter.Filter) func(context.Context, db.Query) (db.Page[T], error) {
	return func(ctx context.Context, q db.Query) (db.Page[T], error) {
		q.Filter = flt
		return list(ctx, q)
	}
}
