package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// fleetOf gives a harness n phones that can all be woken, each third at s2.
func fleetOf(h *harness, n int) {
	h.store.phones = nil
	for i := range n {
		p := db.PhoneStatus{Phone: db.Phone{
			ID: db.PhoneID(i + 1), State: db.PhoneApproved, MAC: fmt.Sprintf("0c383e%06x", i*3), Site: 1, ConnectionRequestURL: "http://10.0.0.9/x",
		}, Contact: db.Contact{LastInform: now}}
		if i%3 == 2 {
			p.Site = 2
		}
		if i%5 == 4 {
			p.MAC = "" // its id stands in
		}
		h.store.phones = append(h.store.phones, p)
	}
}

func (h *harness) preview(body string) (v previewView) {
	h.t.Helper()
	h.do("POST", "/api/v1/windows/preview", body).is(200).into(&v)
	return v
}

// TestPreviewIsSlots: the curve is, minute by minute, the slots of window.Next
// for each phone in the zone of its site, and those of GET …/slots.
func TestPreviewIsSlots(t *testing.T) {
	h := newHarness(t, func(o *Options) { o.Zone = time.FixedZone("here", -5*3600) })
	fleetOf(h, 40)
	berlin, err := window.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		w := window.Window{Zone: rapid.SampledFrom([]string{"", "Asia/Tokyo"}).Draw(t, "zone")}
		end := window.Dial(rapid.IntRange(0, 1439).Draw(t, "end"))
		begin := window.Dial(rapid.IntRange(0, 1439).Draw(t, "begin"))
		if rapid.Bool().Draw(t, "weekly") {
			w.Weekly = &window.Weekly{Days: []window.Weekday{1, 6}, Begin: begin, End: &end, Every: rapid.IntRange(0, 12).Draw(t, "every")}
		} else {
			w.Flexible = &window.Flexible{Interval: rapid.IntRange(1, 40).Draw(t, "interval"), Begin: begin, End: &end}
		}
		h.store.windows[0].Window = w
		at := now.Add(time.Duration(rapid.IntRange(0, 1<<25).Draw(t, "at")) * time.Second)
		v := h.preview(`{"window":"w1","selection":{"all":true},"at":"` + at.Format(time.RFC3339) + `"}`)
		step, err := parseDuration(v.Step)
		if err != nil {
			t.Fatal(err)
		}
		want, last := map[time.Time]int{}, time.Time{}
		for i := range h.store.phones {
			p := &h.store.phones[i]
			zone := h.zone
			if p.Site == 2 {
				zone = berlin
			}
			key := p.MAC
			if key == "" {
				key = p.ID.String()
			}
			s, ok := w.Next(window.Phone{Key: key}, "w1", zone, at)
			if !ok {
				t.Fatalf("phone %s has no slot", p.ID)
			}
			want[s.At.UTC().Truncate(step)]++
			if s.At.After(last) {
				last = s.At
			}
		}
		if v.Looked != 40 || v.Phones != 40 || len(v.Curve) != len(want) || !v.Last.Equal(last) {
			t.Fatalf("%d of %d phones in %d stretches up to %v, want %d up to %v", v.Phones, v.Looked, len(v.Curve), v.Last, len(want), last)
		}
		for _, b := range v.Curve {
			if want[b.At] != b.Phones {
				t.Fatalf("%d at %v, want %d", b.Phones, b.At, want[b.At])
			}
		}
	})
	h.store.windows[0].Window = nightly()
	for _, p := range h.store.phones {
		var s slotsView
		h.do("GET", "/api/v1/windows/night/slots?n=2&phone="+p.ID.String(), "").is(200).into(&s)
		v := h.preview(`{"window":"night","selection":{"phones":["` + p.ID.String() + `"]}}`)
		if len(s.Slots) != 2 || !v.First.Equal(s.Slots[0].At) || !s.Slots[1].At.After(s.Slots[0].At) {
			t.Fatalf("phone %s: slots %+v, preview %v", p.ID, s.Slots, v.First)
		}
		if zone := map[db.SiteID]string{1: "here", 2: "Europe/Berlin"}[p.Site]; s.Zone != zone {
			t.Fatalf("phone %s is in the zone %q, want %q", p.ID, s.Zone, zone)
		}
		if local, err := time.Parse(time.RFC3339, s.Slots[0].LocalAt); err != nil || !local.Equal(s.Slots[0].At) || local.Hour() != 2 {
			t.Fatalf("phone %s: %s is local for %v, %v", p.ID, s.Slots[0].LocalAt, s.Slots[0].At, err)
		}
	}
}

