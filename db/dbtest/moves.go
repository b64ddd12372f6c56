package dbtest

import (
	"errors"

	"phoneacs/db"
)

// fates runs one import and returns the fates of its lines.
func fates[L any](f *fixture, run func(in []L, o db.ImportOptions) ([]db.Imported, error), o db.ImportOptions, in ...L) []db.Fate {
	f.t.Helper()
	o.Now, o.By = f.now, "ops"
	got, err := run(in, o)
	f.ok(err, "import")
	out := make([]db.Fate, len(got))
	for i, g := range got {
		if out[i] = g.Fate; (g.Fate == db.FateRefused) != (g.Err != nil) {
			f.t.Errorf("line %d is %s with %v", i, g.Fate, g.Err)
		}
	}
	return out
}

var moveTests = []testCase{
	{"phones have fates", func(f *fixture) {
		run := func(in []db.PhoneImport, o db.ImportOptions) ([]db.Imported, error) {
			return f.ImportList(f.ctx, in, o)
		}
		list := []db.PhoneImport{
			{MAC: "0c383e010203", Name: "desk", Tags: []string{"b", "a"}}, {OUI: "001565", Serial: "3146019"}, {}, {MAC: "0c383e010203", Site: 99},
		}
		dry := db.ImportOptions{DryRun: true}
		want := []db.Fate{db.FateCreated, db.FateCreated, db.FateRefused, db.FateRefused}
		f.same(want, fates(f, run, dry, list...), "a dry run")
		if n := len(all(f, f.ListPhones)); n != 0 {
			f.t.Fatalf("a dry run left %d phones", n)
		}
		f.same(want, fates(f, run, db.ImportOptions{}, list...), "the import")
		want[0], want[1] = db.FateUnchanged, db.FateUnchanged
		before := f.phone(1)
		for _, o := range []db.ImportOptions{dry, {}} {
			f.same(want, fates(f, run, o, list...), "the same again, %+v", o)
		}
		f.same(before, f.phone(1), "a phone that is unchanged")
		list[0].Name = "hall"
		want[0] = db.FateUpdated
		f.same(want, fates(f, run, dry, list...), "a dry run of a change")
		f.same(before, f.phone(1), "a phone after a dry run")
		for existing, fate := range map[db.Existing]db.Fate{db.ExistingSkip: db.FateSkipped, db.ExistingRefuse: db.FateRefused} {
			f.same([]db.Fate{fate, fate}, fates(f, run, db.ImportOptions{Existing: existing}, list[:2]...), "with %s", existing)
			f.same(before, f.phone(1), "a phone with %s", existing)
		}
		f.same(want, fates(f, run, db.ImportOptions{Existing: db.ExistingUpdate}, list...), "a change")
		f.same("hall", f.phone(1).Name, "its name")
		f.same([]db.Fate{db.FateUpdated}, fates(f, run, db.ImportOptions{}, db.PhoneImport{MAC: "0c383e010203", Tags: []string{}}), "no tags")
		if tags := f.phone(1).Tags; len(tags) != 0 {
			f.t.Errorf("tags are %v", tags)
		}
	}},

	{"sites have fates", func(f *fixture) {
		run := func(in []db.SiteImport, o db.ImportOptions) ([]db.Imported, error) {
			return f.ImportSites(f.ctx, in, o)
		}
		list := []db.SiteImport{{Name: "Büro", Zone: "Europe/Berlin", Networks: []string{"10.1.0.0/16"}}, {Name: ""}, {Name: "s7"}}
		want := []db.Fate{db.FateCreated, db.FateRefused, db.FateRefused}
		f.same(want, fates(f, run, db.ImportOptions{DryRun: true}, list...), "a dry run")
		f.same(1, len(all(f, f.ListSites)), "sites after a dry run")
		f.same(want, fates(f, run, db.ImportOptions{}, list...), "the import")
		want[0] = db.FateUnchanged
		f.same(want, fates(f, run, db.ImportOptions{}, list...), "the same again")
		f.reopen()
		change := db.SiteImport{Name: "BÜRO", URL: "https://acs.example"}
		f.same([]db.Fate{db.FateSkipped}, fates(f, run, db.ImportOptions{Existing: db.ExistingSkip}, change), "a change that is skipped")
		f.same([]db.Fate{db.FateRefused}, fates(f, run, db.ImportOptions{Existing: db.ExistingRefuse}, change), "a change that is refused")
		f.same([]db.Fate{db.FateUpdated}, fates(f, run, db.ImportOptions{}, change), "a change")
		id, err := f.FindSite(f.ctx, "büro")
		f.ok(err, "FindSite")
		site := db.Site{ID: id, Name: "Büro", Zone: "Europe/Berlin", Networks: []string{"10.1.0.0/16"}, URL: "https://acs.example"}
		f.same(site, one(f, f.Site)(id), "the site")
		f.same([]db.Fate{db.FateUpdated}, fates(f, run, db.ImportOptions{}, db.SiteImport{Name: "Büro", Networks: []string{}}), "no networks")
		if got := one(f, f.Site)(id); len(got.Networks) != 0 {
			f.t.Errorf("networks are %v", got.Networks)
		}
		ways := []string{db.WayUDP, db.WayHTTP}
		f.same([]db.Fate{db.FateUpdated}, fates(f, run, db.ImportOptions{}, db.SiteImport{Name: "Büro", Ways: ways}), "ways")
		f.same([]db.Fate{db.FateUnchanged}, fates(f, run, db.ImportOptions{}, db.SiteImport{Name: "Büro", Ways: ways}), "the same ways")
		f.same([]db.Fate{db.FateRefused}, fates(f, run, db.ImportOptions{}, db.SiteImport{Name: "Büro", Ways: []string{"smoke"}}), "no ways")
		f.same(ways, one(f, f.Site)(id).Ways, "the ways")
		f.same([]db.Fate{db.FateUpdated}, fates(f, run, db.ImportOptions{}, db.SiteImport{Name: "Büro", Ways: []string{}}), "the default ways")
		site = one(f, f.Site)(id)
		f.same(db.Ways, append([]string(nil), site.SpeakBy()...), "the default ways")
	}},

	{"tags have fates", func(f *fixture) {
		run := func(in []db.TagImport, o db.ImportOptions) ([]db.Imported, error) { return f.ImportTags(f.ctx, in, o) }
		f.imports(db.PhoneImport{MAC: "0c383e010203", OUI: "0C383E", Serial: "A1", Tags: []string{"old"}})
		list := []db.TagImport{
			{Phone: "0C-38-3E-01-02-03", Tag: "lobby"}, {Phone: "0C383E-A1", Tag: "night"}, {Phone: "p1", Tag: "old"},
			{Phone: "p9", Tag: "x"}, {Phone: "p1", Tag: " "},
		}
		want := []db.Fate{db.FateCreated, db.FateCreated, db.FateUnchanged, db.FateRefused, db.FateRefused}
		f.same(want, fates(f, run, db.ImportOptions{DryRun: true}, list...), "a dry run")
		f.same([]string{"old"}, f.phone(1).Tags, "tags after a dry run")
		f.same(want, fates(f, run, db.ImportOptions{}, list...), "the import")
		f.same([]string{"lobby", "night", "old"}, f.phone(1).Tags, "tags")
		want[0], want[1] = db.FateUnchanged, db.FateUnchanged
		f.same(want, fates(f, run, db.ImportOptions{}, list...), "the same again")
		changes, err := f.History(f.ctx, 1, db.Query{})
		f.ok(err, "History")
		f.same(2, len(changes.Items), "changes in its history")
		page, err := f.ListPhones(f.ctx, db.Query{Filter: f.filter(`tags:night`, db.PhoneFields)})
		f.ok(err, "ListPhones")
		f.same(1, len(page.Items), "phones with the tag")
		var many []db.TagImport
		for range db.MaxImport + 1 {
			many = append(many, list[0])
		}
		if _, err := f.ImportTags(f.ctx, many, db.ImportOptions{}); !errors.Is(err, db.ErrTooMany) {
			f.t.Errorf("too many lines: %v", err)
		}
	}},
}
