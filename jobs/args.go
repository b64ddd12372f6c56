package jobs

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// maxName is how long names of parameters and objects may be (TR-069 A.3.2.1).
const maxName = 256

// foreign refuses the arguments of an order that its kind does not take: what
// is passed over in silence would be believed to have been ordered.
func foreign(a db.Args, takes string) error {
	for _, m := range []struct {
		name  string
		given bool
	}{
		{"file", a.File != 0},
		{"parameters", a.Parameters != nil},
		{"names", a.Names != nil},
		{"delay", a.Delay != 0},
		{"object", a.Object != ""},
		{"attributes", a.Attributes != nil},
		{"raw", a.Raw != nil},
		{"upload", a.Upload != nil},
		{"reboot", a.Reboot},
	} {
		if m.given && m.name != takes {
			return badArg(m.name, "this kind of job takes no %s", m.name)
		}
	}
	return nil
}

// badArg is what is wrong with an argument.
func badArg(name, format string, args ...any) error {
	return &db.FieldError{Field: "args." + name, Err: fmt.Errorf(format, args...)}
}

var errNoName = errors.New("is no name such as Device.Time.NTPServer1")

// checkName says what keeps a text from being the name of a parameter, or of an
// object without its last dot. What names there are is for the phone to say.
func checkName(name string) error {
	if n := utf8.RuneCountInString(name); n > maxName {
		return fmt.Errorf("has %d characters, at most %d", n, maxName)
	}
	if err := cwmp.CheckText(name); err != nil {
		return err
	}
	if name == "" || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") ||
		strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return errNoName
	}
	return nil
}

// checkObject is checkName for the path of an object, which ends in a dot. It
// returns the last part of the path.
func checkObject(path string) (last string, err error) {
	stem, dotted := strings.CutSuffix(path, ".")
	if !dotted {
		return "", errors.New("is no path of an object, which ends in a dot")
	}
	if utf8.RuneCountInString(path) > maxName {
		return "", fmt.Errorf("has more than %d characters", maxName)
	}
	if err := checkName(stem); err != nil {
		return "", err
	}
	return stem[strings.LastIndexByte(stem, '.')+1:], nil
}

// instance reports whether the last part of a path names an instance: by its
// number, or by its alias in brackets.
func instance(last string) bool {
	if strings.HasPrefix(last, "[") && strings.HasSuffix(last, "]") {
		return true
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}
