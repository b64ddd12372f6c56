package simcli

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// Bounds of an export.
const (
	maxExport = 64 << 20 // bytes
	maxKinds  = 1000     // models and versions
	maxName   = 64       // bytes of a model or version
)

var errExport = errors.New("export cannot be read")

// exported is what an export says of a phone; what else it says is passed over.
type exported struct {
	Vendor   string `json:"vendor"`
	Model    string `json:"model"`
	Software string `json:"software_version"`
}

// readCensus reads an export: CSV with the columns vendor, model and
// software_version, of which the first may be missing; or JSON, as objects that
// follow one another, a list of them, or pages of the admin API. It fails if it
// is cut short, beyond its bounds, or has no phone that can be simulated.
func readCensus(r io.Reader) (*census, error) {
	limited := &io.LimitedReader{R: r, N: maxExport + 1}
	in := bufio.NewReader(limited)
	c := &census{kinds: make(map[kind]int)}
	read := c.readCSV
	if first, err := firstSign(in); err != nil {
		return nil, err
	} else if first == '{' || first == '[' {
		read = c.readJSON
	}
	err := read(in)
	switch {
	case limited.N <= 0:
		return nil, fmt.Errorf("%w: it is larger than %d bytes", errExport, maxExport)
	case err != nil:
		return nil, err
	case c.phones == 0:
		return nil, fmt.Errorf("%w: it has no phone of Fanvil with a model", errExport)
	}
	return c, nil
}

// firstSign is the first byte that is no white space; it is not taken.
func firstSign(in *bufio.Reader) (byte, error) {
	for {
		b, err := in.Peek(1)
		switch {
		case errors.Is(err, io.EOF):
			return 0, fmt.Errorf("%w: it is empty", errExport)
		case err != nil:
			return 0, err
		case b[0] > ' ':
			return b[0], nil
		}
		_, _ = in.Discard(1) // which has been seen
	}
}

func (c *census) add(e exported, where string) error {
	vendor := strings.TrimSpace(e.Vendor)
	k := kind{strings.TrimSpace(e.Model), strings.TrimSpace(e.Software)}
	if vendor != "" && !strings.EqualFold(vendor, "fanvil") {
		c.others++
		return nil
	}
	if k.model == "" {
		return nil // imported, and never seen
	}
	for name, s := range map[string]string{"model": k.model, "software_version": k.software} {
		if len(s) > maxName || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return fmt.Errorf("%w: %s: %s is %.80q; want at most %d printable characters", errExport, where, name, s, maxName)
		}
	}
	c.kinds[k]++
	c.phones++
	if len(c.kinds) > maxKinds {
		return fmt.Errorf("%w: %s: more than %d models and versions", errExport, where, maxKinds)
	}
	return nil
}

func (c *census) readCSV(in *bufio.Reader) error {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("%w: %w", errExport, err)
	}
	head = slices.Clone(head)
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	columns := make(map[string]int)
	for i, name := range head {
		columns[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"model", "software_version"} {
		if _, ok := columns[name]; !ok {
			return fmt.Errorf("%w: line 1 names no column %q", errExport, name)
		}
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%w: %w", errExport, err)
		}
		line, _ := r.FieldPos(0)
		e := exported{Model: row[columns["model"]], Software: row[columns["software_version"]]}
		if i, ok := columns["vendor"]; ok {
			e.Vendor = row[i]
		}
		if err := c.add(e, fmt.Sprintf("line %d", line)); err != nil {
			return err
		}
	}
}

func (c *census) readJSON(in *bufio.Reader) error {
	dec := json.NewDecoder(in)
	for n := 1; ; n++ {
		var raw json.RawMessage
		if err := dec.Decode(&raw); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%w: at byte %d: %w", errExport, dec.InputOffset(), err)
		}
		where := fmt.Sprintf("value %d", n)
		var page struct {
			Items *[]exported `json:"items"`
			exported
		}
		var phones []exported
		var err error
		if bytes.HasPrefix(raw, []byte("[")) {
			err = json.Unmarshal(raw, &phones)
		} else if err = json.Unmarshal(raw, &page); err == nil {
			phones = []exported{page.exported}
			if page.Items != nil {
				phones = *page.Items
			}
		}
		if err != nil {
			return fmt.Errorf("%w: %s: %w", errExport, where, err)
		}
		for _, e := range phones {
			if err := c.add(e, where); err != nil {
				return err
			}
		}
	}
}
