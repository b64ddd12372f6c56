package window

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// TestRefused: what no window can be names its member and the range.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, in, field, says string }{
		{"nothing", `{}`, "weekly", "needs weekly or flexible"},
		{"both", `{"weekly":{"days":["mon"],"begin":"02:00"},"flexible":{"interval_days":1,"begin":"02:00"}}`, "flexible", "not both"},
		{"no day", `{"weekly":{"days":[],"begin":"02:00"}}`, "weekly.days", "one or more"},
		{"a day twice", `{"weekly":{"days":["mon","Monday"],"begin":"02:00"}}`, "weekly.days[1]", "mon is named twice"},
		{"thirteen weeks", `{"weekly":{"days":["mon"],"begin":"02:00","every":13}}`, "weekly.every", "0 to 12"},
		{"less than no weeks", `{"weekly":{"days":["mon"],"begin":"02:00","every":-1}}`, "weekly.every", "0 to 12"},
		{"two hours and more idle", `{"weekly":{"days":["mon"],"begin":"02:00","inactivity_minutes":121}}`, "weekly.inactivity_minutes", "0 to 120"},
		{"idle for as long as it is open", `{"weekly":{"days":["mon"],"begin":"23:30","end":"00:30","inactivity_minutes":60}}`, "weekly.inactivity_minutes", "open for 60"},
		{"interval 0", `{"flexible":{"interval_days":0,"begin":"02:00"}}`, "flexible.interval_days", "1 to 1000"},
		{"interval 1001", `{"flexible":{"interval_days":1001,"begin":"02:00"}}`, "flexible.interval_days", "1 to 1000"},
		{"an unknown zone", `{"zone":"Europe/Atlantis","flexible":{"interval_days":1,"begin":"02:00"}}`, "zone", "IANA"},
		{"the machine's zone", `{"zone":"Local","flexible":{"interval_days":1,"begin":"02:00"}}`, "zone", "IANA"},
		{"a path for a zone", `{"zone":"../../etc/passwd","flexible":{"interval_days":1,"begin":"02:00"}}`, "zone", "IANA"},
		{"valid backwards", `{"valid_from":"2027-01-02","valid_to":"2027-01-01","flexible":{"interval_days":1,"begin":"02:00"}}`, "valid_to", "before"},
		{"black-out backwards", `{"black_out":[{"first":"2027-01-02","last":"2027-01-01"}],"flexible":{"interval_days":1,"begin":"02:00"}}`, "black_out[0]", "first of them first"},
		{"black-out of two years", `{"black_out":[{"first":"2027-01-02","last":"2028-12-01"}],"flexible":{"interval_days":1,"begin":"02:00"}}`, "black_out[0]", "366"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w Window
			if err := json.Unmarshal([]byte(c.in), &w); err != nil {
				t.Fatal(err)
			}
			var bad *FieldError
			if err := w.Check(); !errors.As(err, &bad) || bad.Field != c.field || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; want %s and %q", err, c.field, c.says)
			}
		})
	}
	for _, c := range []struct{ in, says string }{
		{`{"weekly":{"days":["day 8"],"begin":"02:00"}}`, "no day of the week"},
		{`{"weekly":{"days":["mon"],"begin":"25:00"}}`, "00:00 to 23:59"},
		{`{"weekly":{"days":["mon"],"begin":"2:00"}}`, "00:00 to 23:59"},
		{`{"weekly":{"days":["mon"],"begin":"02:60"}}`, "00:00 to 23:59"},
		{`{"valid_from":"2027-02-30"}`, "no day such as"},
	} {
		var w Window
		if err := json.Unmarshal([]byte(c.in), &w); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %q", c.in, err, c.says)
		}
	}
}

// TestNever: a window that does not open again is told, not looked for without end.
func TestNever(t *testing.T) {
	for _, in := range []string{
		`{"valid_to":"2020-01-01","weekly":{"days":["mon"],"begin":"02:00"}}`,
		`{"valid_from":"2027-01-01","valid_to":"2027-01-03","weekly":{"days":["mon"],"begin":"02:00"}}`,
		`{"valid_from":"2027-01-01","valid_to":"2027-01-03","black_out":[{"first":"2026-12-24","last":"2027-01-03"}],"flexible":{"interval_days":3,"begin":"02:00"}}`,
	} {
		var w Window
		if err := errors.Join(json.Unmarshal([]byte(in), &w), w.Check()); err != nil {
			t.Fatal(err)
		}
		if s, ok := w.Next(Phone{Key: macs(1)}, "w1", zoneOf(t, "UTC"), Day(2026, 11, 20).utc()); ok {
			t.Errorf("%s: %+v", in, s)
		}
	}
}

// FuzzWindow: whatever is read and passes Check can be asked for slots, and is
// the same when it is written and read again.
func FuzzWindow(f *testing.F) {
	f.Add([]byte(`{"weekly":{"days":["mon","fri"],"begin":"22:00","end":"04:00","every":4,"inactivity_minutes":10},"zone":"UTC"}`), int64(1795000000))
	f.Add([]byte(`{"flexible":{"interval_days":1000,"begin":"02:00"},"valid_from":"2999-12-31","black_out":[{"first":"2026-12-24","last":"2027-01-03"}]}`), int64(0))
	f.Fuzz(func(t *testing.T, in []byte, at int64) {
		var w, again Window
		if json.Unmarshal(in, &w) != nil || w.Check() != nil {
			return
		}
		out, err := json.Marshal(&w)
		if err == nil {
			err = errors.Join(json.Unmarshal(out, &again), again.Check())
		}
		if second, _ := json.Marshal(&again); err != nil || string(second) != string(out) {
			t.Fatalf("%s becomes %s: %v", out, second, err)
		}
		after := Date(at % 376_000).utc()
		if s, ok := w.Next(Phone{Key: macs(1)}, "w1", zoneOf(t, "UTC"), after); ok && !s.At.After(after) {
			t.Errorf("slot %v after %v", s.At, after)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	w := Window{Zone: "Europe/Berlin", Weekly: &Weekly{Days: []Weekday{1, 3}, Begin: 120, End: dial(b, "04:00")}}
	after, zone, phone := Day(2026, 11, 20).utc(), zoneOf(b, "UTC"), Phone{Key: macs(1)}
	b.ReportAllocs()
	for b.Loop() {
		w.Next(phone, "w1", zone, after)
	}
}
