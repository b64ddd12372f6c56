package proc

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseMemory(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     Memory
		fails    string // part of the error; "" for none
	}{
		{
			name: "both lines",
			in:   "Name:\tx\nVmHWM:\t    2048 kB\nRssAnon:\t      12 kB\nRssFile:\t 7 kB\n",
			want: Memory{Anon: 12 << 10, Peak: 2 << 20},
		},
		{name: "ended process tells no memory", in: "Name:\tx\nState:\tZ (zombie)\n", fails: "RssAnon is not told"},
		{name: "another unit", in: "RssAnon:\t 3 MB\nVmHWM:\t 1 kB\n", fails: "not in kB"},
		{name: "not a number", in: "RssAnon:\t -3 kB\nVmHWM:\t 1 kB\n", fails: "read RssAnon"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseMemory([]byte(tt.in))
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("error = %v; want one with %q", err, tt.fails)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("parseMemory = %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

func TestParseModel(t *testing.T) {
	const in = "processor\t: 0\nmodel name\t: Example CPU @ 2: fast\nflags\t: a b\n\nprocessor\t: 1\nmodel name\t: other\n"
	if got, want := parseModel([]byte(in)), "Example CPU @ 2: fast"; got != want {
		t.Errorf("parseModel = %q; want %q", got, want)
	}
	if got := parseModel([]byte("Features : fp\n")); got != "" {
		t.Errorf("parseModel without a name = %q; want none", got)
	}
}

// FuzzParseMemory holds two promises: no status text makes parseMemory panic
// or tell a negative size, and sizes written as the kernel does come back.
func FuzzParseMemory(f *testing.F) {
	f.Add([]byte("RssAnon:\t 12 kB\nVmHWM:\t 7 kB\n"), uint32(3), uint32(4))
	f.Add([]byte("RssAnon:\nVmHWM: kB\n"), uint32(0), uint32(1<<31))
	f.Add([]byte("RssAnon:\t 99999999999999999999 kB\n"), uint32(1), uint32(1))
	f.Fuzz(func(t *testing.T, raw []byte, anon, peak uint32) {
		if m, err := parseMemory(raw); err == nil && (m.Anon < 0 || m.Peak < 0) {
			t.Errorf("parseMemory(%q) = %+v", raw, m)
		}
		in := fmt.Sprintf("VmHWM:\t%8d kB\nRssAnon:\t%8d kB\n", peak, anon)
		want := Memory{Anon: int64(anon) << 10, Peak: int64(peak) << 10}
		if m, err := parseMemory([]byte(in)); err != nil || m != want {
			t.Errorf("parseMemory(%q) = %+v, %v; want %+v", in, m, err, want)
		}
	})
}
