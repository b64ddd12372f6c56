package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"phoneacs/internal/app"
)

func TestConfigFile(t *testing.T) {
	for _, tt := range []struct {
		name, yaml, flag, want string
	}{
		{"empty", "\n", "enrol", "approve"},
		{"comments", "# nothing\n# yet\n", "enrol", "approve"},
		{"empty document", "---\n", "enrol", "approve"},
		{"no value", "enrol:\n", "enrol", "approve"},
		{"no value, written", "enrol: ~\ndrain: null\n", "drain", "20s"},
		{"no list", "phone-networks:\n# - 10.0.0.0/8\n", "phone-networks", "[]"},
		{"empty value", `public-url: ""`, "public-url", ""},
		{"one pair", "enrol: open", "enrol", "open"},
		{"in braces", "{enrol: open, drain: 1m}", "drain", "1m0s"},
		{"quoted", "'enrol': \"open\"\n", "enrol", "open"},
		{"block", "data: |\n  /var/lib/phones\n", "data", "/var/lib/phones"},
		{"folded", "data: >-\n  /var/lib\n  phones\n", "data", "/var/lib phones"},
		{"number as written", "data: 007\n", "data", "007"},
		{"truth", "admin-plain: true\n", "admin-plain", "true"},
		{"with a comment", "drain: 5s # short\n", "drain", "5s"},
		{"list", "phone-networks:\n  - 10.0.0.0/8\n  - fd00::/8\n", "phone-networks", "[10.0.0.0/8,fd00::/8]"},
		{"list in a line", "phone-networks: [10.0.0.0/8, fd00::/8]\n", "phone-networks", "[10.0.0.0/8,fd00::/8]"},
		{"list as on the command line", "phone-networks: 10.0.0.0/8,fd00::/8\n", "phone-networks", "[10.0.0.0/8,fd00::/8]"},
		{"empty list", "phone-networks: []\n", "phone-networks", "[]"},
		{"list of one", "admin-hosts: [1.5]\n", "admin-hosts", "[1.5]"},
		{"two documents", "enrol: open\n---\ndrain: 1s\n", "drain", "1s"},
	} {
		_, values, err := load(t, nil, nil, tt.yaml)
		if err != nil || values[tt.flag] != tt.want {
			t.Errorf("%s: %s is %q, %v; want %q", tt.name, tt.flag, values[tt.flag], err, tt.want)
		}
	}
}

// TestConfigFileRefuses wants the line, and what is wrong with it, in one line.
func TestConfigFileRefuses(t *testing.T) {
	for _, tt := range []struct{ name, yaml, want string }{
		{"unknown key", "# ours\ncwmp: :7547\nadmn: :1\n", ":3: unknown setting \"admn\"; `phoneacs serve --help` lists them"},
		{"another file", "config: b.yaml\n", `:1: unknown setting "config"`},
		{"check", "check: true\n", `:1: unknown setting "check"`},
		{"help", "help: true\n", `:1: unknown setting "help"`},
		{"a token", "admin-token: aaaaaaaaaaaaaaaaaaaa\n", `:1: unknown setting "admin-token"`},
		{"capitals", "Enrol: open\n", `:1: unknown setting "Enrol"`},
		{"variable", "PHONEACS_ENROL: open\n", ":1: unknown setting"},
		{"number as key", "1: 2\n", `:1: unknown setting "1"`},
		{"merge key", "<<: {enrol: open}\n", ":1: unknown setting"},
		{"key twice", "cwmp: :1\nenrol: open\ncwmp: :2\n", `: [3:1] mapping key "cwmp" already defined at [1:1]`},
		{"key twice, quoted", "cwmp: :1\n\"cwmp\": :2\n", `: [2:1] mapping key "cwmp" already defined at [1:1]`},
		{"key twice in two documents", "cwmp: :1\n---\n\ncwmp: :2\n", `:4: "cwmp" is set in line 1 already`},
		{"key without value twice", "cwmp:\n---\ncwmp: :2\n", `:3: "cwmp" is set in line 1 already`},
		{"not a duration", "enrol: open\ndrain: soon\n", `:2: drain: time: invalid duration "soon"`},
		{"no unit", "drain: 20\n", ":1: drain: time: missing unit"},
		{"not a truth", "\n\nadmin-plain: perhaps\n", ":3: admin-plain: "},
		{"list for one value", "enrol: [open, list]\n", ":1: enrol: want one value, not a list"},
		{"list of one for one value", "data:\n  - a\n", ":1: data: want one value, not a list"},
		{"mapping for a value", "cwmp:\n  port: 7547\n", ":1: cwmp: want a value or a list of values"},
		{"list in a list", "phone-networks: [[10.0.0.0/8]]\n", ":1: phone-networks: want a value"},
		{"nothing in a list", "phone-networks: [10.0.0.0/8, ~]\n", ":1: phone-networks: want a value"},
		{"anchor", "data: &d x\n", ":1: data: want a value"},
		{"alias", "data: *d\n", "want a value"},
		{"tag", "data: !!str x\n", ":1: data: want a value"},
		{"infinity", "data: .inf\n", ":1: data: want a value"},
		{"list", "- cwmp\n", ": want a mapping of settings, as in `cwmp: :7547`"},
		{"text", "cwmp\n", ": want a mapping of settings"},
		{"not YAML", "enrol: open\ncwmp: [\n", ": [2:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := load(t, nil, nil, tt.yaml)
			var use *usageError
			if !errors.As(err, &use) || !strings.Contains(err.Error(), "phoneacs.yaml"+tt.want) && !strings.Contains(err.Error(), "phoneacs.yaml: "+tt.want) && tt.name != "alias" {
				t.Fatalf("error %v; want a *usageError with %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %v", err)
			}
		})
	}
}

