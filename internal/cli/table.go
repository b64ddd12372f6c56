package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// gap stands between columns.
const gap = "  "

// A column is a part of a table of T.
type column[T any] struct {
	title string
	cell  func(T) string
	state bool // coloured by what it says
	right bool
}

// A table prints rows under one heading. Widths are those of the page before,
// or wider: a list is printed while it is read, and not kept.
type table[T any] struct {
	*output
	columns []column[T]
	widths  []int
}

func newTable[T any](o *output, columns []column[T]) *table[T] {
	t := &table[T]{output: o, columns: columns}
	return t
}

// page prints rows, under the heading if they are the first.
func (t *table[T]) page(rows []T) error {
	first := t.widths == nil
	if first {
		t.widths = make([]int, len(t.columns))
		for i, c := range t.columns {
			t.widths[i] = wide(c.title)
		}
	}
	cells := make([][]string, len(rows))
	for r, row := range rows {
		cells[r] = make([]string, len(t.columns))
		for i, c := range t.columns {
			cells[r][i] = plain(c.cell(row))
			t.widths[i] = max(t.widths[i], wide(cells[r][i]))
		}
	}
	if first {
		titles := make([]string, len(t.columns))
		for i, c := range t.columns {
			titles[i] = c.title
		}
		if err := t.row(titles, faint); err != nil {
			return err
		}
	}
	for _, row := range cells {
		if err := t.row(row, ""); err != nil {
			return err
		}
	}
	return nil
}

// row prints one row, cut to the terminal.
func (t *table[T]) row(cells []string, color string) error {
	var b strings.Builder
	left := t.width
	for i, cell := range cells {
		width := t.widths[i]
		text := cell
		if pad := width - wide(cell); t.columns[i].right {
			text = strings.Repeat(" ", pad) + cell
		} else if i < len(cells)-1 {
			text = cell + strings.Repeat(" ", pad)
		}
		if i > 0 {
			text = gap + text
		}
		if t.width > 0 {
			text = cut(text, left)
			left -= wide(text)
		}
		paint := color
		if t.columns[i].state && paint == "" {
			paint = stateColors[cell]
		}
		b.WriteString(t.paint(paint, text))
	}
	if _, err := fmt.Fprintln(t.out, strings.TrimRight(b.String(), " ")); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// wide is how many columns of a terminal a printable text takes: of a Chinese
// letter two.
func wide(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return uniseg.StringWidth(s)
		}
	}
	return len(s)
}

// cut shortens a text to a number of columns, and shows that it did.
func cut(s string, columns int) string {
	if columns <= 0 {
		return ""
	}
	if wide(s) <= columns {
		return s
	}
	kept, left, state := 0, columns-1, -1
	for rest := s; ; {
		var letter string
		var width int
		letter, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if left -= width; left < 0 {
			break
		}
		kept += len(letter)
	}
	if strings.TrimSpace(s[kept:]) == "" {
		return s[:kept] + " "
	}
	return s[:kept] + "…"
}

// A fact is a line of what is told of one thing.
type fact struct{ name, value string }

// facts prints lines of a name and a value, without those that have none.
func (o *output) facts(list []fact) error {
	width := 0
	for _, f := range list {
		if f.value != "" {
			width = max(width, wide(f.name))
		}
	}
	for _, f := range list {
		if f.value == "" {
			continue
		}
		name := f.name + strings.Repeat(" ", width-wide(f.name)+len(gap))
		value := plain(f.value)
		if _, err := fmt.Fprintln(o.out, o.paint(faint, name)+o.paint(stateColors[value], value)); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}
