package bolt

import (
	"strings"
	"testing"

	"phoneacs/db"
)

// TestCheckQuirks: quirks of no phone, and what is no set, are found.
func TestCheckQuirks(t *testing.T) {
	s := open(t, t.TempDir())
	list, err := s.ImportPhones(t.Context(), []db.PhoneImport{{MAC: "0c383e000001"}}, s.opts.Now(), "ops")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		phone uint64
		set   string
		want  string
	}{
		{uint64(list[0].ID), `{"a":1}`, ""},
		{uint64(list[0].ID), `[]`, "are no JSON object"},
		{99, `{}`, "phone p99, which does not exist"},
	} {
		if err := s.update(t.Context(), func(x *tx) error { return x.put(bQuirks, be8(tt.phone), []byte(tt.set)) }); err != nil {
			t.Fatal(err)
		}
		faults, err := s.Check(t.Context())
		if err != nil || (tt.want == "") != (len(faults) == 0) || !strings.Contains(strings.Join(faults, "\n"), tt.want) {
			t.Errorf("%d %s: %q, %v; want %q", tt.phone, tt.set, faults, err, tt.want)
		}
		if err := s.update(t.Context(), func(x *tx) error { return x.del(bQuirks, be8(tt.phone)) }); err != nil {
			t.Fatal(err)
		}
	}
}
