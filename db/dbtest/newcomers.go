package dbtest

import (
	"slices"
	"sync"

	"phoneacs/db"
)

var newcomerTests = []testCase{
	{"an unknown phone enrols in the state given", func(f *fixture) {
		for i, state := range []db.PhoneState{db.PhonePending, db.PhoneApproved} {
			in := inform(i)
			rec, err := f.said(in, state, "0 BOOTSTRAP", "1 BOOT")
			f.ok(err, "RecordInform")
			want := db.Phone{
				ID: rec.Phone.ID, State: state, MAC: in.MAC, Site: db.DefaultSite, Vendor: in.Vendor, Model: in.Model,
				Manufacturer: in.Manufacturer, OUI: in.OUI, ProductClass: in.ProductClass, Serial: in.Serial,
				SoftwareVersion: in.SoftwareVersion, HardwareVersion: in.HardwareVersion, CWMP: in.CWMP,
				ConnectionRequestURL: in.ConnectionRequestURL, Created: f.now,
			}
			f.same(db.Recorded{Phone: want, Created: true}, rec, "RecordInform")
			f.same(db.PhoneStatus{Phone: want, Standing: unproven, Contact: db.Contact{Bootstrap: f.now, Boot: f.now, LastInform: f.now, Address: in.Address, Informs: 1}},
				f.phone(rec.Phone.ID), "Phone")
		}
	}},

	{"an unknown phone is refused where only listed ones enrol", func(f *fixture) {
		_, err := f.said(inform(1), "", "0 BOOTSTRAP")
		f.fails(err, db.ErrNotListed, "RecordInform")
		if n := len(all(f, f.ListPhones)); n != 0 {
			f.t.Errorf("%d phones were made", n)
		}
		_, err = f.said(inform(1), db.PhoneApproved, "0 BOOTSTRAP")
		f.ok(err, "RecordInform")
		_, err = f.said(inform(1), "", "2 PERIODIC")
		f.ok(err, "RecordInform of a known phone, where only listed ones enrol")
	}},

	{"so many phones wait for approval and no more", func(f *fixture) {
		n := 0 // phones that wait
		for wave, told := 0, false; !told; wave++ {
			if wave == 400 {
				f.t.Fatalf("%d phones wait for approval, and more may", n)
			}
			errs := make([]error, 64) // at once, for speed
			var wg sync.WaitGroup
			for i := range errs {
				wg.Go(func() { _, errs[i] = f.said(inform(wave*len(errs)+i), db.PhonePending, "0 BOOTSTRAP") })
			}
			wg.Wait()
			for _, err := range errs {
				if err == nil {
					n++
					continue
				}
				f.fails(err, db.ErrTooMany, "RecordInform of pending phone %d", n)
				told = true
			}
		}
		f.same(map[db.PhoneState]int{db.PhonePending: n}, nonZero(none(f, f.CountPhones)), "CountPhones")
		page, err := f.ListPhones(f.ctx, db.Query{Limit: 1})
		f.ok(err, "ListPhones")
		waits := inform(0)
		waits.MAC, waits.Serial = page.Items[0].MAC, page.Items[0].Serial
		_, err = f.said(waits, db.PhonePending, "0 BOOTSTRAP")
		f.ok(err, "RecordInform of one that waits already")
		_, err = f.said(inform(100_000), db.PhonePending, "0 BOOTSTRAP")
		f.fails(err, db.ErrTooMany, "RecordInform of one more")
		_, err = f.said(inform(100_000), db.PhoneApproved, "0 BOOTSTRAP")
		f.ok(err, "RecordInform of one that need not wait")
		f.imports(db.PhoneImport{MAC: waits.MAC})
		_, err = f.said(inform(100_001), db.PhonePending, "0 BOOTSTRAP")
		f.ok(err, "RecordInform when one has been approved")
	}},

	{"a phone listed by MAC is completed by its Inform", func(f *fixture) {
		in := inform(1)
		id := f.imports(db.PhoneImport{MAC: in.MAC, Name: "desk", Tags: []string{"lobby"}})[0].ID
		rec, err := f.said(in, "", "0 BOOTSTRAP")
		f.ok(err, "RecordInform")
		p := rec.Phone
		if rec.Created || p.ID != id || p.Serial != in.Serial || p.OUI != in.OUI || p.ProductClass != in.ProductClass ||
			p.Name != "desk" || !slices.Equal(p.Tags, []string{"lobby"}) || p.State != db.PhoneApproved {
			f.t.Errorf("recorded %+v; want phone %s with what it was listed with and what it said", rec, id)
		}
		if got, err := f.FindPhone(f.ctx, in.OUI+"-"+in.Serial); got != id || err != nil {
			f.t.Errorf("FindPhone by its serial = %v, %v; want %s", got, err, id)
		}
	}},

	{"a phone listed by serial is completed by its Inform", func(f *fixture) {
		in := inform(1)
		id := f.imports(db.PhoneImport{OUI: in.OUI, Serial: in.Serial, Name: "desk"})[0].ID
		rec, err := f.said(in, "", "0 BOOTSTRAP")
		f.ok(err, "RecordInform")
		if p := rec.Phone; rec.Created || p.ID != id || p.MAC != in.MAC || p.ProductClass != in.ProductClass || p.Name != "desk" {
			f.t.Errorf("recorded %+v; want phone %s, completed", rec, id)
		}
		if got, err := f.FindPhone(f.ctx, in.OUI+"-"+in.ProductClass+"-"+in.Serial); got != id || err != nil {
			f.t.Errorf("FindPhone by its class = %v, %v; want %s", got, err, id)
		}
	}},
}
