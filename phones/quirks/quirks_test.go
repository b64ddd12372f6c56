package quirks_test

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"phoneacs/phones"
	"phoneacs/phones/quirks"
)

// entries reads a file that is as it should be.
func entries(t testing.TB, text string) []quirks.Entry {
	t.Helper()
	list, err := quirks.Read("test.yaml", []byte(text), phones.Lookup)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func book(t testing.TB, text string) *quirks.Book {
	t.Helper()
	b, err := quirks.NewBook(phones.Lookup, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.SetFile(entries(t, text))
	return b
}

const reported = "\n  why: It was seen.\n  source: a ticket\n"

// TestFits tries each thing that an entry can ask, and what it does not fit.
func TestFits(t *testing.T) {
	x6 := quirks.Who{Vendor: "fanvil", Model: "X6", Version: "2.4.10", Manufacturer: "Fanvil Ltd", OUI: "0C383E", ProductClass: "X6 phone", Type: "common"}
	with := func(change func(*quirks.Who)) quirks.Who { w := x6; change(&w); return w }
	for _, tt := range []struct {
		asks string
		who  quirks.Who
		want bool
	}{
		{"vendor: fanvil", x6, true},
		{"vendor: fanvil", with(func(w *quirks.Who) { w.Vendor = "" }), false},
		{`vendor: "*"`, quirks.Who{}, true},
		{"manufacturer: fanvil*", x6, true},
		{"manufacturer: fanvil", x6, false},
		{"oui: [00a859, 0c383e]", x6, true},
		{"oui: '00a859'", x6, false},
		{"product_class: '*phone'", x6, true},
		{"product_class: [a, 'X?']", x6, false},
		{"vendor: fanvil\n  models: [x3*, x6]", x6, true},
		{"vendor: fanvil\n  models: [X3*]", x6, false},
		{"vendor: fanvil\n  models: [X6]", with(func(w *quirks.Who) { w.Model = "" }), false},
		{"vendor: fanvil\n  type: common", x6, true},
		{"vendor: fanvil\n  type: ctc", x6, false},
		{"vendor: fanvil\n  firmware: '>=2.4, <2.10'", x6, true},
		{"vendor: fanvil\n  firmware: 2.4", x6, false},
		{"vendor: fanvil\n  firmware: '=2.4.10'", with(func(w *quirks.Who) { w.Version = "X6 V2.4.10" }), true},
		{"vendor: fanvil\n  firmware: '= x6-2.4.10.z'", x6, true},
		{"vendor: fanvil\n  firmware: '>2.4.9'", x6, true},
		{"vendor: fanvil\n  firmware: '>2.4.10'", x6, false},
		{"vendor: fanvil\n  firmware: '<=2.4.10'", x6, true},
		{"vendor: fanvil\n  firmware: '<2.4.10'", x6, false},
		{"vendor: fanvil\n  firmware: '!=2.4.10'", x6, false},
		{"vendor: fanvil\n  firmware: '!=2.4.11'", x6, true},
		{"vendor: fanvil\n  firmware: '!=2.4'", with(func(w *quirks.Who) { w.Version = "" }), false},
		{"manufacturer: Fanvil*\n  firmware: '>=2.4'", with(func(w *quirks.Who) { w.Vendor = "" }), true},
		{"vendor: fanvil\n  oui: 0C383E\n  models: X6\n  manufacturer: '*ltd'", x6, true},
		{"vendor: fanvil\n  oui: 0C383E\n  models: X7", x6, false},
	} {
		text := "- " + tt.asks + reported + "  set: {empty_end: true}\n"
		list, err := quirks.Read("test.yaml", []byte(text), phones.Lookup)
		if strings.HasSuffix(tt.asks, "firmware: 2.4") {
			if err == nil {
				t.Errorf("%s is taken", tt.asks)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.asks, err)
			continue
		}
		b, _ := quirks.NewBook(phones.Lookup, nil)
		b.SetFile(list)
		if got := b.Of(0, tt.who).EmptyEnd; got != tt.want {
			t.Errorf("%s fits %+v: %v; want %v", tt.asks, tt.who, got, tt.want)
		}
	}
}

// TestLayers: a later entry wins over an earlier, a file over what comes with
// the program, and what is said of one phone over all.
func TestLayers(t *testing.T) {
	who := quirks.Who{Vendor: "fanvil", Model: "X6"}
	entry := func(set string) string { return "- vendor: fanvil" + reported + "  set: {" + set + "}\n" }
	b, err := quirks.NewBook(phones.Lookup, []quirks.Source{{Name: "ours.yaml", Text: []byte(
		entry("max_names: 1, boolean_form: words, file_types: {a: x, b: y}") + entry("max_names: 2"))}})
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, phone uint64, names int, form, b1, root string) {
		t.Helper()
		q := b.Of(phone, who)
		if q.MaxNames != names || q.BooleanForm != form || q.FileTypes["a"] != "x" || q.FileTypes["b"] != b1 || q.Root != root {
			t.Errorf("%s: %+v", what, q)
		}
	}
	check("of the program", 1, 2, "words", "y", "")
	b.SetFile(entries(t, entry("max_names: 3, file_types: {b: z}")))
	check("of the file", 1, 3, "words", "z", "")
	b.SetPhone(1, quirks.Set{"max_names": 4, "root": "Device.", "file_types.b": "w"})
	check("of the phone", 1, 4, "words", "w", "Device.")
	check("of the phone, once more", 1, 4, "words", "w", "Device.")
	check("of another phone", 2, 3, "words", "z", "")
	var said []string
	for _, e := range b.Explain(1, who) {
		switch {
		case e.Own:
			said = append(said, e.Name+" phone")
		case e.By != nil:
			said = append(said, e.Name+" "+e.By.File)
		}
	}
	if diff := cmp.Diff([]string{"boolean_form ours.yaml", "file_types.a ours.yaml", "file_types.b phone", "max_names phone", "root phone"}, said); diff != "" {
		t.Error(diff)
	}
	b.SetFile(entries(t, entry("max_names: 3, boolean_form: digits, file_types: {b: z}")))
	check("of the phone, in another file", 1, 4, "digits", "w", "Device.")
	b.SetFile(nil)
	check("of the phone, without the file", 1, 4, "words", "w", "Device.")
	b.SetPhone(1, nil)
	check("all taken back", 1, 2, "words", "y", "")
	if quirks.Standard().FileTypes != nil || b.Of(3, quirks.Who{}).MaxNames != 64 {
		t.Error("what is said of some phones holds for all")
	}
}

// TestNoAllocation holds what each Inform asks to cost nothing.
func TestNoAllocation(t *testing.T) {
	b := book(t, "- vendor: fanvil\n  models: [X*]\n  firmware: '>2'"+reported+"  set: {empty_end: true}\n")
	who := quirks.Who{Vendor: "fanvil", Model: "X6", Version: "2.4.10", Manufacturer: "Fanvil", OUI: "0C383E", ProductClass: "X6", Type: "common"}
	b.SetPhone(7, quirks.Set{"max_names": 4})
	for _, phone := range []uint64{1, 7} {
		if n := testing.AllocsPerRun(100, func() { b.Of(phone, who) }); n != 0 {
			t.Errorf("phone %d: %v allocations", phone, n)
		}
	}
}

// TestBounded: what phones say of themselves does not fill the memory.
func TestBounded(t *testing.T) {
	b := book(t, "- vendor: fanvil"+reported+"  set: {empty_end: true}\n")
	for i := range 10_000 {
		if !b.Of(0, quirks.Who{Vendor: "fanvil", Model: strings.Repeat("x", i%97), Version: strings.Repeat("1", i/97)}).EmptyEnd {
			t.Fatal("not treated as the entry says")
		}
	}
	if n := quirks.Found(b); n == 0 || n > quirks.MaxFound {
		t.Errorf("%d results are kept", n)
	}
}

// TestReadRefuses holds errors to their line and key.
func TestReadRefuses(t *testing.T) {
	good := "- vendor: fanvil" + reported + "  set: {empty_end: true}\n"
	for _, tt := range []struct {
		name, text, field string
		line              int
		words             string
	}{
		{"no list", "vendor: fanvil", "", 1, "a list of entries"},
		{"no mapping", good + "- fanvil", "", 5, "want an entry"},
		{"no YAML", good + "- {vendor: ", "", 5, ""},
		{"two of a key", "- vendor: fanvil\n  vendor: fanvil", "", 2, "already defined"},
		{"unknown key", good + "- vendor: fanvil\n  colour: red", "colour", 6, "no such key; an entry has"},
		{"unknown switch", "- vendor: fanvil" + reported + "  set:\n    colour: red", "set.colour", 5, "known are xml_declaration"},
		{"nobody", "- models: [X6]" + reported + "  set: {empty_end: true}", "vendor", 1, "whose phones"},
		{"unknown vendor", "- vendor: Fanvil" + reported + "  set: {empty_end: true}", "vendor", 1, "not known here"},
		{"vendor is a list", "- vendor: [fanvil]", "vendor", 1, "want a text"},
		{"models is a mapping", "- models: {a: b}", "models", 1, "want a text"},
		{"models of mappings", "- vendor: fanvil\n  models: [{a: b}]", "models", 2, "a list of texts"},
		{"no OUI", "- oui: [0c383]" + reported + "  set: {empty_end: true}", "oui", 1, "six hexadecimal digits"},
		{"firmware without bounds", "- vendor: fanvil\n  firmware: '2.4'" + reported + "  set: {empty_end: true}", "firmware", 1, "does not begin with"},
		{"firmware of nothing", "- vendor: fanvil\n  firmware: '>=2.4,'" + reported + "  set: {empty_end: true}", "firmware", 1, "does not begin with"},
		{"firmware of signs", "- vendor: fanvil\n  firmware: '>= ..'" + reported + "  set: {empty_end: true}", "firmware", 1, "names no version"},
		{"another type", "- vendor: fanvil\n  type: CTC" + reported + "  set: {empty_end: true}", "type", 1, "want common or ctc"},
		{"no reason", "- vendor: fanvil\n  source: x\n  set: {empty_end: true}", "why", 1, "learn"},
		{"no source", "- vendor: fanvil\n  why: x\n  set: {empty_end: true}", "source", 1, "learn"},
		{"assumed is no boolean", "- vendor: fanvil\n  assumed: perhaps", "assumed", 2, "true or false"},
		{"sets nothing", "- vendor: fanvil" + reported, "set", 1, "sets nothing"},
		{"set is no mapping", "- vendor: fanvil\n  set: [a]", "set", 2, "want a mapping"},
		{"a boolean in words", "- vendor: fanvil\n  set: {empty_end: 'true'}", "set.empty_end", 2, "want true or false"},
		{"a number too large", "- vendor: fanvil\n  set:\n    max_names: 257", "set.max_names", 3, "from 1 to 256"},
		{"a number in words", "- vendor: fanvil\n  set: {max_names: many}", "set.max_names", 2, "from 1 to 256"},
		{"a word that is none", "- vendor: fanvil\n  set: {boolean_form: both}", "set.boolean_form", 2, `"as-ordered", "digits", "words"`},
		{"a namespace of nobody", "- vendor: fanvil\n  set: {namespace: urn:x}", "set.namespace", 2, "cwmp-1-0"},
		{"file types in one text", "- vendor: fanvil\n  set: {file_types: config}", "set.file_types", 2, "want a mapping"},
		{"a kind of file that is none", "- vendor: fanvil\n  set: {file_types: {Config: x}}", "set.file_types.Config", 2, "no such key"},
		{"a dotted name", "- vendor: fanvil\n  set: {file_types.config: x}", "set.file_types.config", 2, "no such key"},
		{"a FileType too long", "- vendor: fanvil\n  set: {file_types: {config: " + strings.Repeat("x", 65) + "}}", "set.file_types.config", 2, "at most 64"},
		{"too large", strings.Repeat("# x\n", quirks.MaxBook/4+1), "", 0, "larger than"},
		{"too many brackets", "- " + strings.Repeat("[", 5000), "", 0, "brackets"},
		{"a line too long", "# ours\n" + strings.Repeat("- ", 2000), "", 2, "longer than 2048"},
		{"not UTF-8", "- vendor: \xff", "", 0, "UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list, err := quirks.Read("test.yaml", []byte(tt.text), phones.Lookup)
			var at *quirks.Error
			if list != nil || !errors.As(err, &at) {
				t.Fatalf("%d entries, %v", len(list), err)
			}
			if at.Field != tt.field || at.Line != tt.line || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("line %d, field %q: %v; want line %d, %q with %q", at.Line, at.Field, err, tt.line, tt.field, tt.words)
			}
		})
	}
	// Each entry that is wrong is told.
	_, err := quirks.Read("test.yaml", []byte("- a: b\n"+good+"- c: d\n"), phones.Lookup)
	if many, ok := err.(interface{ Unwrap() []error }); !ok || len(many.Unwrap()) != 2 {
		t.Errorf("two wrong entries: %v", err)
	}
}

