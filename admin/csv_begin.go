package admin

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// What begins texts that spreadsheets save in other encodings than UTF-8.
var (
	utf8Mark  = []byte("\xef\xbb\xbf")
	utf16Mark = [][]byte{[]byte("\xff\xfe"), []byte("\xfe\xff")}
)

// beginTable reads the first line of a table and says what stands between its
// cells. Spreadsheets put a semicolon there where the comma is in numbers, or a
// tab, and some say so in a line "sep=;" of its own, which is skipped: the header
// shows it. UTF-16 is refused.
func beginTable(in *bufio.Reader) (comma rune, first []byte, skipped int, err error) {
	said := false // a line "sep=;" was read
	for {
		if first, err = tableLine(in); err != nil {
			return 0, nil, 0, err
		}
		if skipped == 0 {
			first = bytes.TrimPrefix(first, utf8Mark)
		}
		text := strings.TrimSpace(string(first))
		switch {
		case text == "" && len(first) > 0:
			if skipped++; skipped > maxBlank {
				return 0, nil, 0, newProblem(kindMalformed, "the list begins with more than %d empty lines", maxBlank)
			}
			continue
		case said || len(text) < 4 || !strings.EqualFold(text[:4], "sep="):
			return separator(first), first, skipped, nil
		}
		said = true
		skipped++
	}
}

// maxBlank is how many empty lines may stand above a table.
const maxBlank = 1000

// tableLine reads a line with its end, and refuses what is no table in UTF-8.
func tableLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, newProblem(kindMalformed, "the header cannot be read: it is longer than %d bytes", maxLine)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
		break
	}
	for _, mark := range utf16Mark {
		if bytes.HasPrefix(line, mark) || bytes.IndexByte(line, 0) >= 0 {
			return nil, newProblem(kindMalformed, "the list is not UTF-8 but looks like UTF-16; save it as UTF-8 (a spreadsheet calls that CSV UTF-8)")
		}
	}
	if i := bytes.IndexByte(line, '\r'); i >= 0 && i < len(bytes.TrimRight(line, "\r\n")) {
		return nil, newProblem(kindMalformed, "lines end with CR alone; save the list with ends of line as on Windows or Unix")
	}
	return line, nil
}

const separators = ",;\t"

// separator is what stands most often in a header. Names of columns hold none.
func separator(header []byte) (sep rune) {
	most := 0
	for _, r := range separators {
		if n := bytes.Count(header, []byte(string(r))); n > most || sep == 0 {
			sep, most = r, n
		}
	}
	return sep
}
