package admin

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"phoneacs/db"
)

// readPhones reads a whole list: its lines, what is wrong with the others, and
// what ended it, if that was not its end.
func readPhones(in io.Reader) (lines []phoneLine, bad []lineError, err error) {
	list, err := newPhoneReader(in)
	if err != nil {
		return nil, nil, err
	}
	for {
		l, err := list.next()
		var wrong *lineError
		switch {
		case err == nil:
			lines = append(lines, l)
		case errors.As(err, &wrong):
			bad = append(bad, *wrong)
		case errors.Is(err, io.EOF):
			return lines, bad, nil
		default:
			return lines, bad, err
		}
	}
}

func TestReadPhones(t *testing.T) {
	const fanvil = "00100400FV02001000000c383e2599fe"
	for _, tt := range []struct {
		name, in string
		want     []phoneLine
		bad      []lineError
	}{
		{"all columns in any order", "name,TAGS, mac ,site,serial,oui,vendor,model\nLobby,a;c b;a,0C:38:3E:00:00:01,HQ,S1,0c-38-3e,Fanvil,X6U\n",
			[]phoneLine{{2, "HQ", db.PhoneImport{MAC: "0c383e000001", OUI: "0C383E", Serial: "S1", Name: "Lobby",
				Vendor: "fanvil", Model: "X6U", Tags: []string{"a", "b", "c"}}}}, nil},
		{"byte order mark, CRLF, no end of line, blank lines", "\ufeffmac\r\n\r\n0c383e000001\r\n0c383e000002",
			[]phoneLine{{3, "", db.PhoneImport{MAC: "0c383e000001"}}, {4, "", db.PhoneImport{MAC: "0c383e000002"}}}, nil},
		{"semicolons, and a line that says so", "\ufeffsep=;\r\nmac;name\r\n0c383e000001;\"a;b\"\r\n", []phoneLine{{3, "", db.PhoneImport{MAC: "0c383e000001", Name: "a;b"}}}, nil},
		{"tabs", "mac\ttags\n0c383e000001\tb a\n", []phoneLine{{2, "", db.PhoneImport{MAC: "0c383e000001", Tags: []string{"a", "b"}}}}, nil},
		{"quotes", "mac,name\n0c383e000001,\"a, \"\"b\"\"\"\n", []phoneLine{{2, "", db.PhoneImport{MAC: "0c383e000001", Name: `a, "b"`}}}, nil},
		{"Fanvil serial alone", "serial\n" + fanvil + "\n",
			[]phoneLine{{2, "", db.PhoneImport{MAC: "0c383e2599fe", Serial: fanvil, Vendor: "fanvil"}}}, nil},
		{"serial beside a MAC", "serial,mac\nA1,0c383e000001\n", []phoneLine{{2, "", db.PhoneImport{MAC: "0c383e000001", Serial: "A1"}}}, nil},
		{"serial alone", "serial,oui\nA1,\nA2,001565\n",
			[]phoneLine{{3, "", db.PhoneImport{Serial: "A2", OUI: "001565"}}}, []lineError{{2, "oui", "this serial needs its OUI, or a mac beside it"}}},
		{"neither", "serial,mac,oui\n,,001565\n", nil, []lineError{{2, "mac", "want a mac or a serial"}}},
		{"not a MAC", "mac\n0c383e00001\n", nil, []lineError{{2, "mac", `"0c383e00001" is not a MAC address`}}},
		{"group address", "mac\n01005e000001\n000000000000\n", nil, []lineError{
			{2, "mac", `"01005e000001" is not the address of one device`}, {3, "mac", `"000000000000" is not the address of one device`}}},
		{"not an OUI", "mac,oui\n0c383e000001,0c383\n0c383e000001,0c383g\n", nil, []lineError{
			{2, "oui", `"0c383" is not an OUI: want six hexadecimal digits`}, {3, "oui", `"0c383g" is not an OUI: want six hexadecimal digits`}}},
		{"too many cells, then a good line", "mac\na,b\n0c383e000001\n",
			[]phoneLine{{3, "", db.PhoneImport{MAC: "0c383e000001"}}}, []lineError{{2, "", "wrong number of fields"}}},
		{"stray quote, then a good line", "mac\n0c\"38\n0c383e000001\n",
			[]phoneLine{{3, "", db.PhoneImport{MAC: "0c383e000001"}}}, []lineError{{2, "", `bare " in non-quoted-field`}}},
		{"Latin-1", "mac,name\n0c383e000001,B\xfcro\n", nil, []lineError{{2, "name", "not UTF-8; save the list in that encoding"}}},
		{"line break in a cell", "mac,name\n0c383e000001,\"a\nb\"\n", nil, []lineError{{2, "name", "has a character that cannot be shown"}}},
		{"too long", "mac,serial,model,vendor,name,site\n0c383e000001," + strings.Repeat("s", 65) + ",,,,\n0c383e000001,,,,,\n", []phoneLine{{3, "", db.PhoneImport{MAC: "0c383e000001"}}},
			[]lineError{{2, "serial", "longer than 64 characters"}}},
		{"comma in a tag", "mac,tags\n0c383e000001,\"a,b\"\n", nil, []lineError{{2, "tags", `"a,b" is no tag: want a word without spaces, commas and semicolons`}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, bad, err := readPhones(strings.NewReader(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(phoneLine{})); diff != "" {
				t.Errorf("lines (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.bad, bad); diff != "" {
				t.Errorf("errors (-want +got)\n%s", diff)
			}
		})
	}
}

func TestReadPhonesHeader(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		kind     kind
		field    string
		line     int
	}{
		{"nothing", "", kindMalformed, "", 0},
		{"only a byte order mark", "\ufeff", kindMalformed, "", 0},
		{"unknown column", "mac,colour\n", kindUnknownField, "colour", 1},
		{"unknown column, further down", "\n\nmac,colour\n", kindUnknownField, "colour", 3},
		{"unknown column between semicolons", "sep=;\r\nmac;colour\r\n", kindUnknownField, "colour", 2},
		{"UTF-16 with a mark", "\xff\xfem\x00a\x00c\x00\n\x00", kindMalformed, "", 0},
		{"UTF-16 without", "m\x00a\x00c\x00\n\x00", kindMalformed, "", 0},
		{"ends of line of old", "mac\r0c383e000001\r", kindMalformed, "", 0},
		{"endless emptiness", strings.Repeat("\n", maxBlank+1) + "mac\n", kindMalformed, "", 0},
		{"no header", "0c383e000001,Lobby\n", kindUnknownField, "0c383e000001", 1},
		{"twice", "mac,name,mac\n", kindInvalid, "mac", 1},
		{"no identity", "name,site\n", kindInvalid, "mac", 0},
		{"stray quote", "ma\"c\n", kindMalformed, "", 1},
		{"endless", "mac,\"" + strings.Repeat("x\n", maxLine), kindMalformed, "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := readPhones(strings.NewReader(tt.in))
			p := problemFor(err)
			if err == nil || p.Type != "urn:phoneacs:problem:"+tt.kind.token || p.Field != tt.field || p.Line != tt.line {
				t.Errorf("got %s for %q at line %d (%v); want %s for %q at line %d", p.Type, p.Field, p.Line, err, tt.kind.token, tt.field, tt.line)
			}
		})
	}
}

