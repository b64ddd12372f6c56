package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/pflag"
)

// maxConfig bounds the configuration file, in bytes: the parser takes long for
// brackets within brackets.
const maxConfig = 32 << 10

// A setting is what a file says of one flag.
type setting struct {
	line   int
	values []string // one, unless isList
	isList bool
}

// give sets a flag to what the file says.
func (s *setting) give(f *pflag.Flag) error {
	if list, ok := f.Value.(pflag.SliceValue); ok && s.isList {
		return list.Replace(s.values)
	}
	if s.isList {
		return errors.New("want one value, not a list")
	}
	return f.Value.Set(s.values[0])
}

// readConfig reads a YAML file of one mapping from flag names to scalars or
// lists of scalars. A key that is no setting is refused with its line; one
// without a value counts as not there. No path means no file.
func readConfig(path string, flags *pflag.FlagSet) (map[string]setting, error) {
	if path == "" {
		return nil, nil
	}
	text, err := readBounded(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return parseConfig(path, text, flags)
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1)) // a pipe has no size to ask for
	if err == nil && len(text) > maxConfig {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxConfig)
	}
	return text, err
}

// parseConfig is readConfig of what has been read; path is for messages.
func parseConfig(path string, text []byte, flags *pflag.FlagSet) (map[string]setting, error) {
	f, err := parser.ParseBytes(text, 0)
	var broken yaml.Error
	if errors.As(err, &broken) {
		return nil, fmt.Errorf("%s: %s", path, broken.FormatError(false, false)) // without the file's text
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out := make(map[string]setting)
	lines := make(map[string]int)
	for _, doc := range f.Docs {
		pairs, err := mapping(doc.Body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, p := range pairs {
			key, line := p.Key.GetToken().Value, p.Key.GetToken().Position.Line
			switch {
			case flags.Lookup(key) == nil || !fileMay(key):
				return nil, fmt.Errorf("%s:%d: unknown setting %q; `phoneacs serve --help` lists them", path, line, key)
			case lines[key] != 0: // in an earlier document; within one, the parser has found it
				return nil, fmt.Errorf("%s:%d: %q is set in line %d already", path, line, key, lines[key])
			}
			lines[key] = line
			values, isList, err := valuesOf(p.Value)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %s: %w", path, line, key, err)
			}
			if isList || len(values) > 0 {
				out[key] = setting{line, values, isList}
			}
		}
	}
	return out, nil
}

func mapping(n ast.Node) ([]*ast.MappingValueNode, error) {
	switch n := n.(type) {
	case nil:
		return nil, nil
	case *ast.MappingNode:
		return n.Values, nil
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, nil
	}
	return nil, errors.New("want a mapping of settings, as in `cwmp: :7547`")
}

// valuesOf reads a scalar, a list of scalars, or nothing.
func valuesOf(n ast.Node) (values []string, isList bool, err error) {
	switch n := n.(type) {
	case *ast.NullNode:
		return nil, false, nil
	case *ast.SequenceNode:
		for _, item := range n.Values {
			s, err := scalar(item)
			if err != nil {
				return nil, true, err
			}
			values = append(values, s)
		}
		return values, true, nil
	}
	s, err := scalar(n)
	return []string{s}, false, err
}

// scalar is a value as it is written. Anchors, tags and what else YAML can do
// have no use here.
func scalar(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return strings.TrimSuffix(n.Value.Value, "\n"), nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, nil
	}
	return "", errors.New("want a value or a list of values")
}
