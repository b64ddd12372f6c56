package quirkbook_test

import (
	"testing"

	"phoneacs/db/filter"
	"phoneacs/phones"
	"phoneacs/phones/quirks"
)

// FuzzVersionOrder promises that firmware lies in a range of an entry exactly
// when a filter over phones with the same comparison finds it.
func FuzzVersionOrder(f *testing.F) {
	for _, s := range [][2]string{{"2.4", "2.10"}, {"2.4.10", "2.4"}, {"1.0", "1"}, {"2.4-rc1", "2.4"}, {"v2", "2"}, {"007", "7"}, {"A1b", "a1B"}, {"2.4.1", "2.4.a"}, {"2.4.a", "2.4.1"}, {"rc", "1"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, s := range []string{a, b} {
			for i := range len(s) {
				if c := s[i]; !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == '-' || c == '_' || c == '+') {
					t.Skip("versions are of letters, digits and what parts them")
				}
			}
		}
		for _, op := range []string{"<", "<=", ">", ">="} {
			list, err := quirks.Read("test", []byte(`[{vendor: "*", firmware: "`+op+b+`", why: w, source: s, set: {empty_end: true}}]`), phones.Lookup)
			if err != nil {
				return
			}
			flt, err := filter.Parse(`v `+op+` "`+b+`"`, filter.Schema{"v": filter.Version})
			if err != nil {
				t.Fatal(err)
			}
			book, err := quirks.NewBook(phones.Lookup, nil)
			if err != nil {
				t.Fatal(err)
			}
			book.SetFile(list)
			in := book.Of(0, quirks.Who{Version: a}).EmptyEnd
			if found := flt.Match(func(string) filter.Value { return filter.Value{Text: a} }); found != in {
				t.Errorf("%q %s %q: range %v, filter %v", a, op, b, in, found)
			}
		}
	})
}
