package admin

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// columns are what a list of phones may tell of each.
var columns = []string{"mac", "serial", "oui", "site", "name", "tags", "vendor", "model"}

// maxLine is how many bytes a line may have, give or take a read-ahead.
const maxLine = 64 << 10

// A lineError says what is wrong with one line of a list.
type lineError struct {
	Line   int    `json:"line"`
	Field  string `json:"field,omitempty"` // the column
	Detail string `json:"detail"`
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s: %s", e.Line, e.Field, e.Detail) }

// A phoneReader reads a list of phones in CSV (RFC 4180), its first line
// naming the columns in any order. It holds one line in memory.
type phoneReader struct {
	csv    *csv.Reader
	budget *budgetReader
	column []string // by position
	// skipped is how many lines stood before the header.
	skipped int
}

// newPhoneReader reads the header. Its error is a problem.
func newPhoneReader(r io.Reader) (*phoneReader, error) {
	p, err := readHeader(r, columns)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(p.column, "mac") && !slices.Contains(p.column, "serial") {
		return nil, invalid("mac", "the header names neither mac nor serial")
	}
	return p, nil
}

// readHeader reads the header of a list that may have these columns.
func readHeader(r io.Reader, columns []string) (*phoneReader, error) {
	in := bufio.NewReader(r)
	budget := &budgetReader{r: in, left: maxLine}
	p := &phoneReader{budget: budget}
	comma, first, skipped, err := beginTable(in)
	if err != nil {
		return nil, err
	}
	p.skipped = skipped
	budget.r = io.MultiReader(bytes.NewReader(first), in)
	p.csv = csv.NewReader(budget)
	p.csv.Comma = comma
	p.csv.ReuseRecord = true
	header, err := p.csv.Read()
	var bad *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return nil, newProblem(kindMalformed, "the list is empty; its first line must name the columns")
	case errors.As(err, &bad) || errors.Is(err, errLongLine):
		p := newProblem(kindMalformed, "the header cannot be read: %v", err)
		p.Line = 1 + skipped
		return nil, p
	case err != nil:
		return nil, err
	}
	for i, cell := range header {
		line, _ := p.csv.FieldPos(i)
		name := strings.ToLower(strings.TrimSpace(cell))
		if err := checkColumn(name, columns, p.column); err != nil {
			err.Line = line + skipped
			return nil, err
		}
		p.column = append(p.column, name)
	}
	return p, nil
}

func checkColumn(name string, columns, before []string) *problem {
	switch {
	case !slices.Contains(columns, name):
		return newProblem(kindUnknownField, "there is no column %q; the columns are %s, with commas, semicolons or tabs between them",
			shorten(name), strings.Join(columns, ", ")).at(shorten(name))
	case slices.Contains(before, name):
		return invalid(name, "the header names this column twice")
	}
	return nil
}

// next returns the next line, io.EOF after the last, or a *lineError, after
// which the next line may be read. Any other error ends the list.
func (p *phoneReader) next() (phoneLine, error) {
	record, line, err := p.record()
	if err != nil {
		return phoneLine{}, err
	}
	out := phoneLine{line: line}
	for i, cell := range record {
		if err := out.set(p.column[i], unescapeCell(strings.TrimSpace(cell))); err != nil {
			return phoneLine{}, &lineError{line, p.column[i], err.Error()}
		}
	}
	return out, out.complete()
}

// record returns the cells of the next line and its number; the errors are
// those of next.
func (p *phoneReader) record() (cells []string, line int, err error) {
	p.budget.left = maxLine
	cells, err = p.csv.Read()
	var bad *csv.ParseError
	switch {
	case errors.As(err, &bad):
		line = bad.StartLine + p.skipped
		return nil, line, &lineError{Line: line, Detail: bad.Err.Error()}
	case errors.Is(err, errLongLine):
		return nil, 0, newProblem(kindMalformed, "a line is longer than %d bytes, or a quote is not closed", maxLine)
	case err != nil:
		return nil, 0, err
	}
	line, _ = p.csv.FieldPos(0)
	return cells, line + p.skipped, nil
}

var errLongLine = errors.New("line too long")

// A budgetReader bounds how much is read for one line, whatever its quotes say.
type budgetReader struct {
	r    io.Reader
	left int
}

func (b *budgetReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongLine
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
