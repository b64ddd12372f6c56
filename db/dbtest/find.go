package dbtest

import (
	"strings"

	"phoneacs/db"
)

var findTests = []testCase{
	{"in every spelling", func(f *fixture) {
		for _, tt := range []struct {
			name, class, serial string
			refs                []string
		}{
			{"plain", "X6U", "0c383e0000f1", []string{"0C383E-X6U-0c383e0000f1", "0C383E-0c383e0000f1", "0c383e-X6U-0c383e0000f1"}},
			{"hyphens", "X6-U", "SN-1-2", []string{"0C383E-X6-U-SN-1-2", "0C383E-SN-1-2"}},
			{"odd characters", "A B/ü%2D.", "ß+1 &\"2\"", []string{"0C383E-A B/ü%2D.-ß+1 &\"2\"", "0C383E-ß+1 &\"2\""}},
			{"no class", "", "77", []string{"0C383E--77", "0C383E-77"}},
			{"hyphens at the ends", "-c-", "-s-", []string{"0C383E--c---s-", "0C383E--s-"}},
		} {
			f.made++
			in := inform(f.made)
			in.ProductClass, in.Serial = tt.class, tt.serial
			in.Enrol, in.Now, in.Session = db.PhoneApproved, f.now, "s"
			rec, err := f.RecordInform(f.ctx, in)
			f.ok(err, "RecordInform of %s", tt.name)
			mac, pairs := in.MAC, []string{}
			for i := 0; i < 12; i += 2 {
				pairs = append(pairs, mac[i:i+2])
			}
			refs := append(tt.refs, rec.Phone.ID.String(), mac, strings.ToUpper(mac),
				strings.Join(pairs, ":"), strings.ToUpper(strings.Join(pairs, ":")), strings.Join(pairs, "-"),
				mac[:4]+"."+mac[4:8]+"."+mac[8:])
			for _, ref := range refs {
				if id, err := f.FindPhone(f.ctx, ref); id != rec.Phone.ID || err != nil {
					f.t.Errorf("%s: FindPhone(%q) = %v, %v; want %s", tt.name, ref, id, err, rec.Phone.ID)
				}
			}
		}
	}},

	{"what names no phone", func(f *fixture) {
		f.device()
		for _, ref := range []string{
			"", " ", "-", "--", "p", "p0", "p99", "j1", "0c383e0000ff", "0c:38:3e:00:00:0", "0c383e00000", "X6U",
			"0C383E", "0C383E-", "0C383E-X6U", "0C383E-X6U-", "0C383E-X6U-SN", "SN-0c383e000001",
			"000000-X6U-SN-0c383e000001", strings.Repeat("0", 1<<16), "\x00", "0C383E-X6U\x00SN-0c383e000001",
		} {
			if id, err := f.FindPhone(f.ctx, ref); id != 0 {
				f.t.Errorf("FindPhone(%.40q) = %s", ref, id)
			} else {
				f.fails(err, db.ErrNotFound, "FindPhone(%.40q)", ref)
			}
		}
	}},

	{"what could name several phones", func(f *fixture) {
		enrol := func(class, serial string) db.PhoneID {
			f.made++
			in := inform(f.made)
			in.ProductClass, in.Serial, in.Enrol, in.Now, in.Session = class, serial, db.PhoneApproved, f.now, "s"
			rec, err := f.RecordInform(f.ctx, in)
			f.ok(err, "RecordInform")
			return rec.Phone.ID
		}
		u, v := enrol("X6U", "77"), enrol("X6V", "77")
		_, err := f.FindPhone(f.ctx, "0C383E-77")
		f.fails(err, db.ErrConflict, "FindPhone by a serial that two classes have")
		for ref, want := range map[string]db.PhoneID{"0C383E-X6U-77": u, "0C383E-X6V-77": v} {
			if id, err := f.FindPhone(f.ctx, ref); id != want || err != nil {
				f.t.Errorf("FindPhone(%q) = %v, %v; want %s", ref, id, err, want)
			}
		}
		enrol("A-B", "C")
		enrol("A", "B-C")
		_, err = f.FindPhone(f.ctx, "0C383E-A-B-C")
		f.fails(err, db.ErrConflict, "FindPhone by a reference that can be split in two ways")
	}},

	{"by what an Inform has changed", func(f *fixture) {
		d := f.device()
		old := d.in.MAC
		d.in.MAC = "0c383effffff"
		d.session("1 BOOT")
		_, err := f.FindPhone(f.ctx, old)
		f.fails(err, db.ErrNotFound, "FindPhone by the former MAC")
		if id, err := f.FindPhone(f.ctx, d.in.MAC); id != d.id || err != nil {
			f.t.Errorf("FindPhone by the new MAC = %v, %v; want %s", id, err, d.id)
		}
	}},
}