// TestReadPhonesIsBounded: a quote that is never closed does not make the
// reader hold all that follows.
func TestReadPhonesIsBounded(t *testing.T) {
	in := &countingReader{r: io.MultiReader(strings.NewReader("mac\n\""), endless{})}
	_, _, err := readPhones(in)
	var p *problem
	if !errors.As(err, &p) || p.Type != "urn:phoneacs:problem:malformed" {
		t.Fatalf("error = %v; want a problem", err)
	}
	if in.n > 3*maxLine {
		t.Errorf("%d bytes were read for a line of at most %d", in.n, maxLine)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "x\n"[i%2]
	}
	return len(p), nil
}

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// FuzzReadPhones holds the promise that the lines which are read, written as a
// list and read again, are the same.
func FuzzReadPhones(f *testing.F) {
	for _, s := range []string{
		"mac\n0c:38:3e:00:00:01\n", "\ufeffserial,oui\r\nA1,001565\r\n", "serial\n00100400FV02001000000c383e2599fe\n",
		"mac,name,tags,site\n0c383e000001,\"a \"\"b\"\"\",a;b c,HQ\n", "mac\n\"", "mac,\n", "vendor,mac,model\nYEALINK,805ec0000001,T46\nx\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		first, _, err := readPhones(bytes.NewReader(in))
		if err != nil {
			return
		}
		second, bad, err := readPhones(bytes.NewReader(writePhones(t, first)))
		if err != nil || len(bad) > 0 {
			t.Fatalf("written and read again: %v, %v", bad, err)
		}
		if diff := cmp.Diff(first, second, cmp.AllowUnexported(phoneLine{}), cmpopts.IgnoreFields(phoneLine{}, "line")); diff != "" {
			t.Errorf("(-first +second)\n%s", diff)
		}
	})
}

func writePhones(t *testing.T, lines []phoneLine) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{columns}
	for _, l := range lines {
		p := l.phone
		rows = append(rows, []string{p.MAC, p.Serial, p.OUI, p.Name, p.Vendor, p.Model, l.site, strings.Join(p.Tags, " ")})
	}
	rows[0] = []string{"mac", "serial", "oui", "name", "vendor", "model", "site", "tags"}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
