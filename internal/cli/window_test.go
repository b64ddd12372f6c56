package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"phoneacs/admin/client"
)

// night is a curve of one hour from 02:00 in Berlin, busiest at 02:37, and of a
// straggler two hours later.
func night() client.WindowPreview {
	at := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	v := client.WindowPreview{Name: "night", Step: "1m", Looked: 700, Zones: []client.WindowPlace{{Zone: "Europe/Berlin", Phones: 631}}}
	for i := range 60 {
		n := 10
		if i == 37 {
			n = 40
		}
		v.Curve = append(v.Curve, client.WindowBucket{At: at.Add(time.Duration(i) * time.Minute), Phones: n})
	}
	v.Curve = append(v.Curve, client.WindowBucket{At: at.Add(3 * time.Hour), Phones: 1})
	v.Busiest = &client.WindowLoad{At: at.Add(37 * time.Minute), Phones: 40}
	v.Phones = 631
	return v
}

// TestChart: all phones are in it, it is as wide as the terminal, its times are
// of the zone, and the busiest row is marked.
func TestChart(t *testing.T) {
	for _, width := range []int{0, 40, 60, 120, 200} {
		var b bytes.Buffer
		o := &output{out: &b, errs: io.Discard, width: width}
		zone, name := chartZone(night())
		if err := o.chart(night(), zone, name); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		if lines[0] != "phones in each 5 minutes, Europe/Berlin" || len(lines) != 15 || lines[13] != "..." {
			t.Fatalf("width %d:\n%s", width, &b)
		}
		longest := 0
		for _, l := range lines {
			longest = max(longest, utf8.RuneCountInString(l))
		}
		if most := max(width, 80*min(1, 1-min(width, 1))); longest > most || longest < most*3/5 {
			t.Errorf("width %d: the longest line has %d columns:\n%s", width, longest, &b)
		}
		block := "█"
		if width == 0 {
			block = "#"
		}
		if strings.Contains(b.String(), "\x1b") || !strings.HasPrefix(lines[1], "Mon 2026-11-23 02:00 "+block) || !strings.HasSuffix(lines[1], block+" 50") {
			t.Errorf("width %d: first row %q", width, lines[1])
		}
		for i, l := range lines {
			if marked := strings.Contains(l, " 80 < bus"); marked != (i == 8) {
				t.Errorf("width %d: row %d is marked: %v: %q", width, i, marked, l)
			}
		}
		if lines[14] != "Mon 2026-11-23 05:00 "+block+" 1" {
			t.Errorf("width %d: last row %q", width, lines[14])
		}
		if a, z := strings.Count(lines[1], block), strings.Count(lines[8], block); z*5/8 < a-1 || z*5/8 > a+1 {
			t.Errorf("width %d: bars of 50 and 80 are %d and %d long", width, a, z)
		}
	}
}

// TestBars: no phone is lost however long the curve is, and rows begin at round
// times of the zone, over changes of clocks too.
func TestBars(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Kathmandu") // 5:45 ahead
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, z := range []*time.Location{time.UTC, zone, berlin} {
		for _, days := range []int{1, 2, 40, 400, 1000} {
			v := client.WindowPreview{Step: "1m"}
			begin, total := time.Date(2026, 3, 20, 22, 3, 0, 0, time.UTC), 0
			if days > 40 {
				v.Step = "1d"
			}
			for i := range 1000 {
				at := begin.Add(time.Duration(i) * time.Duration(days) * 24 * time.Hour / 1000)
				v.Curve = append(v.Curve, client.WindowBucket{At: at.Truncate(time.Minute), Phones: i%7 + 1})
				total += i%7 + 1
			}
			rows, step := bars(v, z)
			sum := 0
			for i, r := range rows {
				sum += r.n
				if i > 0 && !r.at.After(rows[i-1].at) {
					t.Fatalf("%v, %d days: row at %v after %v", z, days, r.at, rows[i-1].at)
				}
				if _, m, s := r.at.In(z).Clock(); step <= time.Hour && step >= 15*time.Minute && (m%int(min(step, time.Hour)/time.Minute) != 0 || s != 0) {
					t.Errorf("%v, %d days: a row of %v begins at %v", z, days, step, r.at.In(z))
				}
			}
			if sum != total || len(rows) > chartRows {
				t.Errorf("%v, %d days: %d of %d phones in %d rows of %v", z, days, sum, total, len(rows), step)
			}
		}
	}
}

