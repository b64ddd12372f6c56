package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/term"
)

// An output is where a command tells.
type output struct {
	out, errs io.Writer
	json      bool
	width     int  // columns of the terminal; 0: nothing is cut
	bars      int  // columns of the terminal that bars are drawn on; 0: not known
	color     bool // on a terminal, unless NO_COLOR is set (no-color.org)
	live      bool // errs is a terminal: a bar may be drawn there
	now       func() time.Time
}

func newOutput(out, errs io.Writer, asJSON bool) *output {
	o := &output{out: out, errs: errs, json: asJSON, now: time.Now}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		o.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			o.width = w
		}
	}
	if f, ok := errs.(*os.File); ok {
		o.live = term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			o.bars = w
		}
	}
	return o
}

// barColumns is how wide the terminal is that bars are drawn on, or may be.
func (o *output) barColumns() int {
	if o.bars > 0 {
		return o.bars
	}
	return 80
}

// show prints one thing: v for programs, else what people prints.
func (o *output) show(v any, people func() error) error {
	if o.json {
		return o.line(v)
	}
	return people()
}

// line prints a value as one line of JSON.
func (o *output) line(v any) error {
	e := json.NewEncoder(o.out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// say prints a line for people on standard output.
func (o *output) say(format string, args ...any) error {
	if _, err := fmt.Fprintln(o.out, plain(fmt.Sprintf(format, args...))); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// note prints a line beside the answer, where no program reads it.
func (o *output) note(format string, args ...any) {
	_, _ = fmt.Fprintln(o.errs, plain(fmt.Sprintf(format, args...))) // that nobody can read it changes nothing
}

// plain makes a text harmless for a terminal: phones choose their names, and
// what is no print would move the cursor or worse.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, s)
}

// Colours of states.
const (
	red, green, yellow, faint = "31", "32", "33", "2"
)

// paint colours a text that is to be printed as it is.
func (o *output) paint(color, text string) string {
	if !o.color || color == "" || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// stateColors are those of states of phones, jobs and tasks.
var stateColors = map[string]string{
	"approved": green, "pending": yellow, "re-enrol": red,
	"succeeded": green, "failed": red, "expired": red, "cancelled": faint, "skipped": faint,
	"paused": yellow, "sent": yellow, "proving": yellow, "refuse": red,
}

// ago tells a time as people do, and nothing of none.
func (o *output) ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := o.now().Sub(t)
	if d < 0 {
		return "in " + span(-d)
	}
	return span(d) + " ago"
}

// span is a duration in its two largest units, without the smaller one where it says little.
func span(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 3600:
		return fmt.Sprintf("%dm", s/60)
	case s < 24*3600:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd", s/(24*3600))
}

// at is a time in full, in the zone of whoever reads.
func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05 -0700")
}

// size is a number of bytes for people.
func size(n int64) string {
	for i, unit := range []string{"B", "kB", "MB", "GB"} {
		div := int64(1)
		for range i {
			div *= 1000
		}
		if n < div*1000 || unit == "GB" {
			if i == 0 {
				return fmt.Sprintf("%d B", n)
			}
			return fmt.Sprintf("%.1f %s", float64(n)/float64(div), unit)
		}
	}
	return ""
}

// bytes writes what is not for a table: to a file that must not be there yet,
// else to standard output. It is whole or it is not there.
func (o *output) bytes(path string, r io.Reader) (int64, error) {
	if path == "" || path == "-" {
		n, err := io.Copy(o.out, r)
		if err != nil {
			return n, fmt.Errorf("write: %w", err)
		}
		return n, nil
	}
	if _, err := os.Lstat(path); err == nil {
		return 0, &UsageError{fmt.Errorf("--output: %s: %w", path, fs.ErrExist)}
	}
	// What is killed meanwhile leaves a part by another name.
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*")
	if err != nil {
		return 0, &UsageError{fmt.Errorf("--output: %w", err)}
	}
	n, err := io.Copy(f, r)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return n, errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(f.Name()))
	}
	return n, nil
}

// both tells a time in full and how long ago it is.
func (o *output) both(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return at(t) + " (" + o.ago(t) + ")"
}

// harmless is plain for a text of several lines.
func harmless(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, text)
}

// number is a count in digits.
func number(n int) string { return strconv.Itoa(n) }
