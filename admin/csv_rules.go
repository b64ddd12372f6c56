package admin

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ruleColumns are what a list of enrolment rules may tell of each. What stands
// under mac may be one address, a range or a prefix.
var ruleColumns = []string{
	"mac", "oui", "vendor", "model", "product_class", "network",
	"action", "site", "tags", "limit", "until", "re_enrol", "order", "note",
}

// A ruleReader reads a list of enrolment rules as [phoneReader] does phones.
type ruleReader struct{ phoneReader }

func newRuleReader(r io.Reader) (*ruleReader, error) {
	p, err := readHeader(r, ruleColumns)
	if err != nil {
		return nil, err
	}
	return &ruleReader{*p}, nil
}

// next returns the next rule and its line, as phoneReader.next does.
func (p *ruleReader) next() (in newRule, line int, err error) {
	record, line, err := p.record()
	if err != nil {
		return in, line, err
	}
	for i, cell := range record {
		if err := setRule(&in, p.column[i], strings.TrimSpace(cell)); err != nil {
			return in, line, &lineError{line, p.column[i], err.Error()}
		}
	}
	if in.Action == "" {
		in.Action = "approve" // what such lists are for
	}
	return in, line, nil
}

// setRule takes one cell in. An empty one says nothing.
func setRule(in *newRule, column, cell string) (err error) {
	switch {
	case cell == "":
		return nil
	case !utf8.ValidString(cell):
		return errors.New("not UTF-8; save the list in that encoding")
	case strings.ContainsFunc(cell, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("has a character that cannot be shown")
	}
	number := func() (n int) {
		if n, err = strconv.Atoi(cell); err != nil {
			err = errors.New("want a whole number")
		}
		return n
	}
	switch column {
	case "mac":
		in.MAC = cell
	case "oui":
		in.OUI = cell
	case "vendor":
		in.Vendor = cell
	case "model":
		in.Model = cell
	case "product_class":
		in.ProductClass = cell
	case "network":
		in.Network = cell
	case "action":
		in.Action = strings.ToLower(cell)
	case "site":
		in.Site = &cell
	case "tags":
		in.Tags = splitTags(cell)
	case "limit":
		in.Limit = number()
	case "until":
		in.Until = &cell
	case "order":
		n := number()
		in.Order = &n
	case "note":
		in.Note = cell
	case "re_enrol":
		if in.ReEnrol, err = strconv.ParseBool(strings.ToLower(cell)); err != nil {
			err = errors.New("want true or false")
		}
	}
	return err
}
