package admin

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// Formats of lists.
const (
	formatCSV   = "csv"
	formatJSONL = "jsonl"
)

// Media types of lists as JSON lines; the first is ours.
var mediaJSONL = []string{"application/jsonl", "application/x-ndjson"}

// bodyFormat says what a list is written in: what the query says, else the
// media type.
func bodyFormat(r *http.Request) (string, error) {
	switch format := r.URL.Query().Get("format"); format {
	case formatCSV, formatJSONL:
		return format, checkType(r)
	case "":
	default:
		return "", invalid("format", "want csv or jsonl")
	}
	if err := checkType(r, append([]string{"text/csv"}, mediaJSONL...)...); err != nil {
		return "", err
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); slices.Contains(mediaJSONL, media) {
		return formatJSONL, nil
	}
	return formatCSV, nil
}

// wantsLines reports whether the answer is to be JSON lines.
func wantsLines(r *http.Request) bool {
	for _, accept := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(accept, ",") {
			if media, _, err := mime.ParseMediaType(part); err == nil && slices.Contains(mediaJSONL, media) {
				return true
			}
		}
	}
	return false
}

// A lineReader reads lists as JSON lines (one object a line, empty lines count
// and say nothing), a line in memory at a time.
type lineReader struct {
	in   *bufio.Reader
	most int // bytes a line may have
	line int
}

func newLineReader(r io.Reader, most int) *lineReader {
	return &lineReader{in: bufio.NewReader(r), most: most}
}

// next reads the next object into v, strictly. Its errors are those of
// phoneReader.next.
func (l *lineReader) next(v any) error {
	text, err := l.text()
	if err != nil {
		return err
	}
	return l.decode(text, v)
}

// decode reads a line into v.
func (l *lineReader) decode(text []byte, v any) error {
	err := decodeJSON(text, v)
	if err == nil {
		return nil
	}
	p := problemFor(err)
	bad := &lineError{l.line, p.Field, p.Detail}
	if p.Type == newProblem(kindUnknownField, "").Type {
		bad.Detail += "; the members are " + strings.Join(memberNames(reflect.TypeOf(v).Elem()), ", ")
	}
	return bad
}

func memberNames(t reflect.Type) (names []string) {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// text returns the next line that says anything, without its end; it is good
// until the next call.
func (l *lineReader) text() ([]byte, error) {
	for {
		line, err := l.in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			line, err = l.rest(bytes.Clone(line))
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
		if len(line) == 0 {
			return nil, io.EOF
		}
		if l.line++; l.line == 1 {
			line = bytes.TrimPrefix(line, utf8Mark)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
	}
}

// rest reads the rest of a line that is longer than the buffer.
func (l *lineReader) rest(line []byte) ([]byte, error) {
	for {
		part, err := l.in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > l.most:
			return nil, newProblem(kindMalformed, "line %d is longer than %d bytes", l.line+1, l.most)
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		}
	}
}
