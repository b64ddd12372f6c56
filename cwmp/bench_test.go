package cwmp

import (
	"os"
	"regexp"
	"testing"

	"github.com/beevik/etree"
)

// benchInform returns an Inform of 8 parameters, indented as devices send it,
// or without white space between its elements.
func benchInform(b *testing.B, indented bool) []byte {
	b.Helper()
	data, err := os.ReadFile("testdata/plain-inform-8-parameters.xml")
	if err != nil {
		b.Fatal(err)
	}
	if !indented {
		data = regexp.MustCompile(`>\s+<`).ReplaceAll(data, []byte("><"))
	}
	return data
}

// BenchmarkDecode measures what a session pays for its Inform. The tree alone
// is the floor under it.
func BenchmarkDecode(b *testing.B) {
	for _, form := range []struct {
		name     string
		indented bool
	}{{"indented", true}, {"dense", false}} {
		data := benchInform(b, form.indented)
		b.Run(form.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(form.name+"/tree", func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := etree.NewDocument().ReadFromBytes(data); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(form.name+"/prepare", func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := prepare(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncode measures the answers an ACS writes most, into a reused buffer.
func BenchmarkEncode(b *testing.B) {
	for _, m := range []Message{
		&InformResponse{MaxEnvelopes: 1},
		&Download{CommandKey: "t7Jq2-1", FileType: FileTypeFirmware, URL: "https://acs.example.net/f/x6-2.12.1.z?t=abc&n=1", FileSize: 1 << 24},
	} {
		e := Envelope{ID: "1804289383", Body: m}
		b.Run(m.RPC(), func(b *testing.B) {
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if buf, err = e.AppendTo(buf[:0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