// TestWindowFlags: what flags say is what is sent.
func TestWindowFlags(t *testing.T) {
	var got, stored string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "GET" {
			_, _ = io.WriteString(w, stored)
			return
		}
		b, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.Path + " " + string(b)
		_ = json.NewEncoder(w).Encode(client.Window{ID: "w1"})
	}))
	t.Cleanup(s.Close)
	const weekly = `{"id":"w1","name":"night","weekly":{"days":["sat"],"begin":"02:00","end":"04:00","every":2,"inactivity_minutes":5},"zone":"UTC","black_out":[{"first":"2026-12-24","last":"2026-12-26"}]}`
	for _, tt := range []struct{ line, stored, want string }{
		{"create weekend --weekly sat,sun --begin 02:00 --end 04:30 --every 2 --inactivity 10 --zone Europe/Berlin --valid-from 2026-12-01 --valid-to 2027-12-01 --black-out 2026-12-24/2027-01-02,2027-05-01", "",
			`POST /api/v1/windows {"name":"weekend","weekly":{"days":["sat","sun"],"begin":"02:00","end":"04:30","every":2,"inactivity_minutes":10},"zone":"Europe/Berlin","valid_from":"2026-12-01","valid_to":"2027-12-01","black_out":[{"first":"2026-12-24","last":"2027-01-02"},{"first":"2027-05-01","last":"2027-05-01"}]}`},
		{"create month --flexible 30 --begin 22:00", "", `POST /api/v1/windows {"name":"month","flexible":{"interval_days":30,"begin":"22:00"}}`},
		{"edit night --end 05:00", weekly, `PUT /api/v1/windows/w1 {"name":"night","weekly":{"days":["sat"],"begin":"02:00","end":"05:00","every":2,"inactivity_minutes":5},"zone":"UTC","black_out":[{"first":"2026-12-24","last":"2026-12-26"}]}`},
		{"edit night --flexible 7 --name x --zone= --black-out=", weekly, `PUT /api/v1/windows/w1 {"name":"x","flexible":{"interval_days":7,"begin":"02:00","end":"04:00"}}`},
		{"edit night --weekly sun --inactivity 0", weekly, `PUT /api/v1/windows/w1 {"name":"night","weekly":{"days":["sun"],"begin":"02:00","end":"04:00","every":2},"zone":"UTC","black_out":[{"first":"2026-12-24","last":"2026-12-26"}]}`},
	} {
		got, stored = "", tt.stored
		if _, _, err := run(t, append([]string{"window", "--server", s.URL}, strings.Fields(tt.line)...)...); err != nil || got != tt.want {
			t.Errorf("%s: %v\n got %s\nwant %s", tt.line, err, got, tt.want)
		}
	}
	for _, line := range []string{
		"create x", "create x --weekly mon --flexible 3", "create x --flexible 3 --every 2", "create x --flexible 3 --black-out /2027-01-01",
		"edit night", "preview", "preview night", "preview night --phone p1 p2", "preview night --all --at soon", "preview --flexible 3 --phone p1",
		"preview night --phone p1 --slots 0",
	} {
		got, stored = "", weekly
		if _, _, err := run(t, append([]string{"window", "--server", s.URL}, strings.Fields(line)...)...); err == nil || got != "" {
			t.Errorf("%s: %v, and %q was sent", line, err, got)
		}
	}
}