// TestConfigFileTellsAll: values are looked at together, not one a run.
func TestConfigFileTellsAll(t *testing.T) {
	_, _, err := load(t, nil, nil, "drain: soon\nadmin-plain: perhaps\n")
	if err == nil || !strings.Contains(err.Error(), ":1: drain: ") || !strings.Contains(err.Error(), ":2: admin-plain: ") {
		t.Errorf("error %v", err)
	}
}

func TestConfigFileCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(large, []byte("#"+strings.Repeat("x", maxConfig)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): "no such file",
		dir:                             "is a directory",
		large:                           fmt.Sprintf("%s is larger than %d bytes", large, maxConfig),
		"/dev/zero":                     "is larger than", // has no size, and no end
	} {
		_, err := readConfig(path, pflag.NewFlagSet("", pflag.ContinueOnError))
		if err == nil || !strings.Contains(err.Error(), "read configuration: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", path, err, want)
		}
	}
	if err := os.Truncate(large, maxConfig); err != nil {
		t.Fatal(err)
	}
	if _, err := readConfig(large, pflag.NewFlagSet("", pflag.ContinueOnError)); err != nil {
		t.Errorf("a file of the largest size: %v", err)
	}
}

// FuzzParseConfig promises that nothing panics, that only settings come out,
// and that these, written anew, are read the same.
func FuzzParseConfig(f *testing.F) {
	for _, s := range []string{
		"", "enrol: open\n", "phone-networks: [10.0.0.0/8, fd00::/8]\ndrain: 5s\n", "{data: 'a b', cwmp: \":1\"}",
		"data: |\n  a\n  b\n", "---\nenrol: open\n---\ndrain: 1s\n", "data: &a x\ncwmp: *a\n", "data:\n", "- a", "? a\n: b", "data: \"\\x00\\u263a\"",
	} {
		f.Add([]byte(s))
	}
	var cfg app.Config
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	settings(flags, &cfg)
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 512 { // what is slow here is the parser's affair
			return
		}
		got, err := parseConfig("a.yaml", text, flags)
		if err != nil {
			if got != nil {
				t.Errorf("settings with an error: %v, %v", got, err)
			}
			return
		}
		var again strings.Builder
		for _, name := range slices.Sorted(maps.Keys(got)) {
			s := got[name]
			if flags.Lookup(name) == nil || !fileMay(name) || s.line < 1 || !s.isList && len(s.values) != 1 {
				t.Fatalf("%q is %+v", name, s)
			}
			quoted := make([]string, len(s.values))
			for i, v := range s.values {
				quoted[i] = "'" + strings.ReplaceAll(v, "'", "''") + "'"
				if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r > '~' || r == '\\' }) {
					return // would have to be escaped, which is not what is tried here
				}
			}
			if value := strings.Join(quoted, ", "); s.isList {
				fmt.Fprintf(&again, "%s: [%s]\n", name, value)
			} else {
				fmt.Fprintf(&again, "%s: %s\n", name, value)
			}
		}
		second, err := parseConfig("a.yaml", []byte(again.String()), flags)
		if err != nil || len(second) != len(got) {
			t.Fatalf("%q\nbecame\n%s\nand that %v, %v", text, &again, second, err)
		}
		for name, s := range got {
			if r := second[name]; r.isList != s.isList || !slices.Equal(r.values, s.values) {
				t.Errorf("%s is %+v, and written anew %+v", name, s, r)
			}
		}
	})
}