// TestOurs holds the entries of the program to their form: written out and
// read again they are the same, and none is without effect.
func TestOurs(t *testing.T) {
	for _, s := range phones.QuirkSources() {
		list, err := quirks.Read(s.Name, s.Text, phones.Lookup)
		if err != nil || len(list) < 2 {
			t.Fatalf("%s: %d entries, %v", s.Name, len(list), err)
		}
		again(t, list)
	}
}

// again writes entries, reads them and compares.
func again(t *testing.T, list []quirks.Entry) {
	t.Helper()
	text := quirks.Write(list)
	back, err := quirks.Read("again", text, phones.Lookup)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if diff := cmp.Diff(list, back, cmpopts.IgnoreUnexported(quirks.Entry{}), cmpopts.IgnoreFields(quirks.Entry{}, "File", "Line"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
}

// FuzzRead promises that a file that is taken, written out and read again, is
// the same, and that no phone upsets what it says.
func FuzzRead(f *testing.F) {
	for _, s := range phones.QuirkSources() {
		f.Add(s.Text, "X6", "2.4.10")
	}
	f.Add([]byte("- vendor: '*'\n  models: ['a*b?*', \"\\\"\\\\\"]\n  firmware: '>= 1.x, != 2'\n  why: |\n    One\n    two\n  source: ü\n  set:\n    max_names: 0x10\n    file_types: {a: '', \"1\": config}\n"), "aXb1", "1.2-rc")
	f.Fuzz(func(t *testing.T, text []byte, model, version string) {
		list, err := quirks.Read("fuzz", text, phones.Lookup)
		if err != nil {
			if list != nil || err.Error() == "" {
				t.Fatalf("%d entries beside %v", len(list), err)
			}
			return
		}
		again(t, list)
		b, err := quirks.NewBook(phones.Lookup, nil)
		if err != nil {
			t.Fatal(err)
		}
		b.SetFile(list)
		for _, vendor := range []string{"", "fanvil"} {
			q := b.Of(1, quirks.Who{Vendor: vendor, Model: model, Version: version})
			if q.MaxNames < 1 || q.MaxNames > 256 {
				t.Errorf("max_names is %d", q.MaxNames)
			}
		}
	})
}

// FuzzParseJSON promises the same of what is said of one phone.
func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"max_names":3,"root":"Device.","file_types":{"a":"x"},"empty_end":false}`))
	f.Add([]byte(`{"file_types":{},"file_types":{"a":"x"}}`))
	f.Add([]byte(`{"max_names":1e2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := quirks.ParseJSON(b)
		if err != nil {
			var at *quirks.Error
			if s != nil || !errors.As(err, &at) {
				t.Fatalf("%v beside %v", s, err)
			}
			return
		}
		out, err := s.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		back, err := quirks.ParseJSON(out)
		if diff := cmp.Diff(s, back); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", out, err, diff)
		}
	})
}

