// Package model knows the parameters that matter of the data models that phones
// share (TR-181, TR-098, TR-104 and TR-106 below the roots Device. and
// InternetGatewayDevice.): what type each has, whether it can be set, between
// which bounds, and in a few words what it is.
//
// It is a help, not a judge: phones depart from it, and what a phone says of
// itself stands over it. Names of vendors are not in it. It refuses to read,
// write or ask anything.
package model

import (
	_ "embed"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"sync"
)

// table has a parameter a line: its name below the root, with {i} for the
// number of an instance, its type of XML Schema, rw or r, its bounds, and what
// it is.
//
//go:embed table.tsv
var table string

// A Parameter is what is known of one.
type Parameter struct {
	Name        string // below the root, with {i} for instances
	Type        string // as XML Schema names it: "unsignedInt"
	Writable    bool
	Description string
	min, max    *big.Int // nil: those of the type
}

var all = sync.OnceValue(func() map[string]*Parameter {
	m := make(map[string]*Parameter)
	for line := range strings.Lines(table) {
		if p, err := parse(strings.TrimSuffix(line, "\n")); err == nil { // a test reads all of them
			m[p.Name] = p
		}
	}
	return m
})

func parse(line string) (*Parameter, error) {
	f := strings.Split(line, "\t")
	if len(f) != 6 {
		return nil, fmt.Errorf("%d columns in %q; want 6", len(f), line)
	}
	p := &Parameter{Name: f[0], Type: f[1], Writable: f[2] == "rw", Description: f[5]}
	for i, at := range []**big.Int{&p.min, &p.max} {
		if f[3+i] == "" {
			continue
		}
		n, ok := new(big.Int).SetString(f[3+i], 10)
		if !ok {
			return nil, fmt.Errorf("bound %q in %q", f[3+i], line)
		}
		*at = n
	}
	return p, nil
}

// Lookup finds a parameter by its full name, as a phone has it: "Device.Time.
// NTPServer1", with numbers or aliases in brackets for instances. Nothing is
// known of names beyond 256 bytes.
func Lookup(name string) (Parameter, bool) {
	root, rest, dotted := strings.Cut(name, ".")
	if !dotted || len(name) > 256 || root != "Device" && root != "InternetGatewayDevice" {
		return Parameter{}, false
	}
	if p := all()[pattern(rest)]; p != nil {
		return *p, true
	}
	return Parameter{}, false
}

// pattern puts {i} in the place of instances.
func pattern(name string) string {
	parts := strings.Split(name, ".")
	for i, part := range parts {
		if i > 0 && instance(part) {
			parts[i] = "{i}"
		}
	}
	return strings.Join(parts, ".")
}

func instance(part string) bool {
	if strings.HasPrefix(part, "[") && strings.HasSuffix(part, "]") {
		return true
	}
	_, err := strconv.ParseUint(part, 10, 32)
	return err == nil
}

// spans are the bounds of the types that are numbers.
var spans = map[string][2]*big.Int{
	"int":           {big.NewInt(math.MinInt32), big.NewInt(math.MaxInt32)},
	"unsignedInt":   {big.NewInt(0), big.NewInt(math.MaxUint32)},
	"long":          {big.NewInt(math.MinInt64), big.NewInt(math.MaxInt64)},
	"unsignedLong":  {big.NewInt(0), new(big.Int).SetUint64(math.MaxUint64)},
	"short":         {big.NewInt(math.MinInt16), big.NewInt(math.MaxInt16)},
	"unsignedShort": {big.NewInt(0), big.NewInt(math.MaxUint16)},
	"byte":          {big.NewInt(math.MinInt8), big.NewInt(math.MaxInt8)},
	"unsignedByte":  {big.NewInt(0), big.NewInt(math.MaxUint8)},
}

// Span returns the least and the greatest value of a type of whole numbers; ok
// is false for other types, and for integer, which has no bounds.
func Span(kind string) (least, greatest *big.Int, ok bool) {
	s, ok := spans[kind]
	return s[0], s[1], ok
}

// CheckNumber says what keeps a whole number from being a value of the
// parameter.
func (p *Parameter) CheckNumber(n *big.Int) error {
	switch {
	case p.min != nil && n.Cmp(p.min) < 0:
		return fmt.Errorf("is less than %v, the least of %s", p.min, p.Name)
	case p.max != nil && n.Cmp(p.max) > 0:
		return fmt.Errorf("is more than %v, the greatest of %s", p.max, p.Name)
	}
	return nil
}
