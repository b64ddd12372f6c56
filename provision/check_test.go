package provision

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

func TestDescribe(t *testing.T) {
	fw := func(name, vendor, version string, models ...string) db.File {
		return db.File{Name: name, Kind: db.FileFirmware, Vendor: vendor, Version: version, Models: models}
	}
	for _, tt := range []struct {
		name     string
		in, want db.File
	}{
		{"config needs nothing more", db.File{Name: "a.cfg", Kind: "config"}, db.File{Name: "a.cfg", Kind: "config"}},
		{"firmware read from the name", fw("x6-2.12.1.z", "Fanvil", ""), fw("x6-2.12.1.z", "fanvil", "2.12.1", "X6")},
		{"firmware as said", fw("rom.bin", "fanvil", " 2.4 ", "x6u-pro", "X6U Pro", "x3u"), fw("rom.bin", "fanvil", "2.4", "X6U Pro", "X3U")},
		{"more models than the name says", fw("x6-2.12.1.z", "fanvil", "V2.12.1", "X6", "X6U"), fw("x6-2.12.1.z", "fanvil", "V2.12.1", "X6", "X6U")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := describe(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDescribeRefuses(t *testing.T) {
	const config, firmware = db.FileConfig, db.FileFirmware
	for _, tt := range []struct {
		name, field, says string
		in                db.File
	}{
		{"no name", "name", "missing", db.File{Kind: config}},
		{"slash", "name", "separator", db.File{Name: "a/b", Kind: config}},
		{"backslash", "name", "separator", db.File{Name: `a\b`, Kind: config}},
		{"dot", "name", "directory", db.File{Name: ".", Kind: config}},
		{"dots", "name", "directory", db.File{Name: "..", Kind: config}},
		{"newline", "name", "U+000A", db.File{Name: "a\nb", Kind: config}},
		{"NUL", "name", "U+0000", db.File{Name: "a\x00b", Kind: config}},
		{"right-to-left override", "name", "U+202E", db.File{Name: "a\u202egfc", Kind: config}},
		{"not UTF-8", "name", "UTF-8", db.File{Name: "a\xff", Kind: config}},
		{"space at the end", "name", "space", db.File{Name: "a ", Kind: config}},
		{"129 characters", "name", "128", db.File{Name: strings.Repeat("a", 129), Kind: config}},
		{"too long once escaped", "name", "160", db.File{Name: strings.Repeat("ü", 27), Kind: config}},
		{"no kind", "kind", "firmware, config, phonebook", db.File{Name: "a"}},
		{"other kind", "kind", "firmware, config", db.File{Name: "a", Kind: "phone book"}},
		{"unknown vendor", "vendor", "fanvil", db.File{Name: "a", Kind: config, Vendor: "acme"}},
		{"models without vendor", "vendor", "fanvil", db.File{Name: "a", Kind: config, Models: []string{"X6"}}},
		{"firmware without vendor", "vendor", "fanvil", db.File{Name: "x6-2.12.1.z", Kind: firmware}},
		{"unknown model", "models", "X3U", db.File{Name: "a", Kind: config, Vendor: "fanvil", Models: []string{"Z9"}}},
		{"models without end", "models", "256", db.File{Name: "a", Kind: config, Vendor: "fanvil", Models: make([]string, 257)}},
		{"long version", "version", "64", db.File{Name: "a", Kind: config, Version: strings.Repeat("1", 65)}},
		{"control in version", "version", "printable", db.File{Name: "a", Kind: config, Version: "1\x00"}},
		{"product unknown", "models", "say which models", db.File{Name: "rom.z", Kind: firmware, Vendor: "fanvil", Version: "2"}},
		{"version unknown", "version", "say which version", db.File{Name: "x6.z", Kind: firmware, Vendor: "fanvil", Models: []string{"X6"}}},
		{"name tells the model alone", "version", "say which version", db.File{Name: "x6-6904-P0.18.19-2.12.1-2853T2023.z", Kind: firmware, Vendor: "fanvil"}},
		{"and that contradicts models", "models", "the name says X6", db.File{Name: "x6.z", Kind: firmware, Vendor: "fanvil", Version: "2", Models: []string{"X3U"}}},
		{"phonebook of another form", "name", "does not end in .xml, .vcf, .csv", db.File{Name: "book.xls", Kind: db.FilePhonebook, Vendor: "fanvil"}},
		{"background by another name", "name", "by the name background.bmp alone", db.File{Name: "logo.bmp", Kind: db.FileBackground, Vendor: "fanvil"}},
		{"dial rules in another case", "name", "by the name dialPeer.csv alone", db.File{Name: "dialpeer.csv", Kind: db.FileDialRules, Vendor: "fanvil"}},
		{"dial rules for an office phone", "models", "a X6 takes no dial-rules", db.File{Name: "dialPeer.csv", Kind: db.FileDialRules, Vendor: "fanvil", Models: []string{"i31S", "x6"}}},
		{"mmiset for Android", "models", "a C600 takes no mmiset", db.File{Name: "set.z", Kind: db.FileMMISet, Vendor: "fanvil", Models: []string{"C600"}}},
		{"name contradicts models", "models", "the name says X6", db.File{Name: "x6-2.12.1.z", Kind: firmware, Vendor: "fanvil", Models: []string{"X3U"}}},
		{"name contradicts version", "version", "the name says 2.12.1", db.File{Name: "x6-2.12.1.z", Kind: firmware, Vendor: "fanvil", Version: "2.12.2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := describe(tt.in)
			var fe *db.FieldError
			if !errors.As(err, &fe) {
				t.Fatalf("error = %v; want *db.FieldError", err)
			}
			if fe.Field != tt.field || !strings.Contains(fe.Error(), tt.says) {
				t.Errorf("error = %v; want field %s and %q", err, tt.field, tt.says)
			}
		})
	}
}
