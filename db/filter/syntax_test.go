package filter

import (
	"errors"
	"strings"
	"testing"
)

func TestSyntaxErrors(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		pos       int
		msg       string // part of the message
	}{
		{"empty", "", 0, "empty filter"},
		{"blank", " \n\t", 0, "empty filter"},
		{"unknown field", "lobby AND modell = X6", 10,
			`unknown field "modell"; known are count, mac, name, seen, state, tags, version`},
		{"nested field", "name.first = x", 0, `unknown field "name.first"`},
		{"unknown field in quotes", `"na me" = x`, 0, `unknown field "na me"`},
		{"MAC as a field", "0c:38", 0, `unknown field "0c"`},

		{"order of a text", "name < b", 5, "name is a text, which does not compare with <; it takes = != :"},
		{"equality of a list", "tags = a", 5, "tags is a list"},
		{"contents of a time", "seen:2026", 4, "seen is a time"},
		{"contents of a number", "count:7", 5, "count is a number"},
		{"presence of a number", "count:*", 5, "always set"},

		{"no time", "seen > yesterday", 7, `"yesterday" is no time as in 2026-01-31T08:00:00Z`},
		{"date only", "seen > 2026-01-31", 7, "is no time"},
		{"no number", "count = 1.5", 8, `"1.5" is no whole number`},
		{"number too large", "count = 9223372036854775808", 8, "is no whole number"},
		{"order of a wildcard", "version > 2.*", 10, "needs a whole version"},
		{"order of nothing", `version > ""`, 10, "needs a whole version"},

		{"only wildcards", "name = *", 7, "write name:* to ask"},
		{"contains nothing", `name:""`, 5, "write name:* to ask"},
		{"member without letters", "tags:**", 5, "write tags:* to ask"},
		{"search for nothing", `""`, 0, "no letters to look for"},
		{"search for a wildcard", "*", 0, "no letters to look for"},

		{"no value", "name = ", 7, "a value is missing at the end"},
		{"no value before parenthesis", "(name =)", 7, `a value is missing before ")"`},
		{"keyword as value", "name = AND x", 7, "missing before AND"},
		{"group as value", "tags:(a b)", 5, "a value cannot be a group"},
		{"comma in value", "name = a,b", 8, `unexpected ","`},
		{"second comparison", "count < 5 < 7", 10, `missing before "<"`},
		{"equals sign in value", "name = a=b", 8, `unexpected "="`},
		{"exclamation mark", "name = !b", 7, `a value is missing before "!"`},
		{"quote inside", `name = 5"`, 8, "unterminated string"},
		{"quote inside a word", `name = a"b"`, 8, "quote inside an unquoted text"},
		{"text after quotes", `name = "a"b`, 10, `unexpected "b"`},
		{"never closed quotes", `lobby name = "a`, 13, "unterminated string"},
		{"unknown escape", `name = "a\q"`, 7, "no known escape"},
		{"not UTF-8", "name = \xff", 7, "invalid UTF-8"},

		{"dangling AND", "a AND", 5, "missing at the end"},
		{"dangling NOT", "NOT", 3, "missing at the end"},
		{"leading OR", "OR a", 0, "missing before OR"},
		{"AND OR", "a AND OR b", 6, "missing before OR"},
		{"NOT NOT", "NOT NOT a", 4, "missing before NOT"},
		{"lower-case keyword", "a or b", 2, "write OR in capitals"},
		{"minus alone", "- a", 1, "missing before"},
		{"empty group", "a ()", 3, `missing before ")"`},
		{"never closed", "a (b (c)", 2, "never closed"},
		{"never opened", "a) b", 1, `unexpected ")"`},
		{"function", "now() > seen", 3, "there are no functions"},
		{"long unknown field", strings.Repeat("ö", 50) + "=1", 0, strings.Repeat("ö", 20) + `…"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse(tt.src, schema)
			var e *SyntaxError
			if !errors.As(err, &e) {
				t.Fatalf("Parse(%q) = %v, %v; want a *SyntaxError", tt.src, f, err)
			}
			if e.Pos != tt.pos || !strings.Contains(e.Msg, tt.msg) {
				t.Errorf("Parse(%q) = byte %d: %s; want byte %d: …%s…", tt.src, e.Pos, e.Msg, tt.pos, tt.msg)
			}
		})
	}
}

// FuzzParse holds three promises: Parse never panics and fails only with a
// *SyntaxError inside the source; what it accepts reads back from its String;
// and the filter read back passes the same records.
func FuzzParse(f *testing.F) {
	for _, src := range []string{
		`state = approved AND (name:lob* OR tags:lobby) -version >= 2.10`,
		`"a \"quoted\" word" OR name = 'x\u00e9\t'`, `NOT (NOT (a b OR c))`,
		`seen > 2026-01-31T08:00:00+01:00 count=-5 mac:*`, `name = "AND" NOT-A-KEYWORD`,
		`version = "" OR name = *ß`, `((((`, `tags:**`, "a\x00b \ufffd", `0x1 .5 -7`,
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		first, err := Parse(src, schema)
		if err != nil {
			if e, ok := err.(*SyntaxError); !ok || e.Pos < 0 || e.Pos > len(src) || e.Msg == "" {
				t.Fatalf("Parse(%q) = %#v; want a *SyntaxError inside the source", src, err)
			}
			return
		}
		again, err := Parse(first.String(), schema)
		if err != nil {
			t.Fatalf("Parse(%q) reads %q back: %v", src, first, err)
		}
		if again.String() != first.String() {
			t.Fatalf("Parse(%q) reads %q back as %q", src, first, again)
		}
		for _, r := range []*record{&lobby, {}} {
			if got, want := again.Match(r.field), first.Match(r.field); got != want {
				t.Fatalf("Parse(%q) reads %q back, and Match went from %v to %v", src, first, want, got)
			}
		}
	})
}
