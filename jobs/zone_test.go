package jobs_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// TestSiteToAnotherZone has many phones of a site, and one of another, wait in a
// named window and in one of the job's own, neither with a zone, when the site
// is said to be in New York, and with a crash in the middle in Kolkata: soon
// after, and long before they are due, they wait for their slots there.
func TestSiteToAnotherZone(t *testing.T) {
	r := newRig(t)
	const n = 600 // more than a chunk
	phones := r.some(n)
	sites := make([]db.Site, 2)
	for i := range sites {
		var err error
		sites[i], err = r.store.CreateSite(t.Context(), db.Site{Name: fmt.Sprint("site", i), Zone: "Europe/Berlin"})
		r.must(err)
	}
	var ids []db.PhoneID
	for _, p := range phones {
		ids = append(ids, p.Phone.ID)
	}
	for i, part := range [][]db.PhoneID{ids[1:], ids[:1]} {
		for some := range slices.Chunk(part, 500) {
			_, err := r.store.EditPhones(t.Context(), some, nil, db.PhoneEdit{Site: sites[i].ID}, "ops")
			r.must(err)
		}
	}
	w, own, fixed := r.window("night", night("")), night(""), r.window("fixed", night("Europe/Berlin"))
	named, inline := r.order(rebootIn(w, "")), r.order(db.Job{Kind: db.KindReboot, When: db.When{Inline: &own}})
	there := r.order(rebootIn(fixed, ""), phones[1])
	wantIn := func(job db.JobID, id string, phones []session, name string) {
		t.Helper()
		zone, err := time.LoadLocation(name)
		r.must(err)
		for _, p := range phones {
			slot, _ := w.Window.Next(window.Phone{Key: p.Phone.ID.String()}, id, zone, r.clock.Now())
			r.waitsFor(job, p, slot)
		}
	}
	all := func(name string) {
		t.Helper()
		wantIn(named, w.ID.String(), phones[1:], name)
		wantIn(inline, inline.String(), phones[1:], name)
		wantIn(named, w.ID.String(), phones[:1], "Europe/Berlin")
		wantIn(there, fixed.ID.String(), phones[1:2], "Europe/Berlin")
		for _, job := range []db.JobID{named, inline, there} {
			if st := r.job(job, db.JobActive); st.Refiling() {
				t.Errorf("%v is still filed anew", job)
			}
		}
	}
	all("Europe/Berlin")
	to := func(zone string) {
		t.Helper()
		var err error
		sites[0].Zone = zone
		sites[0], err = r.store.UpdateSite(t.Context(), sites[0])
		r.must(err)
	}
	to("America/New_York")
	r.settle()
	all("America/New_York")

	to("Pacific/Auckland")
	_, err := r.svc.ExpandOnce(t.Context())
	r.must(err)
	for _, job := range []db.JobID{named, inline} {
		if st := r.job(job, db.JobActive); !st.Refiling() || st.RefileAt == 0 {
			t.Fatalf("after one chunk: round %d, at %v", st.Refile, st.RefileAt)
		}
	}
	to("Asia/Kolkata") // before that is over
	r.restart()
	r.settle()
	all("Asia/Kolkata")
}
