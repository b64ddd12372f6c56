package admin

import (
	"strings"
	"testing"

	"phoneacs/db"
)

func TestExportPhones(t *testing.T) {
	h := newHarness(t)
	h.store.phones[0].Name = `=HYPERLINK("http://x","a, b")`
	h.store.phones[1].Name = "'quoted"
	got := string(h.do("GET", "/api/v1/phones/export?filter=model+%3D+%22X6U%22+OR+mac+%3D+%220c383e000002%22", "").is(200).body)
	want := "mac,serial,oui,site,name,tags,vendor,model\n" +
		`0c383e000001,A1,0C383E,HQ / North,"'=HYPERLINK(""http://x"",""a, b"")",lobby,fanvil,X6U` + "\n" +
		"0c383e000002,B 2,0C383E,default,''quoted,,fanvil,X4/U\n"
	if got != want {
		t.Errorf("export\n%s\nwant\n%s", got, want)
	}
	lines, bad, err := readPhones(strings.NewReader(got))
	if err != nil || len(bad) > 0 || len(lines) != 2 || lines[0].phone.Name != h.store.phones[0].Name || lines[1].phone.Name != "'quoted" {
		t.Errorf("read again: %+v, %v, %v", lines, bad, err)
	}
	got = string(h.do("GET", "/api/v1/phones/export?format=jsonl&filter=mac+%3D+%220c383e000001%22", "").is(200).body)
	if want := `{"mac":"0c383e000001","serial":"A1","oui":"0C383E","site":"HQ / North","name":"=HYPERLINK(\"http://x\",\"a, b\")","tags":["lobby"],"vendor":"fanvil","model":"X6U"}` + "\n"; got != want {
		t.Errorf("export %s; want %s", got, want)
	}
	h.do("GET", "/api/v1/phones/export?format=xml", "").refuses(kindInvalid, "format")
	h.do("GET", "/api/v1/phones/export?filter=nonsense+%3D", "").refuses(kindFilter, "filter")
}

func TestExportOfManyPages(t *testing.T) {
	h := newHarness(t)
	for len(h.store.phones) < 2*db.MaxLimit+1 {
		h.store.phones = append(h.store.phones, db.PhoneStatus{Phone: db.Phone{ID: 9, MAC: "0c383e000009", Site: 1}})
	}
	got := string(h.do("GET", "/api/v1/phones/export", "").is(200).body)
	if n := strings.Count(got, "\n"); n != 2*db.MaxLimit+2 {
		t.Errorf("%d lines", n)
	}
}

// FuzzCell holds that a cell is the same after export and import, and begins
// with nothing that a spreadsheet runs.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"", "=1", "'", "''", "'=", "+49", "-", "@x", "plain"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := escapeCell(s)
		if got := unescapeCell(e); got != s {
			t.Errorf("%q became %q", s, got)
		}
		if e != "" && strings.IndexByte("=+-@", e[0]) >= 0 {
			t.Errorf("%q is written as %q", s, e)
		}
	})
}
