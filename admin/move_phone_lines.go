package admin

import (
	"io"
	"slices"
)

// readPhoneList begins to read a list of phones. Its error is a problem.
func readPhoneList(r io.Reader, format string) (func() (phoneLine, int, error), error) {
	if format == formatJSONL {
		in := newLineReader(r, maxLine)
		return func() (phoneLine, int, error) { return readPhoneObject(in) }, nil
	}
	in, err := newPhoneReader(r)
	if err != nil {
		return nil, err
	}
	return func() (phoneLine, int, error) {
		l, err := in.next()
		return l, l.line, err
	}, nil
}

// phoneObject is a phone in a list of JSON lines: the columns of a table.
type phoneObject struct {
	MAC    string   `json:"mac"`
	Serial string   `json:"serial"`
	OUI    string   `json:"oui"`
	Site   string   `json:"site"`
	Name   string   `json:"name"`
	Tags   []string `json:"tags"` // [] takes all away; absent: as they are
	Vendor string   `json:"vendor"`
	Model  string   `json:"model"`
}

func readPhoneObject(in *lineReader) (phoneLine, int, error) {
	var o phoneObject
	if err := in.next(&o); err != nil {
		return phoneLine{}, in.line, err
	}
	l := phoneLine{line: in.line}
	for _, m := range []struct{ name, value string }{
		{"mac", o.MAC}, {"serial", o.Serial}, {"oui", o.OUI}, {"site", o.Site}, {"name", o.Name}, {"vendor", o.Vendor}, {"model", o.Model},
	} {
		if err := l.set(m.name, m.value); err != nil {
			return l, in.line, &lineError{in.line, m.name, err.Error()}
		}
	}
	if err := checkTags("tags", o.Tags); err != nil {
		return l, in.line, &lineError{in.line, "tags", problemFor(err).Detail}
	}
	if l.phone.Tags = slices.Clone(o.Tags); len(o.Tags) > 0 {
		slices.Sort(l.phone.Tags)
		l.phone.Tags = slices.Compact(l.phone.Tags)
	}
	return l, in.line, l.complete()
}
