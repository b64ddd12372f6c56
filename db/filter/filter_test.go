package filter

import (
	"strings"
	"testing"
	"time"
)

var schema = Schema{
	"state": String, "mac": String, "name": String, "tags": List,
	"version": Version, "seen": Time, "count": Number,
}

type record struct {
	state, mac, name string
	tags             []string
	version          string
	seen             time.Time
	count            int64
}

func (r *record) field(name string) Value {
	switch name {
	case "state":
		return Value{Text: r.state}
	case "mac":
		return Value{Text: r.mac}
	case "name":
		return Value{Text: r.name}
	case "tags":
		return Value{List: r.tags}
	case "version":
		return Value{Text: r.version}
	case "seen":
		return Value{Time: r.seen}
	case "count":
		return Value{Number: r.count}
	}
	panic("field " + name + " is not in the schema")
}

var lobby = record{
	state: "approved", mac: "0c383e1a2b3c", name: "Lobby Straße", tags: []string{"lobby", "Floor-1"},
	version: "2.10.3", seen: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), count: 7,
}

func mustParse(t testing.TB, src string) *Filter {
	t.Helper()
	f, err := Parse(src, schema)
	if err != nil {
		t.Fatalf("Parse(%q): %v", src, err)
	}
	return f
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		src         string
		full, empty bool // for the record lobby, and for one with nothing set
	}{
		// Text.
		{`state = approved`, true, false},
		{`state=APPROVED`, true, false},
		{`state = 'approved'`, true, false},
		{`state = "approve"`, false, false},
		{`state != approved`, false, true},
		{`state != pending`, true, true},
		{`name = ""`, false, true},
		{`name != ""`, true, false},
		{`name:bby`, true, false},
		{`name:"LOBBY S"`, true, false},
		{`name:*`, true, false},
		{`-name:*`, false, true},
		{`name:*bby*`, true, false},
		{`mac=0c383e1a2b3c`, true, false},
		{`mac = 0c383e*`, true, false},
		{`mac = "*2B3C"`, true, false},
		{`mac = *1a2b*`, true, false},
		{`mac = *1a2`, false, false},
		{`mac = 383e*`, false, false},
		{`mac != 0c*`, false, true},
		{`name = "lobby strasse"`, false, false},
		{`name = "LOBBY STRAẞE"`, true, false},

		// Lists.
		{`tags:lobby`, true, false},
		{`tags:floor-1`, true, false},
		{`tags:floor`, false, false},
		{`tags:floor-*`, true, false},
		{`tags:*`, true, false},
		{`NOT tags:lobby`, false, true},

		// Times.
		{`seen > 2026-02-28T00:00:00Z`, true, false},
		{`seen>="2026-03-01T09:00:00+01:00"`, true, false},
		{`seen = 2026-03-01T08:00:00Z`, true, false},
		{`seen != 2026-03-01T08:00:00Z`, false, true},
		{`seen < 2026-03-01T08:00:00Z`, false, false},
		{`seen <= 2026-03-01T08:00:00Z`, true, false},
		{`seen:*`, true, false},

		// Versions.
		{`version > 2.9`, true, false},
		{`version >= 2.10.3`, true, false},
		{`version < 2.10`, false, false},
		{`version < 2.11`, true, false},
		{`version = 2.10.03`, true, false},
		{`version != 2.10.3`, false, true},
		{`version = 2.10.*`, true, false},
		{`version != 2.10.*`, false, true},
		{`version:10`, true, false},
		{`version:*`, true, false},
		{`version = ""`, false, true},

		// Numbers.
		{`count > 6`, true, false},
		{`count = 7`, true, false},
		{`count >= -5`, true, true},
		{`count <= 7 count < 8`, true, true},
		{`count != 0`, true, false},

		// Words.
		{`lobby`, true, false},
		{`"lobby s"`, true, false},
		{`floor-1`, true, false},
		{`2.10.3`, true, false},
		{`383E1a`, true, false},
		{`hall`, false, false},
		{`-hall`, true, true},
		{`lob*`, true, false},

		// Structure. OR binds closer than AND.
		{`state = approved AND count = 7`, true, false},
		{`state = approved count = 8`, false, false},
		{`state = pending OR count = 7`, true, false},
		{`count = 0 OR count = 7 AND state = pending`, false, false},
		{`count = 0 OR count = 7 state = approved`, true, false},
		{`(count = 0 AND state = "") OR hall`, false, true},
		{`NOT (count = 0 OR hall)`, true, false},
		{`-(count = 7 lobby)`, false, true},
		{`NOT (NOT lobby)`, true, false},
		{"\t( lobby )\n", true, false},
		{`NOT-FOR-USE OR lobby`, true, false},
		{`(lobby)AND(count=7)`, true, false},
	} {
		t.Run(tt.src, func(t *testing.T) {
			f := mustParse(t, tt.src)
			if got := f.Match(lobby.field); got != tt.full {
				t.Errorf("Match(lobby) = %v; want %v", got, tt.full)
			}
			if got := f.Match((&record{}).field); got != tt.empty {
				t.Errorf("Match(empty) = %v; want %v", got, tt.empty)
			}
			again := mustParse(t, f.String())
			if again.String() != f.String() || again.Match(lobby.field) != tt.full {
				t.Errorf("String %q reads back as %q", f, again)
			}
		})
	}
}

