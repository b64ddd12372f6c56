package sim

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
)

// bodyDialects change the bytes that an envelope becomes.
var bodyDialects = []Dialect{
	{"gzip", []int{18}, "packs its bodies with gzip", func(h *habits) {
		h.http.coding, h.http.pack = "gzip", packer(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	}},
	{"deflate", []int{18}, "packs its bodies with deflate, which is zlib", func(h *habits) {
		h.http.coding, h.http.pack = "deflate", packer(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	}},
	{"deflate-bare", []int{18}, "packs its bodies with deflate, the bare stream", func(h *habits) {
		h.http.coding, h.http.pack = "deflate", packer(func(w io.Writer) io.WriteCloser {
			z, _ := flate.NewWriter(w, flate.DefaultCompression) // a level it has
			return z
		})
	}},
	{"latin1", []int{17, 34}, "writes ISO-8859-1 and declares it", func(h *habits) {
		h.write = append(h.write, umlaut, swap(`encoding="UTF-8"`, `encoding="ISO-8859-1"`), latin1)
	}},
	{"latin1-in-header", []int{18}, "writes ISO-8859-1 and says so in Content-Type alone", func(h *habits) {
		h.http.contentType = "text/xml; charset=ISO-8859-1"
		h.write = append(h.write, umlaut, undeclared, latin1)
	}},
	{"latin1-silent", []int{34}, "writes ISO-8859-1 and declares UTF-8", func(h *habits) {
		h.write = append(h.write, umlaut, latin1)
	}},
	{"utf8-silent", []int{34}, "writes UTF-8 and declares ISO-8859-1", func(h *habits) {
		h.write = append(h.write, umlaut, swap(`encoding="UTF-8"`, `encoding="ISO-8859-1"`))
	}},
	{"declaration-lines", []int{33}, "begins with a byte order mark and a declaration over several lines", func(h *habits) {
		h.write = append(h.write, swap(`<?xml version="1.0" encoding="UTF-8"?>`,
			"\xef\xbb\xbf<?xml\n  version = '1.0'\n  encoding = 'utf-8'\n  standalone='yes'\n?>\n<!-- a=b:c -->"))
	}},
}

// umlaut puts characters beyond ASCII into what an Inform tells.
var umlaut = alter(`(ProvisioningCode</Name><Value[^>]*>)`, "${1}Küche")

var undeclared = swap(`<?xml version="1.0" encoding="UTF-8"?>`, "")

// latin1 turns UTF-8 into ISO-8859-1; what that cannot carry becomes a question
// mark.
func latin1(m []byte) []byte {
	out := make([]byte, 0, len(m))
	for _, r := range string(m) {
		if r > 0xff {
			r = '?'
		}
		out = append(out, byte(r))
	}
	return out
}

func packer(open func(io.Writer) io.WriteCloser) func([]byte) []byte {
	return func(m []byte) []byte {
		var b bytes.Buffer
		z := open(&b)
		_, _ = z.Write(m) // to a buffer neither fails
		_ = z.Close()
		return b.Bytes()
	}
}
