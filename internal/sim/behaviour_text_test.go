package sim

import (
	"strings"
	"testing"
)

func TestBehaviourText(t *testing.T) {
	const all = "byte-every=1s,chunked,cut-fetch=5,cut-upload=6,delay=2s,digits,double-inform,download-now,drop-times=2,drop=after-inform,fault=Download:9010," +
		"fault=Reboot:9001,gap-zero,hides-calls,in-call,keeps-windows,loses-lines,max-values=9,never-fetch,never-report,new-conn-each-post,no-auto,no-cookie,no-deep,no-dots,no-methods,no-qop,no-root,own-unknown,pad-kb=3,registers=4s,repeat-events,restart-on-config," +
		"stale-cookie,takes-schedule,takes-upload,takes-windows,transfer-fault=9016,dialect=gzip,dialect=cookie-commas"
	b, err := ParseBehaviour(" " + strings.ReplaceAll(all, ",", ", "))
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != all {
		t.Errorf("String = %q; want %q", b, all)
	}
	for _, bad := range []string{
		"fast", "no-cookie=1", "delay=soon", "delay=-1s", "drop=somewhere", "fault=Download", "fault=Download:8000",
		"transfer-fault=1", "pad-kb=99999999", "cut-fetch=x", "max-values=-1", "drop-times=-1", "dialect=", "dialect=klingon",
	} {
		if got, err := ParseBehaviour(bad); err == nil {
			t.Errorf("ParseBehaviour(%q) = %v; want an error", bad, got)
		}
	}
	for _, w := range BehaviourWords() {
		name, _, _ := strings.Cut(w, "=")
		if !strings.Contains(all, name) {
			t.Errorf("word %q is not in the round trip above", w)
		}
	}
}

// FuzzParseBehaviour promises that what is accepted is written and read back
// unchanged.
func FuzzParseBehaviour(f *testing.F) {
	f.Add("delay=1s,drop=after-inform,drop-times=2,fault=Download:9010,no-cookie")
	f.Add("byte-every=1s, cut-fetch=10,pad-kb=1")
	f.Add("dialect=gzip,no-qop,dialect=cr-lf,dialect=gzip")
	f.Fuzz(func(t *testing.T, s string) {
		b, err := ParseBehaviour(s)
		if err != nil {
			return
		}
		again, err := ParseBehaviour(b.String())
		if err != nil || again.String() != b.String() {
			t.Errorf("%q: written %q, read back %q, %v", s, b, again, err)
		}
	})
}
