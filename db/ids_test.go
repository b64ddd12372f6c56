package db_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"phoneacs/db"
)

func TestIDText(t *testing.T) {
	type ids struct {
		Phone db.PhoneID `json:"phone"`
		Job   db.JobID   `json:"job"`
		File  db.FileID  `json:"file"`
		Site  db.SiteID  `json:"site"`
		Token db.TokenID `json:"token"`
		Task  db.TaskID  `json:"task"`
		Map   map[db.PhoneID]bool
	}
	in := ids{1042, 17, 3, db.DefaultSite, 9, db.TaskID{Job: 17, Phone: 1042}, map[db.PhoneID]bool{5: true}}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"phone":"p1042","job":"j17","file":"f3","site":"s1","token":"t9","task":"j17-p1042","Map":{"p5":true}}`
	if string(b) != want {
		t.Errorf("Marshal = %s; want %s", b, want)
	}
	var out ids
	if err := json.Unmarshal(b, &out); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("Unmarshal = %+v, %v; want %+v", out, err, in)
	}
}

func TestZeroIDIsEmpty(t *testing.T) {
	if s := db.PhoneID(0).String(); s != "" {
		t.Errorf("PhoneID(0) = %q; want nothing", s)
	}
	id := db.PhoneID(7)
	if err := id.UnmarshalText(nil); err != nil || id != 0 {
		t.Errorf("UnmarshalText(nil) = %v, %v; want the zero id", id, err)
	}
}

func TestParseIDRefuses(t *testing.T) {
	for _, s := range []string{
		"p", "1", "P1", "j1", "p0", "p01", "p+1", "p-1", "p1 ", " p1", "p1x", "p1.0", "pp1",
		"p18446744073709551615", "p99999999999999999999", "ｐ1",
	} {
		if id, err := db.ParsePhoneID(s); err == nil {
			t.Errorf("ParsePhoneID(%q) = %v; want an error", s, id)
		} else if !strings.Contains(err.Error(), "p17") {
			t.Errorf("ParsePhoneID(%q): %v; want an error that shows the form", s, err)
		}
	}
	for _, s := range []string{"", "j1", "j1-", "-p1", "p1-j1", "j1-p1-", "j1-p1-1", "j0-p1", "j1-p0", "j1 -p1", "j1--p1"} {
		if id, err := db.ParseTaskID(s); err == nil {
			t.Errorf("ParseTaskID(%q) = %v; want an error", s, id)
		}
	}
}

func TestCommandKey(t *testing.T) {
	const tag = "k7q2"
	for _, tt := range []struct {
		id   db.AttemptID
		want string
	}{
		{db.AttemptID{Task: db.TaskID{Job: 17, Phone: 1042}, N: 1}, "j17-p1042-1-k7q2"},
		{db.AttemptID{Task: db.TaskID{Job: 999_999_999, Phone: 999_999_999}, N: 9999}, "j999999999-p999999999-9999-k7q2"},
	} {
		key, err := tt.id.CommandKey(tag)
		if err != nil || key != tt.want || len(key) > db.MaxCommandKey {
			t.Errorf("CommandKey(%v) = %q, %v; want %q", tt.id, key, err, tt.want)
		}
		if id, ok := db.ParseCommandKey(key, tag); !ok || id != tt.id {
			t.Errorf("ParseCommandKey(%q) = %v, %v; want %v", key, id, ok, tt.id)
		}
	}
	long := db.AttemptID{Task: db.TaskID{Job: math.MaxInt64, Phone: math.MaxInt64}, N: 1}
	if key, err := long.CommandKey(tag); err == nil {
		t.Errorf("CommandKey of long ids = %q; want an error", key)
	}
}

func TestParseCommandKeyRefuses(t *testing.T) {
	for _, key := range []string{
		"", "k7q2", "-k7q2", "j1-p2-k7q2", "j1-p2--k7q2", "j1-p2-0-k7q2", "j1-p2--1-k7q2",
		"j1-p2-+1-k7q2", "j1-p2-01-k7q2", "j1-p2-1", "j1-p2-1-", "j1-p2-1-aaaa", "j1-p2-1-K7Q2",
		"j1-p2-x-k7q2", "j1-p2-1-k7q2 ", "j1-p2-99999999999999999999-k7q2", "Factory default",
	} {
		if id, ok := db.ParseCommandKey(key, "k7q2"); ok {
			t.Errorf("ParseCommandKey(%q) = %v; want it refused", key, id)
		}
	}
}

// FuzzIDs holds the promise that an id which is accepted is spelled in the one
// way that its String gives, and a CommandKey in the one that CommandKey gives.
func FuzzIDs(f *testing.F) {
	for _, s := range []string{"p1", "j17", "j17-p1042", "j17-p1042-3-k7q2", "s1", "f0", "p+1", "j1-p1-01-k7q2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := db.ParsePhoneID(s); err == nil && id.String() != s {
			t.Errorf("ParsePhoneID(%q) = %v", s, id)
		}
		if id, err := db.ParseTaskID(s); err == nil && id.String() != s {
			t.Errorf("ParseTaskID(%q) = %v", s, id)
		}
		if id, ok := db.ParseCommandKey(s, "k7q2"); ok && len(s) <= db.MaxCommandKey {
			if key, err := id.CommandKey("k7q2"); err != nil || key != s {
				t.Errorf("ParseCommandKey(%q) = %v, whose key is %q, %v", s, id, key, err)
			}
		}
	})
}
