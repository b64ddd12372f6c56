package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/pflag"
)

// maxConfig bounds the configuration file, in bytes.
const maxConfig = 1 << 20

// envName is the environment variable of a flag: public-url is PHONEACS_PUBLIC_URL.
func envName(flag string) string {
	return "PHONEACS_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fillSettings gives the flags that are not on the command line their value
// from the environment, else from the configuration file. from says which had
// it from where, for errors that are found later.
func fillSettings(flags *pflag.FlagSet, env func(string) (string, bool)) (from map[string]string, err error) {
	path, _ := flags.GetString("config")
	if v, ok := env(envName("config")); ok && path == "" {
		path = v
	}
	file, err := readConfig(path, flags)
	if err != nil {
		return nil, &usageError{err}
	}
	from = make(map[string]string)
	var errs []error
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Name == "help" || f.Name == "config" || f.Name == "check" {
			return
		}
		if v, ok := env(envName(f.Name)); ok {
			from[f.Name] = envName(f.Name)
			if err := f.Value.Set(v); err != nil {
				errs = append(errs, fmt.Errorf("%s=%q: %w", envName(f.Name), v, err))
			}
			return
		}
		if s, ok := file[f.Name]; ok {
			from[f.Name] = fmt.Sprintf("%s:%d: %s", path, s.line, f.Name)
			if err := f.Value.Set(s.value); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", from[f.Name], err))
			}
		}
	})
	if len(errs) > 0 {
		return nil, &usageError{errors.Join(errs...)}
	}
	return from, nil
}

type setting struct {
	value string
	line  int
}

// readConfig reads a YAML file of one mapping from flag names to scalars or
// lists of scalars. A key that is no setting is refused with its line.
func readConfig(path string, flags *pflag.FlagSet) (map[string]setting, error) {
	if path == "" {
		return nil, nil
	}
	b, err := readBounded(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	f, err := parser.ParseBytes(b, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out := make(map[string]setting)
	for _, doc := range f.Docs {
		pairs, err := mapping(doc.Body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, p := range pairs {
			key, line := p.Key.GetToken().Value, p.Key.GetToken().Position.Line
			switch fl := flags.Lookup(key); {
			case fl == nil || key == "config" || key == "check" || key == "help":
				return nil, fmt.Errorf("%s:%d: unknown setting %q; `phoneacs serve --help` lists them", path, line, key)
			case out[key].line != 0:
				return nil, fmt.Errorf("%s:%d: %q is set in line %d already", path, line, key, out[key].line)
			}
			v, err := scalar(p.Value)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %s: %w", path, line, key, err)
			}
			out[key] = setting{v, line}
		}
	}
	return out, nil
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxConfig {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxConfig)
	}
	return os.ReadFile(path)
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

func scalar(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.SequenceNode:
		var parts []string
		for _, v := range n.Values {
			s, err := scalar(v)
			if err != nil {
				return "", err
			}
			parts = append(parts, s)
		}
		return strings.Join(parts, ","), nil
	case *ast.NullNode:
		return "", nil
	case *ast.StringNode:
		return n.Value, nil
	case ast.ScalarNode:
		return n.GetToken().Value, nil
	}
	return "", errors.New("want a value or a list of values")
}