// TestPreviewOdd: who is left out, and who cannot be woken, is counted whole
// and named in pages.
func TestPreviewOdd(t *testing.T) {
	h := newHarness(t)
	fleetOf(h, 12)
	h.orders.unfit = map[db.PhoneID]string{4: "it has this firmware already"}
	p := h.store.phones
	p[0].State = db.PhonePending
	p[1].State = db.PhoneReEnrol
	p[2].Held = true
	p[4].ConnectionRequestURL = ""
	p[5].WakeError = "no answer within 10 s"
	p[6].LastInform, p[6].ConnectionRequestURL = time.Time{}, ""
	v := h.preview(`{"window":"night","selection":{"all":true},"file":"f1","limit":2}`)
	if v.Looked != 12 || v.Phones != 8 || v.LeftOut.Count != 4 || v.Unwakeable.Count != 3 {
		t.Fatalf("%+v", v)
	}
	if want := []reasonView{{leftState, 2}, {leftHeld, 1}, {leftUnfit, 1}}; !slices.Equal(v.LeftOut.Reasons, want) {
		t.Errorf("left out for %+v", v.LeftOut.Reasons)
	}
	if want := []reasonView{{asleepNew, 1}, {asleepURL, 1}, {asleepWake, 1}}; !slices.Equal(v.Unwakeable.Reasons, want) {
		t.Errorf("cannot be woken for %+v", v.Unwakeable.Reasons)
	}
	ids := func(of []oddPhone) (all []string) {
		for _, p := range of {
			all = append(all, p.ID.String()+" "+p.Why)
		}
		return all
	}
	if got := strings.Join(ids(v.LeftOut.Phones), "|"); v.LeftOut.Next != "p2" ||
		got != "p1 it is pending, and given nothing until it is approved|p2 it is re-enrol, and given nothing until it is approved" {
		t.Errorf("first page: %s, next %s", got, v.LeftOut.Next)
	}
	v = h.preview(`{"window":"night","selection":{"all":true},"file":"f1","limit":2,"after":"p2"}`)
	if got := strings.Join(ids(v.LeftOut.Phones), "|"); v.LeftOut.Next != "" || v.LeftOut.Count != 4 || got != "p3 a hold covers it|p4 it has this firmware already" {
		t.Errorf("second page: %s, next %s", got, v.LeftOut.Next)
	}
	v = h.preview(`{"window":"night","selection":{"phones":["p7","p6","p5"]}}`)
	if got := strings.Join(ids(v.Unwakeable.Phones), "|"); got != "p5 it has not told the address at which it is woken|"+
		"p6 the last time it was to be woken: no answer within 10 s|p7 it has never informed" {
		t.Errorf("cannot be woken: %s", got)
	}
	if v.Unwakeable.Phones[0].Slot.IsZero() || v.Unwakeable.Speaks.Unknown != 3 {
		t.Errorf("%+v", v.Unwakeable)
	}
}

// TestPreviewSpeaks: a phone that cannot be woken, and informs by itself.
func TestPreviewSpeaks(t *testing.T) {
	at := time.Date(2026, 5, 17, 9, 0, 0, 0, time.UTC)
	slot := window.Slot{At: at.Add(90 * time.Minute), Opens: at.Add(time.Hour), Closes: at.Add(2 * time.Hour)}
	for _, tt := range []struct {
		name     string
		last     time.Duration // before at
		every    time.Duration
		now      time.Duration // after at
		want     string
		expected time.Duration // after at; 0: none
	}{
		{"each hour", 10 * time.Minute, time.Hour, 0, speaksInside, 110 * time.Minute},
		{"just as it opens", 0, time.Hour, 0, speaksInside, time.Hour},
		{"just as it closes", 0, 2 * time.Hour, 0, speaksOutside, 2 * time.Hour},
		{"each day", time.Minute, 24 * time.Hour, 0, speaksOutside, 24*time.Hour - time.Minute},
		{"not told", time.Minute, 0, 0, speaksUnknown, 0},
		{"never by itself", time.Minute, -1, 0, speaksOutside, 0},
		{"late", 3 * time.Hour, time.Hour, 0, speaksUnknown, 0},
		{"not late if it is asked of later", time.Minute, time.Hour, -time.Minute, speaksInside, 119 * time.Minute},
	} {
		got, expected := speaks(at.Add(-tt.last), tt.every, at.Add(tt.now), at, slot)
		want := time.Time{}
		if tt.expected != 0 {
			want = at.Add(tt.expected)
		}
		if got != tt.want || !expected.Equal(want) {
			t.Errorf("%s: %s at %v, want %s at %v", tt.name, got, expected, tt.want, want)
		}
	}
	for _, tt := range []struct {
		params string
		want   time.Duration
	}{
		{``, 0}, {`Interval=3600`, time.Hour}, {`Enable=1,Interval=60`, time.Minute}, {`Enable=0,Interval=60`, -1}, {`Enable=false,Interval=60`, -1},
		{`Interval=0`, 0}, {`Interval=x`, 0}, {`Interval=4294967295`, 0},
	} {
		h := newHarness(t)
		for _, kv := range strings.Split(tt.params, ",") {
			if name, v, ok := strings.Cut(kv, "="); ok {
				h.store.params = append(h.store.params, db.Parameter{Name: "InternetGatewayDevice.ManagementServer.PeriodicInform" + name, Value: v})
			}
		}
		p := &preview{API: h.API}
		if got, err := p.interval(t.Context(), &h.store.phones[0]); got != tt.want || err != nil {
			t.Errorf("%s: %v, %v; want %v", tt.params, got, err, tt.want)
		}
	}
}