func TestNilFilter(t *testing.T) {
	var f *Filter
	if !f.Match(lobby.field) {
		t.Error("a nil filter does not pass")
	}
	if v, ok := f.Equal("state"); ok || f.String() != "" {
		t.Errorf("a nil filter demands %q and reads %q", v, f)
	}
}

func TestEqual(t *testing.T) {
	for _, tt := range []struct {
		src, field, want string
		ok               bool
	}{
		{`state = Approved`, "state", "Approved", true},
		{`hall (state = approved lobby)`, "state", "approved", true},
		{`tags:Lobby AND hall`, "tags", "Lobby", true},
		{`NOT (NOT tags:lobby)`, "tags", "lobby", true},
		{`state = approved`, "name", "", false},
		{`state = app*`, "state", "", false},
		{`state != approved`, "state", "", false},
		{`state = ""`, "state", "", false},
		{`name:lobby`, "name", "", false},
		{`tags:lob*`, "tags", "", false},
		{`tags:*`, "tags", "", false},
		{`-tags:lobby`, "tags", "", false},
		{`state = approved OR hall`, "state", "", false},
		{`version = 2.10.3`, "version", "", false},
		{`lobby`, "", "", false},
	} {
		got, ok := mustParse(t, tt.src).Equal(tt.field)
		if got != tt.want || ok != tt.ok {
			t.Errorf("Parse(%q).Equal(%q) = %q, %v; want %q, %v", tt.src, tt.field, got, ok, tt.want, tt.ok)
		}
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	f := mustParse(t, `hall OR (state = approved name:STRAẞE tags:lobby version >= 2.9 seen > 2026-01-01T00:00:00Z)`)
	r := &lobby
	var passed bool
	if n := testing.AllocsPerRun(100, func() { passed = f.Match(r.field) }); n != 0 || !passed {
		t.Errorf("Match = %v with %v allocations; want true with none", passed, n)
	}
}

func BenchmarkMatch(b *testing.B) {
	f := mustParse(b, `state = approved AND (name:hall OR tags:floor-1) AND version >= 2.9`)
	for b.Loop() {
		if !f.Match(lobby.field) {
			b.Fatal("no match")
		}
	}
}

func TestString(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{`state="approved"  lobby`, `state = approved AND "lobby"`},
		{`a OR b c`, `("a" OR "b") AND "c"`},
		{`((a)) ((b OR (c OR d)))`, `"a" AND ("b" OR "c" OR "d")`},
		{`-name:'a b' -(x y)`, `NOT name:"a b" AND NOT ("x" AND "y")`},
		{`name="NOT"`, `name = "NOT"`},
		{`name='say "hi" \\ \n'`, `name = "say \"hi\" \\ \x0a"`},
		{`name:***a*`, `name:a`},
	} {
		if got := mustParse(t, tt.src).String(); got != tt.want {
			t.Errorf("Parse(%q).String() = %s; want %s", tt.src, got, tt.want)
		}
	}
}

func TestBounds(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("(", n) + "a" + strings.Repeat(")", n) }
	terms := func(n int) string { return strings.TrimSpace(strings.Repeat("a ", n)) }
	for _, src := range []string{nested(MaxDepth), terms(MaxTerms), "name:" + strings.Repeat("a", MaxSource-5)} {
		mustParse(t, src)
	}
	for src, pos := range map[string]int{
		nested(MaxDepth + 1):             MaxDepth,
		terms(MaxTerms + 1):              2 * MaxTerms,
		strings.Repeat("a", MaxSource+1): MaxSource,
		// Written out with its quotes or parentheses it would not be read back.
		strings.Repeat("a", MaxSource-1): 0,
		strings.Repeat("a (b OR (", MaxDepth/2) + "x OR y z" + strings.Repeat("))", MaxDepth/2): 0,
	} {
		_, err := Parse(src, schema)
		if e, ok := err.(*SyntaxError); !ok || e.Pos != pos {
			t.Errorf("Parse(%.20q…) = %v; want a *SyntaxError at %d", src, err, pos)
		}
	}
}