func TestBoolean(t *testing.T) {
	for _, tt := range []struct{ form, in, want string }{
		{quirks.AsOrdered, "1", "1"}, {quirks.AsOrdered, "true", "true"},
		{quirks.Digits, "true", "1"}, {quirks.Digits, "false", "0"}, {quirks.Digits, "1", "1"},
		{quirks.Words, "1", "true"}, {quirks.Words, "0", "false"}, {quirks.Words, "false", "false"},
		{quirks.Digits, "perhaps", "perhaps"}, {quirks.Words, "", ""},
	} {
		q := quirks.Quirks{BooleanForm: tt.form}
		if got := q.Boolean(tt.in); got != tt.want {
			t.Errorf("%s of %q = %q; want %q", tt.form, tt.in, got, tt.want)
		}
	}
}

// TestDocumented holds the table of docs/quirks.md to the switches.
func TestDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/quirks.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string][]string)
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| (.+?) \\| (.+?) \\| (.+) \\|$").FindAllStringSubmatch(string(doc), -1) {
		rows[m[1]] = m[2:]
	}
	for _, s := range quirks.Switches() {
		takes, def := "true or false", "`"+s.Default()+"`"
		switch s.Kind {
		case "int":
			takes = regexp.MustCompile(`\d+ to \d+`).FindString(strings.Join(rows[s.Name], " "))
			if takes == "" || s.Least < 1 || s.Most < s.Least {
				t.Errorf("%s has no range", s.Name)
			}
		case "word":
			var words []string
			for _, w := range s.Words {
				if w == "" {
					w = "empty"
				}
				words = append(words, "`"+w+"`")
			}
			takes = strings.Join(words, ", ")
		case "texts":
			takes = "kinds of file"
		}
		if def == "``" {
			def = "empty"
		}
		if diff := cmp.Diff([]string{takes, def, s.Does}, rows[s.Name]); diff != "" {
			t.Errorf("%s (-code +document)\n%s", s.Name, diff)
		}
		delete(rows, s.Name)
	}
	for name := range rows {
		t.Errorf("docs/quirks.md has %s, which is no switch", name)
	}
}

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"*", "", true}, {"?", "", false}, {"?", "ü", true}, {"a*", "A", true}, {"*a", "ba", true},
		{"a*b*c", "aXbYbZc", true}, {"a*b*c", "aXbYbZ", false}, {"**", "x", true}, {"a?c", "abc", true}, {"a?c", "ac", false},
		{"[a]", "a", false}, {"TP-LINK*", "tp-link Technologies", true},
		{strings.Repeat("*a", 60), strings.Repeat("a", 128) + "b", false}, // not in a lifetime, if done by trying all
	} {
		if got := quirks.Matches(tt.pattern, tt.s); got != tt.want {
			t.Errorf("%q fits %q: %v", tt.pattern, tt.s, got)
		}
	}
}
