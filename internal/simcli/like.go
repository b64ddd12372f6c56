package simcli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"phoneacs/internal/sim"
)

// A kind is what phones of a fleet have in common.
type kind struct{ model, software string }

// A census counts the phones of an export. others are those of vendors that the
// simulator has no phones of.
type census struct {
	kinds  map[kind]int
	phones int
	others int
}

// alike makes the fleet like the export of --like: it sets models and, if
// --phones was not given, their number, and returns the version of each phone;
// nil without an export. A model that the simulator does not know is played by
// one that it does, under its own name.
func (f *flags) alike(said io.Writer) (versions []string, err error) {
	if f.like == "" {
		return nil, nil
	}
	if len(f.o.Models) > 0 {
		return nil, fmt.Errorf("%w: --models and --like are two ways to say the same", ErrUsage)
	}
	file, err := os.Open(f.like)
	if err != nil {
		return nil, fmt.Errorf("%w: --like: %w", ErrUsage, err)
	}
	c, err := readCensus(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("%w: --like %s: %w", ErrUsage, f.like, err)
	}
	if !f.phonesTold {
		f.o.Phones = c.phones
	}
	f.o.Designs = make(map[string]string)
	strange := make(map[string]bool)
	for _, k := range c.deal(f.o.Phones) {
		f.o.Models = append(f.o.Models, k.model)
		versions = append(versions, k.software)
		if !slices.Contains(sim.Models(), k.model) {
			f.o.Designs[k.model], strange[k.model] = nearest(k.model), true
		}
	}
	fmt.Fprintf(said, "like %d phones of %d models and versions\n", c.phones, len(c.kinds))
	if c.others > 0 {
		fmt.Fprintf(said, "%d phones of other vendors are left out: the simulator has those of Fanvil alone\n", c.others)
	}
	if len(strange) > 0 {
		fmt.Fprintf(said, "%d models differ from those of the simulator in more than their name\n", len(strange))
	}
	return versions, nil
}

// nearest is the model of the simulator that plays another: those whose names
// begin as theirs are of one generation.
func nearest(model string) string {
	for _, m := range sim.Models() {
		if len(model) > 0 && strings.EqualFold(model[:1], m[:1]) {
			return m
		}
	}
	return "X6"
}

// deal shares n phones out over the kinds in proportion, the odd ones to those
// that are owed most, and shuffles them evenly: whoever takes the first hundred
// sees the mix.
func (c *census) deal(n int) []kind {
	type share struct {
		kind
		count, dealt int
	}
	var shares []share
	for k, count := range c.kinds {
		shares = append(shares, share{kind: k, count: count})
	}
	slices.SortFunc(shares, func(a, b share) int {
		return strings.Compare(a.model+"\x00"+a.software, b.model+"\x00"+b.software)
	})
	out := make([]kind, 0, n)
	for i := 1; i <= n; i++ {
		best, owed := 0, -1<<62
		for j := range shares {
			s := &shares[j]
			if o := i*s.count - s.dealt*c.phones; o > owed {
				best, owed = j, o
			}
		}
		shares[best].dealt++
		out = append(out, shares[best].kind)
	}
	return out
}