// TestPreviewSpeaksWithoutEnd: a window without an end is open for an hour for
// those who speak by themselves, as it is to their tasks.
func TestPreviewSpeaksWithoutEnd(t *testing.T) {
	for every, want := range map[string]speaksView{"3600": {Inside: 1}, "86400": {Outside: 1}} {
		h := newHarness(t)
		fleetOf(h, 1)
		h.store.phones[0].ConnectionRequestURL = ""
		h.store.phones[0].LastInform = h.clock.Now().Add(-time.Minute)
		h.store.params = []db.Parameter{{Name: "InternetGatewayDevice.ManagementServer.PeriodicInformInterval", Value: every}}
		v := h.preview(`{"draft":{"flexible":{"interval_days":1,"begin":"02:00"}},"selection":{"all":true}}`)
		if v.Unwakeable.Speaks != want {
			t.Errorf("each %s s: %+v", every, v.Unwakeable.Speaks)
		}
	}
}

// TestPreviewLoad: bytes and rates, by figures that can be checked by hand.
func TestPreviewLoad(t *testing.T) {
	h := newHarness(t)
	fleetOf(h, 600)
	h.store.files[0].Size = 6000
	h.store.windows[0].Window.Flexible.End = nil // all at two
	v := h.preview(`{"window":"night","selection":{"all":true},"file":"f1","takes":"2m"}`)
	// 200 of them are at a site two hours east of UTC.
	if v.Busiest.Phones != 400 || *v.Busiest.BytesPerSecond != 40_000 || *v.AtOnce.BytesPerSecond != 20_000 || len(v.Curve) != 2 {
		t.Errorf("busiest %+v, at once %+v, %d stretches", v.Busiest, v.AtOnce, len(v.Curve))
	}
	if len(v.Notes) != 1 || !strings.Contains(v.Notes[0], "nothing is spread") {
		t.Errorf("notes %q", v.Notes)
	}
	if len(v.Sites) != 2 || v.Sites[0].Site != "s1" || v.Sites[0].Phones != 400 || len(v.Zones) != 2 {
		t.Errorf("sites %+v, zones %+v", v.Sites, v.Zones)
	}
	h.store.windows[0].Window = nightly()
	a := h.do("POST", "/api/v1/windows/preview", `{"window":"night","selection":{"all":true},"rate_per_minute":5}`)
	a.refuses(kindTooSmall, "rate_per_minute")
	if !strings.Contains(string(a.body), "400 phones at 5 a minute need 80 minutes, and the window is open for 60") {
		t.Errorf("%s", a.body)
	}
	v = h.preview(`{"window":"night","selection":{"all":true},"rate_per_minute":50}`)
	if v.Rate == nil || v.Rate.Left != 0 || v.Rate.Last.Before(v.Last.Truncate(time.Minute)) || v.Busiest.BytesPerSecond != nil {
		t.Errorf("rate %+v, last %v", v.Rate, v.Last)
	}
	v = h.preview(`{"draft":{"weekly":{"days":["mon"],"begin":"22:00","end":"02:00"}},"selection":{"all":true}}`)
	if v.Exact || v.Window != "" || v.Phones != 600 || len(v.Notes) != 1 {
		t.Errorf("draft: %+v", v)
	}
}

