package jobs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

// TestHeldBy: a job tells which holds stop it, and how many of its tasks that
// are not sent; the widest counts, and none stops what only reads.
func TestHeldBy(t *testing.T) {
	r := newRig(t)
	phones := r.some(5)
	site, err := r.store.CreateSite(t.Context(), db.Site{Name: "depot"})
	r.must(err)
	_, err = r.store.EditPhones(t.Context(), []db.PhoneID{phones[0].Phone.ID, phones[1].Phone.ID}, nil, db.PhoneEdit{Site: site.ID}, "ops")
	r.must(err)
	hold := func(site db.SiteID, phone db.PhoneID) db.Hold {
		h := db.Hold{Site: site, Phone: phone, Reason: "storm", By: "ann", Since: r.clock.Now()}
		r.must(r.store.SetHold(t.Context(), h))
		return h
	}
	job := r.order(db.Job{Kind: db.KindReboot})
	read := r.order(db.Job{Kind: db.KindGetParameters, Args: db.Args{Names: []string{"Device.DeviceInfo."}}})
	want := func(job db.JobID, want ...db.HeldTasks) {
		t.Helper()
		st, err := r.store.Job(t.Context(), job)
		r.must(err)
		got, err := r.svc.HeldBy(t.Context(), &st)
		r.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("held (-want +got)\n%s", diff)
		}
	}
	want(job)
	other := hold(0, phones[4].Phone.ID)
	want(job, db.HeldTasks{Hold: other, Tasks: 1})
	hold(0, phones[0].Phone.ID)
	depot := hold(site.ID, 0)
	want(job, db.HeldTasks{Hold: other, Tasks: 1}, db.HeldTasks{Hold: depot, Tasks: 2})
	want(read)
	r.inform("3", "2.4").reboot() // what is sent is not kept back
	fleet := hold(0, 0)
	want(job, db.HeldTasks{Hold: fleet, Tasks: 4})
	want(read)
	_, err = r.svc.Cancel(t.Context(), job)
	r.must(err)
	r.settle()
	want(job)
}

// TestHeldByMany: a job for many phones says how many at least.
func TestHeldByMany(t *testing.T) {
	r := newRig(t)
	phones := r.some(1005)
	job := r.order(db.Job{Kind: db.KindReboot})
	h := db.Hold{Site: phones[0].Phone.Site, Since: r.clock.Now()}
	if h.Site == 0 {
		h.Site = db.DefaultSite
	}
	r.must(r.store.SetHold(t.Context(), h))
	st := r.job(job, db.JobActive)
	got, err := r.svc.HeldBy(t.Context(), &st)
	r.must(err)
	if len(got) != 1 || got[0].Tasks != 1000 || !got[0].More {
		t.Errorf("held by %+v; want 1000 or more", got)
	}
}
