package admin

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// TestAnew: a preview of a file counts periods anew for phones that had its
// kind by other means, and what cannot know what it is for says so.
func TestAnew(t *testing.T) {
	h := newHarness(t)
	fleetOf(h, 3)
	end := window.Dial(3 * 60)
	w := window.Window{Flexible: &window.Flexible{Interval: 30, Begin: 2 * 60, End: &end}, Zone: "Asia/Tokyo"}
	h.store.windows[0].Window = w
	tokyo, err := window.LoadZone("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	had := now.Add(-30 * time.Hour)
	deed := db.DeedOf(db.KindDownload, h.store.files[0].Kind)
	h.store.runs = map[db.PhoneID][]db.Run{1: {{Deed: "reboot", At: now}, {Deed: deed, At: had}}, 2: {{Deed: "reboot", At: now}},
		3: {{Deed: deed, At: now.Add(48 * time.Hour)}}} // by a clock that was wrong
	day := window.DateOf(had.In(tokyo))
	for i, anew := range []*window.Date{&day, nil, nil} {
		id := h.store.phones[i].ID
		who := window.Phone{Key: h.store.phones[i].MAC, Anew: anew}
		want, _ := w.Next(who, "w1", tokyo, now)
		who.Anew = nil
		plain, _ := w.Next(who, "w1", tokyo, now)
		if anew != nil && want.At.Equal(plain.At) {
			t.Fatal("there is no difference to be seen")
		}
		body := fmt.Sprintf(`{"window":"night","selection":{"phones":["%s"]}`, id)
		v := h.preview(body + `,"file":"f1"}`)
		if !v.First.Equal(want.At) || len(v.Notes) != 0 {
			t.Errorf("%s has its slot for the file at %s, and %q; want %s", id, v.First, v.Notes, want.At)
		}
		v = h.preview(body + `}`)
		if says := strings.Join(v.Notes, ";"); !v.First.Equal(plain.At) || strings.Contains(says, "1 of the phones had something by other means") != (i < 2) {
			t.Errorf("%s has its slot at %s, and %q; want %s", id, v.First, v.Notes, plain.At)
		}
		var s slotsView
		h.do("GET", "/api/v1/windows/night/slots?phone="+id.String(), "").is(200).into(&s)
		if len(s.Notes) != 2-i || !s.Slots[0].At.Equal(plain.At) {
			t.Errorf("slots of %s: %s, %q", id, s.Slots[0].At, s.Notes)
		}
		if i == 0 && !strings.Contains(s.Notes[1], fmt.Sprintf("it last had %s by other means on %v", deed, day)) {
			t.Errorf("%q", s.Notes)
		}
	}
	h.store.windows[0].Window = window.Window{Weekly: &window.Weekly{Days: []window.Weekday{1}, Begin: 60, End: &end}}
	if v := h.preview(`{"window":"night","selection":{"all":true}}`); len(v.Notes) != 0 {
		t.Errorf("of a weekly window: %q", v.Notes)
	}
}