// TestPreviewRefused: what cannot be is refused before a phone is looked at.
func TestPreviewRefused(t *testing.T) {
	h := newHarness(t)
	h.store.listed = func() { t.Error("phones were looked at") }
	all := `"selection":{"all":true}`
	for _, tt := range []struct {
		name, body string
		kind       kind
		field      string
	}{
		{"no window", `{` + all + `}`, kindInvalid, "window"},
		{"both", `{"window":"night","draft":{"flexible":{"interval_days":1,"begin":"02:00"}},` + all + `}`, kindInvalid, "window"},
		{"unknown", `{"window":"day",` + all + `}`, kindInvalid, "window"},
		{"bad draft", `{"draft":{"flexible":{"interval_days":0,"begin":"02:00"}},` + all + `}`, kindInvalid, "draft.flexible.interval_days"},
		{"bad time in a draft", `{"draft":{"flexible":{"interval_days":1,"begin":"2"}},` + all + `}`, kindInvalid, "draft.flexible.begin"},
		{"nobody", `{"window":"night","selection":{}}`, kindInvalid, "selection"},
		{"no file", `{"window":"night","file":"f99",` + all + `}`, kindInvalid, "file"},
		{"file by name", `{"window":"night","file":"x6.z",` + all + `}`, kindInvalid, "file"},
		{"takes nothing", `{"window":"night","takes":"0s",` + all + `}`, kindInvalid, "takes"},
		{"takes days", `{"window":"night","takes":"2d",` + all + `}`, kindInvalid, "takes"},
		{"rate 0", `{"window":"night","rate_per_minute":0,` + all + `}`, kindInvalid, "rate_per_minute"},
		{"no time", `{"window":"night","at":"tomorrow",` + all + `}`, kindInvalid, "at"},
		{"a long list", `{"window":"night","limit":1001,` + all + `}`, kindInvalid, "limit"},
		{"after nothing", `{"window":"night","after":"x",` + all + `}`, kindInvalid, "after"},
		{"over", `{"draft":{"valid_to":"2026-05-01","flexible":{"interval_days":1,"begin":"02:00"}},` + all + `}`, kindNever, ""},
		{"over by then", `{"draft":{"valid_to":"2026-06-01","flexible":{"interval_days":1,"begin":"02:00"}},"at":"2026-07-01T00:00:00Z",` + all + `}`, kindNever, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.do("POST", "/api/v1/windows/preview", tt.body).refuses(tt.kind, tt.field)
		})
	}
	h.store.windows[0].Window.Until = new(window.Date)
	a := h.do("GET", "/api/v1/windows/night/slots?phone=p1", "")
	a.refuses(kindNever, "")
	if !strings.Contains(string(a.body), "valid_to is 1970-01-01, and that is past") {
		t.Errorf("%s", a.body)
	}
	for query, field := range map[string]string{"": "phone", "phone=p99": "phone", "phone=p1&n=0": "n", "phone=p1&n=101": "n", "phone=p1&n=x": "n"} {
		h.do("GET", "/api/v1/windows/night/slots?"+query, "").refuses(kindInvalid, field)
	}
}

// TestPreviewBounds: places for previews are few, and given back; one whose
// client has gone stops at the next phone.
func TestPreviewBounds(t *testing.T) {
	h := newHarness(t)
	body := `{"window":"night","selection":{"all":true}}`
	for range maxPreviews {
		h.previews <- struct{}{}
	}
	h.do("POST", "/api/v1/windows/preview", body).refuses(kindBusy, "")
	for range maxPreviews {
		<-h.previews
	}
	for range 2 * maxPreviews {
		h.do("POST", "/api/v1/windows/preview", body).is(200)
	}
	p, _, err := h.readPreview(t.Context(), &newPreview{Window: "night"})
	if err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(t.Context())
	h.store.listed = func() {
		if p.looked > 0 {
			t.Error("a page was read after the client had gone")
		}
		leave()
	}
	if err := p.matching(gone, nil); err == nil || p.looked != 0 {
		t.Errorf("%d phones looked at, %v", p.looked, err)
	}
}

// TestPreviewJSON: an empty fleet has lists, not nothing.
func TestPreviewJSON(t *testing.T) {
	h := newHarness(t)
	h.store.phones = nil
	a := h.do("POST", "/api/v1/windows/preview", `{"window":"night","selection":{"all":true},"takes":"5m","rate_per_minute":1}`).is(200)
	var v map[string]json.RawMessage
	a.into(&v)
	if string(v["curve"]) != "[]" || string(v["zones"]) != "[]" || v["busiest"] != nil || v["at_once"] != nil {
		t.Errorf("%s", a.body)
	}
}
